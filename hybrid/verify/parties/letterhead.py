"""Letterheads: the block at the head of the first page, of who sends a document."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from hybrid.document import Document
from hybrid.schema import letters_and_digits
from hybrid.verify.keys.printed_keys import KeyedPages
from hybrid.verify.parties.address_lines import is_whole_address, parted
from hybrid.verify.parties.blocks import Block, IsKey, block_from, is_name
from hybrid.verify.parties.document_kinds import LARGER, usual_height
from hybrid.verify.parties.party import may_be_a_name

_HEIGHT = 0.3
"""Of a page, in which the letterhead is looked for."""


@dataclass(frozen=True)
class Letterhead:
    """Who sends a document.

    Attributes:
        block: Name and address.
        name: As it is printed.
        is_plain: The name's letters are larger than the page's are.
    """

    block: Block
    name: str
    is_plain: bool


def letterhead(
    document: Document,
    pages: KeyedPages,
    is_key: IsKey,
    is_other_key: IsKey,
    taken: Collection[int],
) -> Letterhead | None:
    """The block at the head of the first page: its name is the largest of the lines, or the first.

    Args:
        document: For the height of its page.
        pages: The same, to be looked through.
        is_key: Whether a line begins with a key or is a title, so that a block ends above it.
        is_other_key: The same without the keys of who is looked for: "Hotel Astoria" is a hotel's name.
        taken: Indices of lines that are of others.
    """
    page = document.pages[0]
    head = [
        k
        for k, s in enumerate(pages.straight)
        if s.page == page.number
        and s.box.bottom <= _HEIGHT * page.height
        and k not in taken
        and is_name(s.text, is_other_key)
    ]
    if not head:
        return None
    first = min(head, key=lambda k: pages.straight[k].box.center[1])
    largest = max(head, key=lambda k: pages.straight[k].box.height)
    if pages.straight[largest].box.height > LARGER * pages.straight[first].box.height:
        first = largest
    # The line of who sends it in the window of an envelope, above the larger one of who receives it.
    in_one = [k for k in head if is_whole_address(pages.segments[k])]
    first = in_one[0] if in_one else first
    lines = block_from(pages, first, is_key, taken)
    is_plain = pages.straight[first].box.height > LARGER * usual_height(document)
    name = pages.segments[first].text
    if len(lines) > 1 and _is_in_full(name, pages.segments[lines[1]].text):
        lines = lines[1:]
    elif len(lines) == 1 and first not in in_one:
        # A name in large letters, whose address stands with the name once more.
        again = [k for k in head if k != first and _is_in_full(name, pages.segments[k].text)]
        blocks = [block_from(pages, k, is_key, taken) for k in again]
        lines = next((block for block in blocks if len(block) > 1), lines)
    return Letterhead(Block(lines), parted(pages.segments[lines[0]])[0].text, is_plain)


def _is_in_full(name: str, other: str) -> bool:
    """Whether another line is a name in full: "Northbridge Metals Inc." of "NORTHBRIDGE"."""
    short, full = letters_and_digits(name), letters_and_digits(other)
    return full.startswith(short) and may_be_a_name(other)

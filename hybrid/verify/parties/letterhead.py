"""Letterheads: the block at the head of the first page, of who sends a document."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hybrid.document import Document
from hybrid.schema import letters_and_digits
from hybrid.verify.keys.printed_keys import KeyedPages
from hybrid.verify.parties.address_lines import is_whole_address, parted
from hybrid.verify.parties.blocks import Block, IsKey, block_from, is_name
from hybrid.verify.parties.document_kinds import LARGER, kind_lines, usual_height
from hybrid.verify.parties.party import may_be_a_name

_HEIGHT = 0.3
"""Of a page, in which the letterhead is looked for."""
_SAME_HEIGHT = 1.1
"""Between two lines of one name, times."""
_IN_ONE_NAME = 0.5
"""Line heights between them, at most."""
_KEYS_ABOVE = 3
"""Lines that begin with keys, below which there is no letterhead."""


@dataclass(frozen=True)
class Letterhead:
    """Who sends a document.

    Attributes:
        block: Name and address.
        name: As it is printed.
        is_plain: The name's letters are larger than the page's are.
        has_address: It stands in the block, or in the line.
    """

    block: Block
    name: str
    is_plain: bool
    has_address: bool


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
    own = [
        (k, s)
        for k, s in enumerate(pages.straight)
        if s.page == page.number and s.box.bottom <= _HEIGHT * page.height
    ]
    kinds = {own[n][0] for n in kind_lines([s for _, s in own])}
    keys = sorted(s.box.top for k, s in own if is_key(s.text))
    end = keys[_KEYS_ABOVE] if len(keys) > _KEYS_ABOVE else page.height
    head = [
        k
        for k, s in own
        if k not in taken and k not in kinds and s.box.top <= end and is_name(s.text, is_other_key)
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
    usual = usual_height(document)
    is_plain = pages.straight[first].box.height > LARGER * usual
    name = pages.segments[first].text
    if len(lines) > 1 and _is_in_full(name, pages.segments[lines[1]].text):
        lines = lines[1:]
    elif len(lines) == 1 and first not in in_one:
        # A name in large letters, whose address stands with the name once more.
        again = [
            k
            for k, s in own
            if k != first and k not in taken and _is_in_full(name, pages.segments[k].text)
        ]
        blocks = [block_from(pages, k, is_key, taken) for k in again]
        lines = next((block for block in blocks if len(block) > 1), ())
        lines = lines or _in_one_line(pages, page.number, name) or (first,)
    whole, rest = parted(pages.segments[lines[0]])
    has_address = len(lines) > 1 or rest is not None
    names = 2 if is_plain and _is_in_two_lines(pages, lines, usual) else 1
    return Letterhead(Block(lines, names=names), whole.text, is_plain, has_address)


def _in_one_line(pages: KeyedPages, page: int, name: str) -> tuple[int, ...]:
    """The first line of a page that is a name in full and its address, as at the foot; () where none is."""
    for k, segment in enumerate(pages.segments):
        is_its = segment.page == page and _is_in_full(name, parted(segment)[0].text)
        if is_its and is_whole_address(segment):
            return (k,)
    return ()


def _is_in_two_lines(pages: KeyedPages, lines: Sequence[int], usual: float) -> bool:
    """Whether the second line of a block is right below the first and has the same large letters."""
    boxes = [pages.straight[k].box for k in lines[:2]]
    heights = [box.height for box in boxes]
    if len(boxes) == 1 or boxes[1].top - boxes[0].bottom > _IN_ONE_NAME * heights[0]:
        return False
    return LARGER * usual < min(heights) > max(heights) / _SAME_HEIGHT


def _is_in_full(name: str, other: str) -> bool:
    """Whether another line is a name in full: "Northbridge Metals Inc." of "NORTHBRIDGE"."""
    short, full = letters_and_digits(name), letters_and_digits(other)
    return full.startswith(short) and may_be_a_name(other)

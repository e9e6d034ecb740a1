"""Blocks of lines: those under "Bill to", and the letterhead, from which parties are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hybrid.document import BoundingBox, Document, Segment
from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.parties import Party, every_title, is_contact, is_title, party_of
from hybrid.verify.places import line_below
from hybrid.verify.printed_keys import KeyedPages, is_a_key, printed_key

IsKey = Callable[[str], bool]

_UNDER_TITLE = 0.65
"""Belief in a party below its title, as in any text beside its key (`hybrid.verify.keys`)."""
_AT_HEAD = 0.5
"""At the head of a page: the name is right on 260 of SROIE's 532 `fit` receipts."""
_MOST_LINES = 6
_CLOSE = 1.2
"""Line heights between two lines of a block, at most."""
_FIRST = 2.0
"""Line heights between a title and the first line of its block, at most."""
_ALIGNED = 1.0
"""Line heights between the left edges of a block's lines, at most."""
_HEAD = 0.3
"""Of a page's height, in which the letterhead is looked for."""
_LARGER = 1.15
"""Times as high as the first line is a line that is the name in its place."""
_KINDS = re.compile(
    r"(?:tax |vat |sales |pro ?forma |commercial |official |cash |final |original |copy )*"
    r"(?:invoice|receipt|bill|statement|credit note|delivery note|packing list|purchase order|order|quote|quotation|"
    r"rechnung|quittung|lieferschein|gutschrift|angebot|auftragsbestätigung|kontoauszug|facture|factura|fattura|"
    r"original|copy|duplicate|page \d+.*)",
    re.IGNORECASE,
)
"""What a document is called, often larger than who sends it."""


@dataclass(frozen=True)
class Block:
    """Lines of one party.

    Attributes:
        lines: Indices of segments, from top to bottom; the first one is the name.
        start: Characters of the first one that are its title.
    """

    lines: tuple[int, ...]
    start: int = 0


def party_candidates(
    document: Document, pages: KeyedPages, leaf: Leaf, party: Party, schema: FieldSchema
) -> list[Candidate]:
    """A party's name, or its address, from the blocks that may be its own.

    Args:
        document: For the heights of its pages.
        pages: The same, to be looked through.
        leaf: The name or the address.
        party: Whose.
        schema: Of the leaf. No line of a block begins with one of its keys, and where it asks for the
            name as well, the address is what follows it.
    """
    keys = [printed_key(key) for x in schema.leaves for key in x.keys]

    def is_key(text: str) -> bool:
        return is_a_key(text, keys) or is_title(text)

    with_name = any(
        (other := party_of(x, schema)) and (other.path, other.part) == (party.path, "name")
        for x in schema.leaves
    )
    blocks, belief = list(_titled(pages, party.titles, is_key)), _UNDER_TITLE
    if not blocks and party.sends:
        blocks, belief = list(_letterhead(document, pages, is_key)), _AT_HEAD
    found: list[Candidate] = []
    for block in blocks:
        lines, start = [pages.segments[k] for k in block.lines], block.start
        if party.part == "name":
            lines = lines[:1]
        elif with_name:
            lines, start = lines[1:], 0
        if lines:
            found += read_candidates(lines, leaf, belief, start)
    return found


def _titled(pages: KeyedPages, titles: Sequence[str], is_key: IsKey) -> Iterator[Block]:
    for index, segment in enumerate(pages.segments):
        if segment.id in pages.headings:
            continue
        if is_title(segment.text, titles):
            first = line_below(pages.straight, index, (), _FIRST, _is_aligned)
            if first is not None and not is_key(pages.segments[first].text):
                lines = _block(pages, first, is_key)
                if lines:
                    yield Block(lines)
        elif (start := _title_in_line(segment.text, titles)) and not is_contact(segment.text):
            yield Block(_block(pages, index, is_key, begun=True), start)


def _letterhead(document: Document, pages: KeyedPages, is_key: IsKey) -> Iterator[Block]:
    """The block at the head of the first page: its name is the largest of the lines, or the first."""
    page = document.pages[0]
    of_others = {line for block in _titled(pages, every_title(), is_key) for line in block.lines}
    head = [
        k
        for k, s in enumerate(pages.straight)
        if s.page == page.number
        and s.box.bottom <= _HEAD * page.height
        and k not in of_others
        and _may_be_a_name(s, is_key)
    ]
    if not head:
        return
    first = min(head, key=lambda k: pages.straight[k].box.center[1])
    largest = max(head, key=lambda k: pages.straight[k].box.height)
    if pages.straight[largest].box.height > _LARGER * pages.straight[first].box.height:
        first = largest
    yield Block(_block(pages, first, is_key))


def _may_be_a_name(segment: Segment, is_key: IsKey) -> bool:
    text = segment.text.strip()
    letters = sum(map(str.isalpha, text))
    return letters >= 3 and not (_KINDS.fullmatch(text) or is_contact(text) or is_key(text))


def _block(pages: KeyedPages, first: int, is_key: IsKey, begun: bool = False) -> tuple[int, ...]:
    """The lines that follow a first one closely and begin, end or are centred where it is."""
    texts, straight = pages.segments, pages.straight
    if not begun and is_contact(texts[first].text):
        return ()
    lines, seen = [first], [first]
    while len(lines) < _MOST_LINES:
        following = line_below(straight, seen[-1], seen, _CLOSE, _is_aligned)
        if following is None or is_key(texts[following].text):
            break
        seen.append(following)
        if not is_contact(texts[following].text):
            lines.append(following)
        elif len(lines) > 1:  # a number between name and address is no end of the block
            break
    return tuple(lines)


def _is_aligned(above: BoundingBox, below: BoundingBox, height: float) -> bool:
    apart = (
        above.left - below.left,
        above.center[0] - below.center[0],
        above.right - below.right,
    )
    return min(map(abs, apart)) <= _ALIGNED * height


def _title_in_line(text: str, titles: Sequence[str]) -> int:
    """Characters of a text up to what follows a title and a colon; 0 where it does not begin so."""
    match = _any_title(tuple(titles)).match(text)
    return match.end() if match else 0


@lru_cache(maxsize=256)
def _any_title(titles: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(titles, key=len, reverse=True)
    either = "|".join(f"(?:{printed_key(title).pattern})" for title in longest)
    return re.compile(rf"\s*(?:{either})\s*[:：]\s*(?=\S)", re.IGNORECASE)

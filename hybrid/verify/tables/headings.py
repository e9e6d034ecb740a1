"""Headings: the row of a table that names its columns, for a list that no checkpoint knows.

"Qty | Description | Unit price" over rows of values says what each of them is, as a key beside a value
does. A heading that the schema does not ask for bounds its neighbours, so it is a column too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz

from hybrid.document import BoundingBox, Segment, segment_of
from hybrid.schema import Leaf, plain_words
from hybrid.verify.keys.likeness import names_in
from hybrid.verify.tables.tick_columns import tick_columns
from hybrid.verify.values import CURRENCY

_SHORT = {
    "amt": "amount", "descr": "description", "desc": "description", "nbr": "no", "nr": "no",
    "num": "no", "number": "no", "nummer": "no", "pos": "position", "qnty": "quantity",
    "disc": "discount", "qty": "quantity", "ref": "reference", "uom": "unit", "wt": "weight",
}  # fmt: skip
"""What headings have no room for."""
_INITIALS = {
    "g.w": "gross weight", "g/w": "gross weight", "n.w": "net weight", "n/w": "net weight",
    "p/n": "part no", "s/n": "serial no", "u.p": "unit price", "u/p": "unit price",
}  # fmt: skip
_NUMBER = re.compile(
    rf"(?!(?:19|20)\d\d$)(?:{CURRENCY}\s?)?[-+−]?\d[\d.,'’ ]*(?:\s?{CURRENCY})?", re.IGNORECASE
)
"""A cell that names no column, nor does the one to its left: "Total VAT | 12.00"; a year may be one."""
_SUMS = frozenset(
    {"total", "totaal", "totale", "summe", "gesamt", "net", "netto", "gross", "brutto"}
)
"""Words that go with the next one."""
_INITIAL = re.compile(r"(?<!\w)[a-z][./][a-z](?!\w)")
SAME = 0.86
"""Likeness from which on a heading is spelled like a key."""
_LONGER = 0.8
"""Likeness of "Net amount" to the key "amount"."""
_SHORTER = 0.75
"""Likeness of "Price" to the key "unit price"."""
_MOST_WORDS = 5
"""Of a heading that is not spelled like a key as a whole."""
_CELL_GAP = 1.2
"""Line heights between two words of one line that stand in different cells."""
_STACKED = 0.8
"""Line heights, at most, between two lines of one heading."""


@dataclass(frozen=True)
class Column:
    """One heading.

    Attributes:
        leaf: That stands below it, or None where the schema does not ask for it.
        likeness: Of the heading and the leaf's key, 0 to 1.
        box: Of the heading, in page units.
        choice: The heading itself, where it is one of the leaf's choices and rows have marks below it.
    """

    leaf: Leaf | None
    likeness: float
    box: BoundingBox
    choice: Segment | None = None


@dataclass(frozen=True)
class Headings:
    """A row of headings.

    Attributes:
        page: Its page's number, from 1.
        columns: From left to right.
        bottom: Lower edge, in page units.
        segments: Ids of the segments that it consists of.
        span: Left and right bound of the table below, in page units, where others stand beside it.
    """

    page: int
    columns: tuple[Column, ...]
    bottom: float
    segments: frozenset[int]
    span: tuple[float, float] = (float("-inf"), float("inf"))

    @property
    def likeness(self) -> float:
        """Sum over the columns: of several lists that one row may head the likeliest has it."""
        return sum(c.likeness for c in self.columns)

    def is_over(self, segment: Segment) -> bool:
        """Whether a segment of the page is within the table's bounds from left to right."""
        return self.span[0] <= segment.box.center[0] < self.span[1]


def find_headings(pages: Sequence[Sequence[Segment]], leaves: Sequence[Leaf]) -> list[Headings]:
    """The rows that name at least two of a list's leaves, in reading order.

    Args:
        pages: The segments of each, straight (`hybrid.verify.skew`).
        leaves: Of one list.

    Returns:
        One after the other, also where a table repeats its headings on each page. At least one
        leaf's key is printed as it is; two rows are taken together where that is likelier than
        either alone.
    """
    found: list[Headings] = []
    for page in pages:
        rows = [cells_of(row) for row in rows_of(page)]
        alone = [headings_in(page[0].page, [row], leaves) for row in rows]
        number = 0
        while number < len(rows):
            best, own = alone[number], 1
            if number + 1 < len(rows):
                both = headings_in(page[0].page, rows[number : number + 2], leaves)
                if _likeness(both) > max(_likeness(h) for h in alone[number : number + 2]):
                    best, own = both, 2
            number += own
            if best is not None:
                found.append(best)
    return found


def _likeness(headings: Headings | None) -> float:
    return headings.likeness if headings is not None else 0.0


def rows_of(segments: Sequence[Segment]) -> list[list[Segment]]:
    """A page's segments by row, from top to bottom, each from left to right.

    A segment is in a row if it is at the height of the one that is next to it there, so that rows of
    a page that is a little bent stay together.
    """
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: s.box.center[1]):
        for row in reversed(rows[-3:]):
            next_to = min(row, key=lambda other: _gap(other.box, segment.box))
            apart = _gap(next_to.box, segment.box) >= 0
            if apart and next_to.box.shares_row(segment.box):
                row.append(segment)
                break
        else:
            rows.append([segment])
    return [sorted(row, key=lambda s: s.box.left) for row in rows]


def _gap(first: BoundingBox, second: BoundingBox) -> float:
    """Blank between two boxes from left to right; negative where they overlap by more than a bit."""
    gap = max(first.left, second.left) - min(first.right, second.right)
    return max(gap, 0.0) if gap > -0.3 * min(first.height, second.height) else gap


def cells_of(row: Sequence[Segment]) -> list[Segment]:
    """A row's segments, cut where a wide gap is between two words."""
    cells: list[Segment] = []
    for segment in row:
        start = 0
        for number, (word, following) in enumerate(pairwise(segment.words), start=1):
            if following.box.left - word.box.right > _CELL_GAP * segment.box.height:
                cells.append(segment_of(segment.id, segment.page, segment.words[start:number]))
                start = number
        rest = segment.words[start:]
        cells.append(segment_of(segment.id, segment.page, rest) if start else segment)
    return cells


def headings_in(
    page: int, lines: Sequence[Sequence[Segment]], leaves: Sequence[Leaf]
) -> Headings | None:
    """One or two lines of cells as headings, or None.

    Args:
        page: Number of their page, from 1.
        lines: Each from left to right.
        leaves: Of one list.
    """
    cells = [[part for cell in line for part in _parts(cell, leaves)] for line in lines]
    barred = {number for line in cells for number in _with_numbers(line)}
    stacks = [[cell] for cell in cells[0]]
    for cell in (c for line in cells[1:] for c in line):
        above = next((s for s in stacks if is_stacked(s[-1].box, cell.box)), None)
        if above is None:
            stacks.append([cell])
        else:
            above.append(cell)
    if not any(len(stack) > 1 for stack in stacks) and len(lines) > 1:
        return None
    texts = [" ".join(cell.text for cell in stack) for stack in stacks]
    likenesses = sorted(
        (-likeness, order, place)
        for place, text in enumerate(texts)
        if barred.isdisjoint(cell.id for cell in stacks[place])
        for order, leaf in enumerate(leaves)
        if (likeness := max((heading_likeness(text, key) for key in leaf.keys), default=0.0))
    )
    chosen: dict[int, tuple[Leaf, float]] = {}
    for negative, order, place in likenesses:
        if place not in chosen and all(leaf != leaves[order] for leaf, _ in chosen.values()):
            chosen[place] = (leaves[order], -negative)
    to_tick = tick_columns(
        stacks, [x for x in leaves if all(x != y for y, _ in chosen.values())], chosen
    )
    chosen |= {place: (leaf, 1.0) for place, leaf in to_tick.items()}
    if len({leaf.path for leaf, _ in chosen.values()}) < 2:
        return None
    if max(likeness for _, likeness in chosen.values()) < SAME:
        return None
    columns: list[Column] = []
    for place, stack in enumerate(stacks):
        leaf, likeness = chosen.get(place, (None, 0.0))
        choice = stack[0] if place in to_tick else None
        columns.append(Column(leaf, likeness, BoundingBox.union_of(c.box for c in stack), choice))
    return Headings(
        page,
        tuple(sorted(columns, key=lambda c: c.box.left)),
        max(c.box.bottom for c in columns),
        frozenset(cell.id for line in lines for cell in line) - barred,
    )


def _with_numbers(line: Sequence[Segment]) -> set[int]:
    """Ids of the cells that are a number or have one, or have it to their right as a key's value."""
    found: set[int] = set()
    for number, cell in enumerate(line):
        if _NUMBER.fullmatch(cell.text):
            found.add(cell.id)
            if number and all(_NUMBER.fullmatch(c.text) for c in line if c.id == cell.id):
                found.add(line[number - 1].id)
    return found


def is_stacked(upper: BoundingBox, lower: BoundingBox) -> bool:
    """Whether a box is the next line of the heading above it."""
    gap = lower.top - upper.bottom
    return upper.horizontal_overlap(lower) > 0.5 and gap < _STACKED * upper.height


def _parts(cell: Segment, leaves: Sequence[Leaf]) -> Iterator[Segment]:
    """A cell that holds the keys of several leaves, as OCR runs headings into one line, cut at them."""
    words = [_words(word.text) for word in cell.words]
    keys = {leaf: [_words(key) for key in leaf.keys] for leaf in leaves}
    cuts: list[int] = []
    seen: set[Leaf] = set()
    number = 0
    while number < len(words):
        longest, of = 0, None
        for leaf, spelled in keys.items():
            for key in spelled:
                count = _spelled_from(words, number, key)
                # "Total deductions" are not two columns.
                is_sum = len(key) == 1 and key[0] in _SUMS and number + count < len(words)
                if count > longest and not is_sum:
                    longest, of = count, leaf
        if of is not None:
            seen.add(of)
            cuts += [number, number + longest]
        number += longest or 1
    if len(seen) < 2:
        yield cell
        return
    edges = sorted({0, *cuts, len(words)})
    for start, end in pairwise(edges):
        yield segment_of(cell.id, cell.page, cell.words[start:end])


def _spelled_from(words: Sequence[Sequence[str]], start: int, key: Sequence[str]) -> int:
    """How many words from `start` on spell a key; 0 where they do not."""
    spelled: list[str] = []
    for count, parts in enumerate(words[start:], start=1):
        spelled += parts
        if list(key[: len(spelled)]) != spelled:
            return 0
        if key and len(spelled) == len(key):
            return count
    return 0


def heading_likeness(text: str, key: str) -> float:
    """How far a heading is a key, 0 to 1.

    1 for the same words ("Qty." is "quantity", and so is "Qty / Menge"), less for one that has words more or less ("Net
    amount" or "Price" for "unit price"), 0 for others and for what ends with a colon, which
    is the key of a value to its right.
    """
    if text.rstrip().endswith((":", "：")):
        return 0.0
    ours, theirs = _words(key), _words(text)
    if not ours or not theirs:
        return 0.0
    if any(_words(name) == ours for name in names_in(text)):  # in two languages
        return 1.0
    same = fuzz.ratio("".join(ours), "".join(theirs)) / 100
    if same >= SAME:
        return same
    if len(theirs) > _MOST_WORDS:
        return 0.0
    if set(ours) <= set(theirs):
        return _LONGER
    return _SHORTER if set(theirs) <= set(ours) else 0.0


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[str, ...]:
    spelled = _INITIAL.sub(lambda m: _INITIALS.get(m[0], m[0]), plain_words(text))
    words = re.findall(r"[^\W_]+", spelled)
    return tuple(part for word in words for part in _SHORT.get(word, word).split())

"""Grids: tables as they stand on the page, of which nobody has said yet what their columns are.

A row of short texts without digits, over rows of cells in the same columns, is a table in any language.
What the columns mean is told by their headings (`headings.py`) or asked of an LLM (`name_columns.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from hybrid.document import BoundingBox, Segment
from hybrid.schema import Leaf
from hybrid.verify.tables.headings import Column, Headings, cells_of, is_stacked, rows_of

_NEAR = 3.0
"""Line heights from one row to the next, at most."""
_LONGEST = 60
"""Characters of a heading."""
_MOST_COLUMNS = 16
_MOST_ROWS = 30
"""Below the headings that are looked at."""

Texts = tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """A table with headings that nobody has understood yet.

    Attributes:
        page: Its page's number, from 1.
        names: Of the columns, from left to right, each another one: a second "Amount" is "Amount (2)".
        boxes: Around the headings, in page units.
        rows: Texts of the cells below, one a column, "" where there is none; only rows of which at
            least half of the columns have a cell.
        segments: Ids of the segments that the headings consist of.
    """

    page: int
    names: Texts
    boxes: tuple[BoundingBox, ...]
    rows: tuple[Texts, ...]
    segments: frozenset[int]

    def named(self, leaves: Mapping[str, Leaf], likeness: float) -> Headings:
        """The grid as headings.

        Args:
            leaves: By the name of the column that they stand in.
            likeness: Of each of these headings to its leaf's key, 0 to 1.
        """
        columns = (
            Column(leaves.get(name), likeness if name in leaves else 0.0, box)
            for name, box in zip(self.names, self.boxes, strict=True)
        )
        bottom = max(box.bottom for box in self.boxes)
        return Headings(self.page, tuple(columns), bottom, self.segments)


def find_grids(pages: Sequence[Sequence[Segment]], least: int) -> list[Grid]:
    """The tables of a document, in reading order.

    Args:
        pages: The segments of each, straight (`hybrid.verify.skew`).
        least: Columns that a table has at least.

    Returns:
        Also what only looks like one, as a form's row of captions over values.
    """
    return [grid for page in pages for grid in _grids_of(page, least)]


def _grids_of(page: Sequence[Segment], least: int) -> Iterator[Grid]:
    lines = [cells_of(row) for row in rows_of(page)]
    second: Sequence[Segment] = ()
    for number, line in enumerate(lines):
        fits = max(least, 2) <= len(line) <= _MOST_COLUMNS and all(map(_may_head, line))
        if not fits or line is second:
            continue
        below = lines[number + 1 : number + 2 + _MOST_ROWS]
        stacks = [[cell] for cell in line]
        if below and (wrapped := _stacked(stacks, below[0])):
            stacks, second, below = wrapped, below[0], below[1:]
        boxes = tuple(BoundingBox.union_of(cell.box for cell in stack) for stack in stacks)
        rows = tuple(_rows_below(boxes, below[:_MOST_ROWS]))
        # Without a single digit it is a page's head or running text, and one row is a form's.
        if len(rows) > 1 and any(c.isdigit() for row in rows for text in row for c in text):
            names = _different(" ".join(cell.text for cell in stack) for stack in stacks)
            ids = frozenset(cell.id for stack in stacks for cell in stack)
            yield Grid(page[0].page, names, boxes, rows, ids)


def _may_head(cell: Segment) -> bool:
    text = cell.text.strip()
    return len(text) <= _LONGEST and not text.endswith((":", "：")) and not _has_digit(text)


def _has_digit(text: str) -> bool:
    return any(c.isdigit() for c in text)


def _stacked(
    stacks: Sequence[Sequence[Segment]], line: Sequence[Segment]
) -> list[list[Segment]] | None:
    """Headings with their second lines, where all of the next line are such; fewer than there are columns."""
    if len(line) >= len(stacks) or not all(map(_may_head, line)):
        return None
    joined = [list(stack) for stack in stacks]
    for cell in line:
        above = next((s for s in joined if is_stacked(s[-1].box, cell.box)), None)
        if above is None:
            return None
        above.append(cell)
    return joined


def _rows_below(
    boxes: Sequence[BoundingBox], lines: Sequence[Sequence[Segment]]
) -> Iterator[Texts]:
    """The lines that stand below headings and have cells in half of their columns or more."""
    bottom = max(box.bottom for box in boxes)
    for line in lines:
        if min(cell.box.top for cell in line) - bottom > _NEAR * line[0].box.height:
            return
        texts: dict[int, list[str]] = {}
        for cell in line:
            place = max(range(len(boxes)), key=lambda k: _shared(boxes[k], cell.box))
            texts.setdefault(place, []).append(cell.text)
        if len(texts) > 1 and 2 * len(texts) >= len(boxes):
            yield tuple(" ".join(texts.get(k, ())) for k in range(len(boxes)))
        bottom = max(bottom, *(cell.box.bottom for cell in line))


def _shared(heading: BoundingBox, cell: BoundingBox) -> float:
    """Width that both have; negative by the blank between them."""
    return min(heading.right, cell.right) - max(heading.left, cell.left)


def _different(names: Iterator[str]) -> Texts:
    counts: dict[str, int] = {}
    found: list[str] = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        found.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return tuple(found)

"""Table rows: the cells of a line below headings, each in the column that it fits best.

Columns are aligned at their left edges, right edges or middles, and cells do not cross; with that a
line is put into columns at the least cost (dynamic programming, as sequences are aligned: Needleman and
Wunsch 1970). Nothing is learned.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from hybrid.document import BoundingBox, Segment, Word, segment_of
from hybrid.schema import Leaf, LeafKind
from hybrid.verify.dates import find_days
from hybrid.verify.tables.headings import Column, cells_of
from hybrid.verify.tables.tick_columns import is_marked
from hybrid.verify.values import find_spans

_STRAY = 3.0
"""Line heights that a cell of a column may be beside the place below its heading."""
_ANOTHER = 0.5
"""Line heights that a second cell in one column costs: words of a line that was torn stay together."""
_MOST_WORDS = 3
"""Of a cell that may be two columns': a longer one is a text that reaches below the next heading."""
_OTHER_TYPE = 4.0
"""Line heights that a cell costs which cannot be read as its column's type."""
_BLANK = re.compile(r"[-–—./]*|n/?a", re.IGNORECASE)

Cells = dict[Column, list[Segment]]


@dataclass
class Row:
    """A row of cells by column.

    Attributes:
        cells: Of the columns that a leaf stands in.
        box: Around the whole row.
        typed: How many values other than texts it has.
        elsewhere: How many columns that no leaf stands in have digits.
        misread: How many columns have something else than a value of their type.
        strays: How many cells stand below no heading.
        runs_on: It has a cell below several headings that is no row of values: running text.
    """

    cells: Cells
    box: BoundingBox
    typed: int
    elsewhere: int
    misread: int
    strays: int
    runs_on: bool


def read_row(line: Sequence[Segment], columns: Sequence[Column]) -> Row:
    """A line's cells, each in the column that it fits best, from left to right."""
    whole = [piece for cell in cells_of(line) for piece in _apart(cell, columns)]
    cut = [cell for cell in whole if _is_below_several(cell, columns)]
    pieces = [piece for cell in whole for piece in (_words(cell) if cell in cut else [cell])]
    cells: Cells = {}
    typed = elsewhere = misread = strays = 0
    of_type: set[int] = set()
    for column, put in _assigned(pieces, columns).items():
        own = [cell for cell in put if _off(cell, column) <= _STRAY]
        strays += len(put) - len(own)
        if all(_BLANK.fullmatch(c.text) for c in own):
            continue
        if column.leaf is None:
            elsewhere += any(c.isdigit() for cell in own for c in cell.text)
            continue
        if column.leaf.kind is not LeafKind.TEXT:
            if not (_reads(own, column.leaf) if column.choice is None else is_marked(own)):
                misread += 1
                continue
            typed += 1
            of_type |= {c.id for c in own}
        cells[column] = own
    full = typed_columns(columns)
    runs_on = any(cell.id not in of_type or typed < full for cell in cut)
    box = BoundingBox.union_of(s.box for s in line)
    return Row(cells, box, typed, elsewhere, misread, strays, runs_on)


def _apart(cell: Segment, columns: Sequence[Column]) -> list[Segment]:
    """A short cell that is two columns', "221 H" below "Result" and "Flag", as two."""
    if not 1 < len(cell.words) <= _MOST_WORDS:
        return [cell]
    for cut in range(1, len(cell.words)):
        pieces = [
            segment_of(cell.id, cell.page, words) for words in (cell.words[:cut], cell.words[cut:])
        ]
        below = [
            {k for k, c in enumerate(columns) if piece.box.horizontal_overlap(c.box) > 0.5}
            for piece in pieces
        ]
        if all(len(own) == 1 for own in below) and below[0] != below[1]:
            return pieces
    return [cell]


def typed_columns(columns: Sequence[Column]) -> int:
    """How many columns hold numbers, dates and the like, not texts; those to tick are one."""
    return len(
        {c.leaf.path for c in columns if c.leaf is not None and c.leaf.kind is not LeafKind.TEXT}
    )


def _is_below_several(cell: Segment, columns: Sequence[Column]) -> bool:
    below = sum(cell.box.left < c.box.center[0] < cell.box.right for c in columns)
    return below > 1 and len(cell.words) > 1


def _words(cell: Segment) -> list[Segment]:
    return [segment_of(cell.id, cell.page, [word]) for word in cell.words]


def _assigned(cells: Sequence[Segment], columns: Sequence[Column]) -> Cells:
    """The cheapest way to put cells into columns without crossing."""
    costs: list[list[float]] = []
    ways: list[list[int]] = []
    for number, cell in enumerate(cells):
        row: list[float] = []
        way: list[int] = []
        for k, column in enumerate(columns):
            cost = _cost(cell, column)
            if number == 0:
                row.append(cost)
                way.append(-1)
                continue
            torn = 0.0 if cells[number - 1].id == cell.id else _ANOTHER
            before = [costs[-1][j] + (torn if j == k else 0.0) for j in range(k + 1)]
            best = min(range(k + 1), key=before.__getitem__)
            row.append(before[best] + cost)
            way.append(best)
        costs.append(row)
        ways.append(way)
    found: Cells = {}
    if not cells:
        return found
    place = min(range(len(columns)), key=costs[-1].__getitem__)
    for number in range(len(cells) - 1, -1, -1):
        found.setdefault(columns[place], []).insert(0, cells[number])
        place = ways[number][place]
    return found


def _cost(cell: Segment, column: Column) -> float:
    """How badly a cell fits below a heading, in line heights."""
    leaf = column.leaf
    fits = leaf is None or leaf.kind is LeafKind.TEXT or _reads([cell], leaf)
    if column.choice is not None:
        fits = is_marked([cell])
    return _off(cell, column) + (0.0 if fits else _OTHER_TYPE)


def _off(cell: Segment, column: Column) -> float:
    """How far a cell is from the place below a heading, in line heights.

    0 below it; else the smallest of the distances between left edges, right edges and middles, as
    columns are aligned.
    """
    if cell.box.horizontal_overlap(column.box) >= 0.5:
        return 0.0
    distance = min(
        abs(cell.box.left - column.box.left),
        abs(cell.box.right - column.box.right),
        abs(cell.box.center[0] - column.box.center[0]),
    )
    return distance / max(min(cell.box.height, column.box.height), 1e-6)


def _reads(cells: Sequence[Segment], leaf: Leaf) -> bool:
    return _holds(" ".join(cell.text for cell in cells), leaf)


@lru_cache(maxsize=4096)
def _holds(text: str, leaf: Leaf) -> bool:
    """Whether a text holds a value of the leaf's type."""
    return bool(find_spans(text, leaf)) or (leaf.kind is LeafKind.DATE and _is_day(text))


def _is_day(text: str) -> bool:
    """Whether a text is nothing but a date without its year."""
    return any(end - start == len(text.strip()) for start, end, _, _ in find_days(text.strip()))


def joined(cells: Iterable[Segment], printed: Mapping[int, Word]) -> list[Segment]:
    """Cells as segments; neighbouring pieces of one segment become one again.

    Args:
        cells: In reading order.
        printed: Word id to the word as it stands on the page.
    """
    return [
        segment_of(number, page, [printed[word.id] for piece in pieces for word in piece.words])
        for (number, page), pieces in groupby(cells, key=lambda c: (c.id, c.page))
    ]

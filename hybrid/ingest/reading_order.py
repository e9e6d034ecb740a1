"""Reading order: rows from top to bottom, columns where a clear gutter divides the page."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TypeVar

from hybrid.document import BoundingBox

ItemT = TypeVar("ItemT")

_MIN_COLUMN_ROWS = 5
"""Fewer rows on one side of a gap are a table or key and value, which are read row by row."""
_MIN_COLUMN_SHARE = 0.35
_MAX_DEPTH = 4


def reading_order(items: Sequence[tuple[BoundingBox, ItemT]]) -> list[ItemT]:
    """Sorts items as a person reads them.

    Rows are items that overlap by half of their height; rows go from top to bottom and each from
    left to right. Where an empty vertical strip divides the page into two text columns (each of
    several rows, wide lines of prose), the left column comes first: a simple XY-cut (Nagy and
    Seth, 1984). Receipts and tables, whose right-hand cells are short, are read by rows.

    Args:
        items: Boxes of one page with anything.
    """
    return [item for _, item in _ordered(list(items), 0)]


def _ordered(items: list[tuple[BoundingBox, ItemT]], depth: int) -> list[tuple[BoundingBox, ItemT]]:
    if depth < _MAX_DEPTH:
        for top, middle, bottom in _column_blocks(items):
            cut = _gutter([box for box, _ in middle])
            if cut is None:
                continue
            left = [i for i in middle if i[0].center[0] < cut]
            right = [i for i in middle if i[0].center[0] >= cut]
            parts = (top, left, right, bottom)
            return [i for part in parts for i in _ordered(part, depth + 1)]
    return _by_rows(items)


def _column_blocks(
    items: list[tuple[BoundingBox, ItemT]],
) -> list[tuple[list[tuple[BoundingBox, ItemT]], ...]]:
    """(above, between, below) with full-width lines at the edges of the page set apart."""
    if len(items) < 2 * _MIN_COLUMN_ROWS:
        return []
    rows = sorted(items, key=lambda item: item[0].top)
    left = min(box.left for box, _ in rows)
    right = max(box.right for box, _ in rows)
    middle = (left + right) / 2
    crossing = [box.left < middle - 1 and box.right > middle + 1 for box, _ in rows]
    start = next((i for i, c in enumerate(crossing) if not c), len(rows))
    end = next((i for i in range(len(rows), 0, -1) if not crossing[i - 1]), 0)
    return [(rows[:start], rows[start:end], rows[end:])]


def _gutter(boxes: list[BoundingBox]) -> float | None:
    """X of an empty strip with a column of prose on either side, or None."""
    if len(boxes) < 2 * _MIN_COLUMN_ROWS:
        return None
    left = min(b.left for b in boxes)
    width = max(b.right for b in boxes) - left
    reach = -1e9
    best: tuple[float, float] | None = None
    for box in sorted(boxes, key=lambda b: b.left):
        if reach > -1e9 and box.left - reach > 0:
            gap = (box.left - reach, (box.left + reach) / 2)
            best = max(best or gap, gap)
        reach = max(reach, box.right)
    if best is None or best[0] < 0.5 * median(b.height for b in boxes):
        return None
    cut = best[1]
    for side in ([b for b in boxes if b.right <= cut], [b for b in boxes if b.left >= cut]):
        span = max(b.right for b in side) - min(b.left for b in side)
        wide = median(b.width for b in side)
        if len(side) < _MIN_COLUMN_ROWS or span < _MIN_COLUMN_SHARE * width or wide < 0.6 * span:
            return None
    return cut


def _by_rows(items: list[tuple[BoundingBox, ItemT]]) -> list[tuple[BoundingBox, ItemT]]:
    rows: list[list[tuple[BoundingBox, ItemT]]] = []
    for item in sorted(items, key=lambda i: (i[0].center[1], i[0].left)):
        # Compared with the row's last item, so that a slightly rotated row holds together.
        if rows and rows[-1][-1][0].shares_row(item[0]):
            rows[-1].append(item)
        else:
            rows.append([item])
    return [item for row in rows for item in sorted(row, key=lambda i: i[0].left)]

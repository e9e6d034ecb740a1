"""Reading order of boxes: rows from top to bottom, columns one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from hybrid.document import BoundingBox

# A column of running text has at least this many lines, and this share of the region's width.
_MIN_COLUMN_LINES = 3
_MIN_COLUMN_SHARE = 0.25
# Lines of running text fill their column; keys and values, or items and prices, do not.
_FULL_LINE_SHARE = 0.7
# How many of the rows made last a box may still join (tall boxes make rows overlap).
_OPEN_ROWS = 4


def reading_order(boxes: Sequence[BoundingBox]) -> list[int]:
    """Sorts the boxes of one page as a person reads them.

    A region is cut in two at a clear gutter between columns of running text, left part first;
    else at its widest horizontal gaps, top part first; what cannot be cut is read in rows. Receipts,
    forms and tables have gutters too, but their rows belong together: a gutter only counts between
    columns whose lines fill them, or whose rows do not stand beside each other.

    Args:
        boxes: Of one page, in any order; units do not matter, origin top-left.

    Returns:
        Positions in `boxes`, in reading order; each exactly once.
    """
    result: list[int] = []
    pending = [list(range(len(boxes)))]
    while pending:
        region = pending.pop()
        parts = _columns(region, boxes) or _bands(region, boxes)
        if len(parts) > 1:
            pending.extend(reversed(parts))
        else:
            result.extend(position for row in rows(region, boxes) for position in row)
    return result


def rows(region: Sequence[int], boxes: Sequence[BoundingBox]) -> list[list[int]]:
    """Groups boxes into rows, top to bottom, each row from left to right.

    Two boxes are on one row when their centres differ by at most half of the lower one's height;
    a box is compared with the row's horizontally nearest box, so that a slight skew does no harm.
    """
    found: list[list[int]] = []
    for position in sorted(region, key=lambda p: (boxes[p].center[1], boxes[p].left)):
        box = boxes[position]
        for row in reversed(found[-_OPEN_ROWS:]):
            nearest = min(row, key=lambda p: abs(boxes[p].center[0] - box.center[0]))
            if _same_row(boxes[nearest], box) and boxes[nearest].horizontal_overlap(box) < 0.5:
                row.append(position)
                break
        else:
            found.append([position])
    for row in found:
        row.sort(key=lambda p: (boxes[p].left, p))
    return found


def _same_row(one: BoundingBox, other: BoundingBox) -> bool:
    return abs(one.center[1] - other.center[1]) <= min(one.height, other.height) / 2


def _gaps(intervals: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The empty spaces between intervals that are sorted by their start."""
    gaps = []
    end = intervals[0][1]
    for start, stop in intervals[1:]:
        if start > end:
            gaps.append((end, start))
        end = max(end, stop)
    return gaps


def _bands(region: list[int], boxes: Sequence[BoundingBox]) -> list[list[int]]:
    """Cuts a region at its widest horizontal gaps, all that are about as wide as the widest."""
    gaps = _gaps(sorted((boxes[p].top, boxes[p].bottom) for p in region))
    if not gaps:
        return [region]
    widest = max(stop - start for start, stop in gaps)
    cuts = [stop for start, stop in gaps if stop - start >= widest / 2]
    edges = [float("-inf"), *cuts, float("inf")]
    return [[p for p in region if top <= boxes[p].top < bottom] for top, bottom in pairwise(edges)]


def _columns(region: list[int], boxes: Sequence[BoundingBox]) -> list[list[int]]:
    """The two sides of the widest gutter that parts columns of text; empty if there is none."""
    if len(region) < 2 * _MIN_COLUMN_LINES:
        return []
    height = median(boxes[p].height for p in region)
    gaps = _gaps(sorted((boxes[p].left, boxes[p].right) for p in region))
    for start, stop in sorted(gaps, key=lambda gap: gap[0] - gap[1]):
        if stop - start < height / 2:
            break
        left = [p for p in region if boxes[p].right <= start]
        right = [p for p in region if boxes[p].left >= stop]
        if _are_columns(left, right, boxes):
            return [left, right]
    return []


def _are_columns(left: list[int], right: list[int], boxes: Sequence[BoundingBox]) -> bool:
    areas = [BoundingBox.union_of(boxes[p] for p in side) for side in (left, right)]
    whole = BoundingBox.union_of(areas)
    side_rows = [rows(side, boxes) for side in (left, right)]
    if any(len(r) < _MIN_COLUMN_LINES for r in side_rows):
        return False
    if any(area.width < _MIN_COLUMN_SHARE * whole.width for area in areas):
        return False
    if areas[0].vertical_overlap(areas[1]) < 0.5:
        return False
    return not _aligned(side_rows[0], side_rows[1], boxes) or all(
        _full(r, area, boxes) for r, area in zip(side_rows, areas, strict=True)
    )


def _aligned(left: list[list[int]], right: list[list[int]], boxes: Sequence[BoundingBox]) -> bool:
    """Whether most rows of the shorter side have a partner on the other side."""
    shorter, longer = sorted((left, right), key=len)
    centers = sorted(boxes[row[0]].center[1] for row in longer)
    partners = 0
    for row in shorter:
        box = boxes[row[0]]
        partners += any(abs(center - box.center[1]) <= box.height / 4 for center in centers)
    return partners > 0.5 * len(shorter)


def _full(side: list[list[int]], area: BoundingBox, boxes: Sequence[BoundingBox]) -> bool:
    """Whether the rows fill their column: the median row's boxes cover most of its width."""
    widths = [sum(boxes[p].width for p in row) for row in side]
    return median(widths) >= _FULL_LINE_SHARE * area.width

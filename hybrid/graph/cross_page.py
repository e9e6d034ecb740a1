"""Edges from the foot of a page to the head of the next: a table or address that goes on overleaf.

An extension of the paper's graph, which knows single pages only. Needs numpy only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hybrid.graph.visibility import Integers, centers_and_extents, integer_boxes

_COMPARED_AT_ONCE = 2**20


def free_sight(boxes: ArrayLike, *, downwards: bool) -> Integers:
    """The last boxes of a page, or the first: those with nothing beyond them in their columns.

    A box is free when no other box that begins at or beyond its centre overlaps its horizontal
    extent. The whole extent is looked at, not the ray from the centre alone: through the gap
    between two columns a wide title would see the foot of the page. As in `visible_pairs`,
    touching is no overlap and a box without area hides nothing.

    Args:
        boxes: `[n, 4]` of one page, in page units, origin top-left.
        downwards: To the bottom edge, or else to the top.

    Returns:
        `[k]` int64 indices into `boxes`, in ascending order.
    """
    centers, extents = centers_and_extents(integer_boxes(boxes))
    x, y = centers.T
    half_x, half_y = extents.T
    if not downwards:
        y = -y
    solid = (half_x > 0) & (half_y > 0)
    free = np.ones(len(x), dtype=bool)
    rows = max(1, _COMPARED_AT_ONCE // max(len(x), 1))
    for first in range(0, len(x), rows):
        part = slice(first, first + rows)
        column = np.abs(x[part, None] - x) < half_x[part, None] + half_x
        beyond = y - half_y >= y[part, None]
        free[part] = ~(column & beyond & solid).any(axis=1)
    return np.flatnonzero(free)


def cross_page_pairs(
    upper: NDArray[np.float64], lower: NDArray[np.float64], *, limit: int
) -> Integers:
    """Pairs of a box at the foot of one page and a box at the head of the next.

    Boxes with free sight to the edge between the pages (`free_sight`) are linked where their horizontal extents
    overlap. A box of the upper page that overlaps none is linked to the one with the smallest gap.

    Args:
        upper: `[n, 4]` boxes of the one page.
        lower: `[m, 4]` boxes of the next, scaled to the width of the first.
        limit: Most links of one upper box; those with the nearest centres in x are kept, so that
            two dense pages give at most `limit` times the upper page's free boxes.

    Returns:
        `[k, 2]` int64: index into `upper`, index into `lower`; sorted.
    """
    sources, targets = free_sight(upper, downwards=True), free_sight(lower, downwards=False)
    pairs: list[tuple[int, int]] = []
    if not len(targets):
        return np.empty((0, 2), dtype=np.int64)
    left, right = lower[targets, 0], lower[targets, 2]
    for source in sources:
        gap = np.maximum(left - upper[source, 2], upper[source, 0] - right)
        offset = np.abs(left + right - upper[source, 0] - upper[source, 2])
        ranked = np.lexsort((offset, np.maximum(gap, 0)))
        overlapping = ranked[gap[ranked] < 0]
        chosen = overlapping[:limit] if len(overlapping) else ranked[:1]
        pairs.extend((int(source), int(targets[k])) for k in sorted(chosen))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)

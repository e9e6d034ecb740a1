"""Which boxes of a page see each other: the edges of the page graph, exactly.

The rule of Gbada, Kalti, Mahjoub, "Information Extraction from Visually Rich Documents Using
Directed Weighted Graph Neural Network", ICDAR 2024, DOI 10.1007/978-3-031-70552-6_15: boxes are
sorted top to bottom and left to right, and a box gets an edge to each later one that no other box
hides. What the paper leaves open is settled here:

- *Integers.* A coordinate becomes `rint(coordinate * 64)` (half to even), limited to +-2**28, that
  is +-4,194,304 page units. Twice a box's centre, `(left + right, top + bottom)`, and twice its half
  extents, `(right - left, bottom - top)`, are then integers too, and everything is compared in
  those. With M = 2**28 a difference of centres is at most 4 M, an extent 2 M, so the largest number
  that occurs, a difference of two products of centre differences, is at most 2 * (4 M)**2 = 2**61:
  no overflow in int64, no rounding, the same edges from any implementation.
- *Order.* By the centre's y, then its x, then the number in the input. So an edge never points
  upwards, and its angle is from 0 (to the right) over a quarter turn (down) to half a turn (to the
  left).
- *Blocked.* The open segment between the centres meets the open interior of a third box. Touching
  an edge or a corner does not block, nor does a box without area, whose open interior is empty.
- *Containing.* A third box whose open interior contains one of the two centres does not block.
- *Equal centres.* Their segment has no length and meets nothing: such boxes see each other.

This module needs numpy only.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

SCALE = 64
"""Integer steps in a page unit; a power of two, so that the product with a float is exact."""

COORDINATE_LIMIT = 2**28
"""Largest magnitude of an integer coordinate: see the module's text for the bound."""

_TESTS_AT_ONCE = 2**20
"""Segments times blockers that are compared in one step: about 100 MB of temporary arrays."""

_NEAR = 4
"""Times the limit: how many of the nearest boxes are looked at before the rest."""

_ROUNDS = (8, 24, 96, 384)
"""Blockers in the first rounds, nearest first; the rest follow. Most pairs fall in the first."""


def integer_boxes(boxes: ArrayLike) -> Integers:
    """Boxes on the integer grid on which visibility is decided.

    Args:
        boxes: `[n, 4]` left, top, right, bottom in page units, origin top-left.

    Returns:
        `[n, 4]` int64 in 1/64 page unit.

    Raises:
        ValueError: If the shape is another, a coordinate is not finite, or a box is inside out.
    """
    array = np.asarray(boxes, dtype=np.float64)
    if array.size == 0:
        array = array.reshape(0, 4)
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(f"boxes are an array of shape [n, 4], got {list(array.shape)}")
    if not np.isfinite(array).all():
        raise ValueError("boxes need finite coordinates")
    if (array[:, 2:] < array[:, :2]).any():
        raise ValueError("boxes need left <= right and top <= bottom")
    limited = np.clip(array * SCALE, -COORDINATE_LIMIT, COORDINATE_LIMIT)
    return np.rint(limited).astype(np.int64)


def centers_and_extents(grid: Integers) -> tuple[Integers, Integers]:
    """Twice the centres and twice the half extents of boxes on the integer grid.

    Args:
        grid: `[n, 4]` from `integer_boxes`.

    Returns:
        `[n, 2]` centres (x, y) and `[n, 2]` extents (width, height), both in 1/128 page unit when
        the extent is read as half of the box.
    """
    return grid[:, :2] + grid[:, 2:], grid[:, 2:] - grid[:, :2]


def sort_order(boxes: ArrayLike) -> Integers:
    """Indices of boxes from top to bottom, then left to right, by their centres.

    Args:
        boxes: `[n, 4]` in page units.

    Returns:
        `[n]` int64; equal centres stay in the order of the input.
    """
    centers, _ = centers_and_extents(integer_boxes(boxes))
    order: Integers = np.lexsort((centers[:, 0], centers[:, 1]))
    return order


def visible_pairs(boxes: ArrayLike, *, max_neighbours: int | None = None) -> Integers:
    """Pairs of boxes with a free line of sight between their centres, earlier box first.

    Exact (see the module's text). Time is about n**2 on pages of text, where most lines of sight
    end at a near box; memory is bounded by the result plus some 200 MB, whatever n is.

    Args:
        boxes: `[n, 4]` left, top, right, bottom in page units, origin top-left.
        max_neighbours: Keep for each box at most this many edges to later boxes, the nearest by
            their centres; None keeps all. It bounds pages that are nothing but specks, where
            nearly all pairs see each other.

    Returns:
        `[m, 2]` int64 indices into `boxes`, sorted by the first and then the second.

    Raises:
        ValueError: If the boxes are malformed, or `max_neighbours` is less than 1.
    """
    if max_neighbours is not None and max_neighbours < 1:
        raise ValueError(f"max_neighbours is at least 1, got {max_neighbours}")
    grid = integer_boxes(boxes)
    count = len(grid)
    order = sort_order(boxes)
    centers, extents = centers_and_extents(grid[order])
    blockers = np.flatnonzero((extents > 0).all(axis=1))
    found: list[Integers] = [np.empty((0, 2), dtype=np.int64)]
    rows = max(1, _TESTS_AT_ONCE // max(count, 1))
    for first in range(0, count, rows):
        sources = np.arange(first, min(first + rows, count))
        found.append(_visible_from(sources, centers, extents, blockers, max_neighbours or count))
    result = order[np.concatenate(found)]
    by_index: Integers = result[np.lexsort((result[:, 1], result[:, 0]))]
    return by_index


def _visible_from(
    sources: Integers, centers: Integers, extents: Integers, blockers: Integers, limit: int
) -> Integers:
    """Pairs `[m, 2]` of each source and its `limit` nearest visible later boxes, in sort order."""
    gap = np.abs(centers[sources, None, :] - centers[None, blockers, :]) - extents[None, blockers]
    reach = _squared_lengths(np.maximum(gap, 0))
    by_reach = np.argsort(reach, axis=1)
    nearest, reach = blockers[by_reach], np.take_along_axis(reach, by_reach, axis=1)
    distance = _squared_lengths(centers[sources, None, :] - centers[None, :, :])
    later = np.arange(len(centers)) > sources[:, None]
    rank = np.argsort(np.argsort(np.where(later, distance, np.inf), axis=1, kind="stable"), axis=1)
    # Near boxes first: a source that sees enough of them needs no test of the far ones.
    near = rank < _NEAR * limit
    free = np.zeros_like(later)
    for candidates in (later & near, later & ~near):
        row, target = np.nonzero(candidates & (free.sum(axis=1) < limit)[:, None])
        kept = _unblocked(
            sources, row, target, distance[row, target], nearest, reach, centers, extents
        )
        free[row[kept], target[kept]] = True
    row, target = np.nonzero(free)
    if limit < len(centers):
        by_rank = np.lexsort((rank[row, target], row))
        row, target = row[by_rank], target[by_rank]
        place = np.arange(len(row)) - np.searchsorted(row, row)
        row, target = row[place < limit], target[place < limit]
    return np.stack([sources[row], target], axis=1)


def _squared_lengths(difference: Integers) -> Floats:
    """In floating point: for choosing what to look at first, never for what is visible."""
    lengths: Floats = np.square(difference.astype(np.float64)).sum(axis=-1)
    return lengths


def _unblocked(
    sources: Integers,
    row: Integers,
    target: Integers,
    length: Floats,
    nearest: Integers,
    reach: Floats,
    centers: Integers,
    extents: Integers,
) -> Integers:
    """Which of p segments are free, as indices: from `sources[row]` to `target`.

    Args:
        sources: `[s]` boxes.
        row: `[p]` indices into `sources`.
        target: `[p]` boxes.
        length: `[p]` squared lengths of the segments.
        nearest: `[s, b]` blockers of each source, nearest first.
        reach: `[s, b]` their squared distances from the source's centre.
        centers: Of all boxes.
        extents: Of all boxes.
    """
    alive = np.arange(len(row))
    done: list[Integers] = []
    start = 0
    for size in (*_ROUNDS, nearest.shape[1]):
        stop = min(start + size, nearest.shape[1])
        if stop <= start or not len(alive):
            break
        # Blockers that begin beyond the segment's end cannot meet it; the slack covers rounding.
        over = reach[row[alive], start] > length[alive] * (1 + 1e-9)
        done.append(alive[over])
        alive = alive[~over]
        free = np.ones(len(alive), dtype=bool)
        step = max(1, _TESTS_AT_ONCE // (stop - start))
        for begin in range(0, len(alive), step):
            part = alive[begin : begin + step]
            third = nearest[row[part], start:stop]
            free[begin : begin + step] = ~_blocked(
                sources[row[part]], target[part], third, centers, extents
            )
        alive = alive[free]
        start = stop
    return np.concatenate([*done, alive])


def _blocked(
    source: Integers, target: Integers, third: Integers, centers: Integers, extents: Integers
) -> NDArray[np.bool_]:
    """Which of p segments `[p]` are hidden by any of their b candidates `[p, b]`.

    A segment and an open rectangle, both convex, are apart exactly when they are apart along x,
    along y, or along the normal of the segment.
    """
    start, end = centers[source], centers[target]
    dx, dy = (end - start).T[:, :, None]
    middle_x, middle_y = centers[third, 0], centers[third, 1]
    half_x, half_y = extents[third, 0], extents[third, 1]
    low, high = np.minimum(start, end)[:, :, None], np.maximum(start, end)[:, :, None]
    meets = (high[:, 0] > middle_x - half_x) & (low[:, 0] < middle_x + half_x)
    meets &= (high[:, 1] > middle_y - half_y) & (low[:, 1] < middle_y + half_y)
    side = dx * (middle_y - start[:, 1, None]) - dy * (middle_x - start[:, 0, None])
    meets &= np.abs(side) < np.abs(dx) * half_y + np.abs(dy) * half_x
    segment, which = np.nonzero(meets)
    blocker = third[segment, which]
    counts = (blocker != source[segment]) & (blocker != target[segment])
    for ends in (start, end):
        inside = np.abs(ends[segment] - centers[blocker]) < extents[blocker]
        counts &= ~inside.all(axis=1)
    hidden = np.zeros(len(source), dtype=bool)
    hidden[segment[counts]] = True
    return hidden

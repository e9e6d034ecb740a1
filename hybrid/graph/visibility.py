"""Which boxes of a page see each other: the edges of the page graph, exactly.

The rule of Gbada, Kalti, Mahjoub, "Information Extraction from Visually Rich Documents Using
Directed Weighted Graph Neural Network", ICDAR 2024, DOI 10.1007/978-3-031-70552-6_15: boxes are
sorted top to bottom and left to right, and a box gets an edge to each later one that no other box
hides. What the paper leaves open is settled here:

- *Integers.* A coordinate becomes `rint(coordinate * 64)` (half to even), limited to +-2**28, that
  is +-4,194,304 page units. Twice a box's centre, `(left + right, top + bottom)`, and twice its half
  extents, `(right - left, bottom - top)`, are then integers too, and everything is compared in
  those. With M = 2**28 the way from a centre to another, or to the corner of a doubled box, is at
  most 4 M, so the largest numbers that occur, cross products of two such ways and squares of their
  lengths, are at most 2 * (4 M)**2 = 2**61: no overflow in int64, no rounding, the same edges from
  any implementation.
- *Order.* By the centre's y, then its x, then the number in the input. So an edge never points
  upwards, and its angle is from 0 (to the right) over a quarter turn (down) to half a turn (to the
  left).
- *Blocked.* The open segment between the centres meets the open interior of a third box. Touching
  an edge or a corner does not block, nor does a box without area, whose open interior is empty.
- *Containing.* A third box whose open interior contains one of the two centres does not block.
- *Equal centres.* Their segment has no length and meets nothing: such boxes see each other.

The sweep itself is compiled (`hybrid.graph.sight`); numba is loaded when the first pairs are asked
for. What is compiled is kept in a cache folder, so that only the first call ever takes seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]

SCALE = 64
"""Integer steps in a page unit; a power of two, so that the product with a float is exact."""

COORDINATE_LIMIT = 2**28
"""Largest magnitude of an integer coordinate: see the module's text for the bound."""


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

    Exact (see the module's text). Time is at most about n**2 log n, and on pages of text, where
    most lines of sight end at a near box, about n; memory is the result and some arrays of n.

    Args:
        boxes: `[n, 4]` left, top, right, bottom in page units, origin top-left.
        max_neighbours: Keep for each box at most this many edges to later boxes, the nearest by
            their centres, of equally near ones the first in sort order; None keeps all. It bounds
            pages that are nothing but specks, where nearly all pairs see each other.

    Returns:
        `[m, 2]` int64 indices into `boxes`, sorted by the first and then the second.

    Raises:
        ValueError: If the boxes are malformed, or `max_neighbours` is less than 1.
    """
    if max_neighbours is not None and max_neighbours < 1:
        raise ValueError(f"max_neighbours is at least 1, got {max_neighbours}")
    grid = integer_boxes(boxes)
    if len(grid) < 2:
        return np.empty((0, 2), dtype=np.int64)
    # Here, because it loads the compiler.
    from hybrid.graph import sight

    order = sort_order(boxes)
    centers, _ = centers_and_extents(grid[order])
    limit = min(max_neighbours or len(grid), len(grid))
    return sight.pairs(centers, 2 * grid[order], order, limit)

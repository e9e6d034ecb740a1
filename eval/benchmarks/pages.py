"""Random pages for measuring and checking the page graph: only boxes, in page units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]
Random = np.random.Generator


def text_page(count: int, random: Random) -> Boxes:
    """Lines of words with uneven gaps and indents, as on a dense form; as high as 1.4 times wide."""
    boxes = np.empty((count, 4))
    edge = 80 + (count * 83 * 30 / 1.4) ** 0.5  # a word takes 83 units of a line, a line 30
    x, y = edge, 0.0
    for k in range(count):
        width, height = random.integers(20, 110), random.integers(16, 24)
        if x + width > edge:
            x, y = float(random.integers(40, 80)), y + random.integers(26, 34)
        top = y + random.integers(-2, 3)
        boxes[k] = (x, top, x + width, top + height)
        x += width + random.integers(6, 30)
    return boxes


def sparse_page(count: int, random: Random) -> Boxes:
    """Small boxes far from each other, so that nearly all pairs see each other."""
    corner = random.integers(0, 1000 * count, (count, 2)) / 16
    return _boxes(corner, random.integers(1, 20, (count, 2)))


def _boxes(corner: NDArray[np.generic], size: NDArray[np.generic]) -> Boxes:
    start = corner.astype(np.float64)
    return np.concatenate([start, start + size.astype(np.float64)], axis=1)


def _grid_aligned(count: int, random: Random) -> Boxes:
    """Cells of a table, most of them touching."""
    cell = random.permutation(64)[:count]
    size = random.integers(1, 3, (len(cell), 2)) * 10
    return _boxes(np.stack([cell % 8, cell // 8], axis=1) * 10, size)


def _overlapping(count: int, random: Random) -> Boxes:
    return _boxes(random.integers(0, 40, (count, 2)), random.integers(0, 20, (count, 2)))


def _nested(count: int, random: Random) -> Boxes:
    middle, half = random.integers(20, 30, (count, 2)), random.integers(0, 20, (count, 2))
    return _boxes(middle - half, 2 * half)


def _without_area(count: int, random: Random) -> Boxes:
    size = random.integers(1, 9, (count, 2)) * random.integers(0, 2, (count, 2))
    return _boxes(random.integers(0, 30, (count, 2)), size)


def _collinear(count: int, random: Random) -> Boxes:
    """Centres on a few lines through the page."""
    place = random.integers(0, 12, count)
    slope = np.array([[1, 0], [0, 1], [1, 1], [-1, 2]])[random.integers(0, 4, count)]
    half = random.integers(0, 4, (count, 2))
    return _boxes(60 + 5 * place[:, None] * slope - half, 2 * half)


def _equal(count: int, random: Random) -> Boxes:
    few = _overlapping(max(1, count // 3), random)
    picked: Boxes = few[random.integers(0, len(few), count)]
    return picked


def _fractions(count: int, random: Random) -> Boxes:
    """Coordinates that are rounded to the grid, far from the origin."""
    return _boxes(random.random((count, 2)) * 30 - 5000, random.random((count, 2)) * 8)


KINDS: dict[str, Callable[[int, Random], Boxes]] = {
    "text": text_page,
    "sparse": sparse_page,
    "grid-aligned": _grid_aligned,
    "overlapping": _overlapping,
    "nested": _nested,
    "without area": _without_area,
    "collinear": _collinear,
    "equal": _equal,
    "fractions": _fractions,
}
"""Name to a function of the number of boxes and the randomness."""

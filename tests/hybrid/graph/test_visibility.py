"""Visibility against two oracles that share nothing with it: shapely, and exact fractions."""

import os
import subprocess
import sys
import time
from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid.graph import visible_pairs
from hybrid.graph.visibility import COORDINATE_LIMIT, SCALE, integer_boxes, sort_order

Box = tuple[int, int, int, int]


@st.composite
def box(draw: st.DrawFn) -> Box:
    """A box on a small grid, so that touching, nested, collinear and empty ones are frequent."""
    left, top = draw(st.integers(0, 12)), draw(st.integers(0, 12))
    width, height = draw(st.integers(0, 6)), draw(st.integers(0, 6))
    return (left, top, left + width, top + height)


@st.composite
def page(draw: st.DrawFn) -> list[Box]:
    """Boxes, some of them drawn twice."""
    boxes = draw(st.lists(box(), max_size=9))
    if boxes:
        boxes += draw(st.lists(st.sampled_from(boxes), max_size=2))
    return boxes


def candidates(boxes: list[Box]) -> list[tuple[int, int]]:
    def key(k: int) -> tuple[int, int, int]:
        left, top, right, bottom = boxes[k]
        return (top + bottom, left + right, k)

    order = sorted(range(len(boxes)), key=key)
    return [(i, j) for place, i in enumerate(order) for j in order[place + 1 :]]


def seen_by_shapely(boxes: list[Box]) -> set[tuple[int, int]]:
    """Coordinates doubled, so that the centres are integers; GEOS is exact on such small ones."""
    shapes = [shapely.box(*(2 * v for v in b)) for b in boxes]
    centers = [shapely.Point(b[0] + b[2], b[1] + b[3]) for b in boxes]
    seen = set()
    for i, j in candidates(boxes):
        line = shapely.LineString([centers[i], centers[j]])
        hidden = line.length > 0 and any(
            shapes[k].area > 0
            and line.relate_pattern(shapes[k], "T********")
            and not shapes[k].contains(centers[i])
            and not shapes[k].contains(centers[j])
            for k in range(len(boxes))
            if k not in (i, j)
        )
        if not hidden:
            seen.add((i, j))
    return seen


def clips(start: tuple[int, int], end: tuple[int, int], box: Box) -> bool:
    """Whether the open segment meets the open box: the open interval of parameters is not empty."""
    low, high = Fraction(0), Fraction(1)
    for axis in (0, 1):
        lower, upper = 2 * box[axis], 2 * box[axis + 2]
        step = end[axis] - start[axis]
        if step == 0:
            if not lower < start[axis] < upper:
                return False
            continue
        one, other = Fraction(lower - start[axis], step), Fraction(upper - start[axis], step)
        low, high = max(low, min(one, other)), min(high, max(one, other))
    return low < high


def seen_by_fractions(boxes: list[Box]) -> set[tuple[int, int]]:
    centers = [(b[0] + b[2], b[1] + b[3]) for b in boxes]

    def contains(k: int, point: tuple[int, int]) -> bool:
        left, top, right, bottom = boxes[k]
        return 2 * left < point[0] < 2 * right and 2 * top < point[1] < 2 * bottom

    return {
        (i, j)
        for i, j in candidates(boxes)
        if centers[i] == centers[j]
        or not any(
            clips(centers[i], centers[j], boxes[k])
            and not contains(k, centers[i])
            and not contains(k, centers[j])
            for k in range(len(boxes))
            if k not in (i, j)
        )
    }


def seen(boxes: list[Box]) -> set[tuple[int, int]]:
    pairs = visible_pairs(np.array(boxes, dtype=float).reshape(-1, 4))
    assert len({tuple(p) for p in pairs.tolist()}) == len(pairs)
    return {(i, j) for i, j in pairs.tolist()}


@given(page())
@settings(max_examples=300)
def test_agrees_with_shapely(boxes: list[Box]) -> None:
    assert seen(boxes) == seen_by_shapely(boxes)


@given(page())
@settings(max_examples=300)
def test_agrees_with_exact_fractions(boxes: list[Box]) -> None:
    assert seen(boxes) == seen_by_fractions(boxes)


@given(page(), st.integers(-(2**16), 2**16), st.sampled_from([1, 7, 2**10, 2**17]))
@settings(max_examples=100)
def test_is_exact_far_from_the_origin_and_when_scaled(
    boxes: list[Box], by: int, scale: int
) -> None:
    moved = [tuple(v * scale + by for v in b) for b in boxes]
    assert visible_pairs(moved).tolist() == visible_pairs(boxes).tolist()


@given(page(), st.integers(1, 4))
@settings(max_examples=100)
def test_a_limit_keeps_the_nearest(boxes: list[Box], limit: int) -> None:
    def length(pair: tuple[int, int]) -> int:
        a, b = boxes[pair[0]], boxes[pair[1]]
        return (a[0] + a[2] - b[0] - b[2]) ** 2 + (a[1] + a[3] - b[1] - b[3]) ** 2

    everything = seen(boxes)
    kept = {(i, j) for i, j in visible_pairs(boxes, max_neighbours=limit).tolist()}
    assert kept <= everything
    for i in range(len(boxes)):
        lengths = sorted(length(p) for p in everything if p[0] == i)
        assert sorted(length(p) for p in kept if p[0] == i) == lengths[:limit]


def test_a_page_full_of_overlapping_boxes() -> None:
    rng = np.random.default_rng(3)
    corner = rng.integers(0, 120, (90, 2))
    array = np.concatenate([corner, corner + rng.integers(0, 9, (90, 2))], axis=1)
    boxes = [tuple(b) for b in array.tolist()]
    assert seen(boxes) == seen_by_fractions(boxes)


@pytest.mark.parametrize(
    ("third", "free"),
    [
        ((4, 4, 6, 6), False),  # in between
        ((4, 6, 6, 8), True),  # touches the line with its top edge
        ((4, 5, 6, 5), True),  # no area
        ((5, 0, 5, 12), True),  # a vertical line
        ((0, 4, 12, 9), True),  # contains both centres
        ((-2, 4, 6, 6), True),  # contains one of them
        ((1, 4, 6, 9), False),  # one centre lies on its edge
    ],
)
def test_what_blocks(third: Box, free: bool) -> None:
    pairs = seen([(0, 4, 2, 6), (10, 4, 12, 6), third])
    assert ((0, 1) in pairs) is free


def test_equal_boxes_see_each_other_in_the_order_of_the_input() -> None:
    assert seen([(0, 0, 4, 2), (0, 0, 4, 2), (0, 0, 4, 2)]) == {(0, 1), (0, 2), (1, 2)}


def test_edges_go_down_and_to_the_right() -> None:
    below, right, first = (0, 20, 10, 30), (20, 0, 30, 10), (0, 0, 10, 10)
    boxes = [below, right, first]
    assert sort_order(boxes).tolist() == [2, 1, 0]
    assert visible_pairs(boxes).tolist() == [[1, 0], [2, 0], [2, 1]]


def test_no_boxes_and_one_box() -> None:
    assert visible_pairs(np.empty((0, 4))).shape == (0, 2)
    assert visible_pairs([]).shape == (0, 2)
    assert visible_pairs([[0, 0, 1, 1]]).shape == (0, 2)


def test_integers_are_rounded_half_to_even_and_limited() -> None:
    grid = integer_boxes([[0.5 / SCALE, 1.5 / SCALE, 1.0, 1e300]])
    assert grid.tolist() == [[0, 2, SCALE, COORDINATE_LIMIT]]


def test_extreme_coordinates_do_not_overflow() -> None:
    edge = COORDINATE_LIMIT // SCALE
    boxes = [(-edge, -edge, -edge, -edge), (-1, -1, 1, 1), (edge, edge, edge, edge)]
    assert seen(boxes) == {(0, 1), (1, 2)}
    # Product differences are largest where the line runs across the blocker's diagonal.
    boxes[1] = (-edge, edge - 2, -edge + 1, edge)
    assert seen(boxes) == seen_by_fractions(boxes)


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([[0, 0, 1]], r"shape \[n, 4\]"),
        ([[0, 0, float("nan"), 1]], "finite"),
        ([[3, 0, 1, 1]], "left <= right"),
    ],
)
def test_malformed_boxes(boxes: list[list[float]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        visible_pairs(boxes)


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        visible_pairs([[0, 0, 1, 1]], max_neighbours=0)


def dense(count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    k = np.arange(count)
    x, y = (k % 8) * 100 + rng.integers(0, 20, count), (k // 8) * 30 + rng.integers(0, 6, count)
    return np.stack([x, y, x + 70, y + 18], axis=1)


def test_four_hundred_boxes_are_quick() -> None:
    boxes = dense(400)
    visible_pairs(boxes[:2])
    start = time.perf_counter()
    pairs = visible_pairs(boxes)
    assert time.perf_counter() - start < 0.2  # 0.001 s on an idle machine
    assert 1000 < len(pairs) < 2400


def test_pages_on_which_all_see_each_other_do_not_take_the_cube_of_their_size() -> None:
    corner = np.random.default_rng(1).integers(0, 2**16, (1600, 2))
    boxes = np.concatenate([corner, corner + 2], axis=1)
    visible_pairs(boxes[:2])
    start = time.perf_counter()
    pairs = visible_pairs(boxes)
    assert time.perf_counter() - start < 5  # 0.3 s on an idle machine
    assert len(pairs) > 0.9 * 1600 * 1599 / 2


@pytest.mark.parametrize("limit", [1, 7])
def test_of_equally_near_boxes_the_first_in_sort_order_are_kept(limit: int) -> None:
    k = np.arange(-5, 6)
    around = np.stack([3 * k, 0 * k + 60, 3 * k, 0 * k + 60], axis=1)
    boxes = np.concatenate([[[0, 0, 0, 0]], around])
    nearest = sorted(range(11), key=lambda j: (abs(k[j]), j))[:limit]
    pairs = visible_pairs(boxes, max_neighbours=limit)
    assert pairs[pairs[:, 0] == 0, 1].tolist() == sorted(1 + j for j in nearest)


def test_compiles_where_no_cache_can_be_written() -> None:
    code = (
        "import numba.core.caching as caching\n"
        "def refuse(self): raise OSError('read-only')\n"
        "caching._CacheLocator.ensure_cache_path = refuse\n"
        "import hybrid.graph\n"
        "assert hybrid.graph.visible_pairs([[0, 0, 1, 1], [2, 0, 3, 1]]).tolist() == [[0, 1]]"
    )
    environment = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"}
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300, env=environment)

"""Free sight to a page's edge and the links across it."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid.graph.cross_page import cross_page_pairs, free_sight

Box = tuple[int, int, int, int]
numbers = st.integers(0, 12)


@st.composite
def boxes_of_a_page(draw: st.DrawFn) -> list[Box]:
    corners = draw(st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=9))
    return [(min(a, b), min(c, d), max(a, b), max(c, d)) for a, b, c, d in corners]


@given(boxes_of_a_page(), st.booleans())
@settings(max_examples=300)
def test_free_sight_agrees_with_shapely(boxes: list[Box], downwards: bool) -> None:
    shapes = [shapely.box(*(2 * v for v in b)) for b in boxes]
    edge = 1000 if downwards else -1000
    expected = []
    for k, (left, top, right, bottom) in enumerate(boxes):
        middle = top + bottom
        strip = shapely.box(2 * left, min(middle, edge), 2 * right, max(middle, edge))
        if left == right:
            strip = shapely.LineString([(2 * left, middle), (2 * left, edge)])
        hidden = False
        for other, shape in enumerate(shapes):
            begins = 2 * boxes[other][1 if downwards else 3]
            beyond = begins >= middle if downwards else begins <= middle
            if other != k and shape.area > 0 and beyond:
                hidden |= strip.relate_pattern(shape, "T********")
        if not hidden:
            expected.append(k)
    found = free_sight(np.array(boxes, dtype=float).reshape(-1, 4), downwards=downwards)
    assert found.tolist() == expected


def test_a_title_over_two_columns_is_not_at_the_foot() -> None:
    boxes = [[10, 10, 90, 20], [10, 100, 40, 110], [60, 100, 90, 110]]
    assert free_sight(boxes, downwards=True).tolist() == [1, 2]
    assert free_sight(boxes, downwards=False).tolist() == [0]


def test_links_need_overlap_or_else_go_to_the_nearest() -> None:
    upper = np.array([[0, 0, 30, 10], [80, 0, 100, 10]], dtype=float)
    lower = np.array([[10, 5, 20, 9], [25, 5, 60, 9], [60, 5, 70, 9]], dtype=float)
    pairs = cross_page_pairs(upper, lower, limit=4)
    assert pairs.tolist() == [[0, 0], [0, 1], [1, 2]]


@pytest.mark.parametrize("limit", [1, 3])
def test_links_are_bounded(limit: int) -> None:
    upper = np.array([[0, 0, 100, 10]], dtype=float)
    lower = np.array([[k * 10, 5, k * 10 + 8, 9] for k in range(10)], dtype=float)
    pairs = cross_page_pairs(upper, lower, limit=limit)
    assert len(pairs) == limit
    assert {4, 5} & set(pairs[:, 1].tolist())


def test_an_empty_page_has_no_links() -> None:
    one = np.array([[0, 0, 1, 1]], dtype=float)
    assert cross_page_pairs(one, np.empty((0, 4)), limit=4).shape == (0, 2)
    assert cross_page_pairs(np.empty((0, 4)), one, limit=4).shape == (0, 2)

"""Boxes, segments, documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hybrid.document import BoundingBox, Document, Page, PageImage, Word, segment_of

COORDINATES = st.tuples(*[st.integers(-1000, 1000)] * 4)


def box(left: float, top: float, right: float, bottom: float) -> BoundingBox:
    return BoundingBox(left=left, top=top, right=right, bottom=bottom)


def word(number: int, text: str = "x", confidence: float | None = None) -> Word:
    return Word(id=number, text=text, box=box(number, 0, number + 1, 1), confidence=confidence)


boxes = COORDINATES.map(
    lambda c: box(min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3]))
)


@given(boxes, boxes)
def test_overlaps_are_symmetric_and_bounded(a: BoundingBox, b: BoundingBox) -> None:
    assert a.intersection_area(b) == b.intersection_area(a) <= min(a.area, b.area)
    assert 0 <= a.intersection_over_union(b) <= 1
    assert 0 <= a.vertical_overlap(b) <= 1
    assert 0 <= a.horizontal_overlap(b) <= 1
    union = BoundingBox.union_of([a, b])
    assert union.intersection_area(a) == a.area


def test_boxes_that_share_half_of_the_lower_ones_height_stand_on_one_row() -> None:
    tall = box(0, 0, 10, 40)
    assert tall.shares_row(box(20, 30, 30, 50))
    assert box(20, 30, 30, 50).shares_row(tall)
    assert not tall.shares_row(box(20, 31, 30, 51))


def test_a_box_is_four_numbers_in_json() -> None:
    made = BoundingBox.model_validate([1, 2, 3.456, 4])
    assert made.model_dump_json() == "[1.0,2.0,3.46,4.0]"
    assert made.center == pytest.approx((2.228, 3))
    assert BoundingBox.from_points([(3, 9), (1, 2), (5, 4)]) == box(1, 2, 5, 9)
    assert box(0, 0, 10, 20).normalized(20, 40) == box(0, 0, 0.5, 0.5)


@pytest.mark.parametrize("values", [[2, 0, 1, 1], [0, 2, 1, 1], [0, 0, float("nan"), 1], [1, 2]])
def test_impossible_boxes(values: list[float]) -> None:
    with pytest.raises(ValidationError):
        BoundingBox.model_validate(values)


def test_a_segment_of_words() -> None:
    made = segment_of(4, 2, [word(1, "abc", 0.9), word(2, "d", 0.5), word(3, "e")])
    assert made.text == "abc d e"
    assert made.box == box(1, 0, 4, 1)
    assert made.confidence == pytest.approx((3 * 0.9 + 0.5) / 4)
    assert segment_of(0, 1, [word(1)]).confidence is None
    with pytest.raises(ValueError, match="at least one word"):
        segment_of(0, 1, [])


def test_a_document_in_and_out_of_json() -> None:
    image = PageImage(data=b"secret", media_type="image/png")
    page = Page(number=2, width=5, height=5, segments=(segment_of(0, 2, [word(0)]),), image=image)
    document = Document(id="d", pages=(page,))
    text = document.model_dump_json()
    assert "image" not in text
    assert Document.model_validate_json(text).segments == document.segments
    assert document.page(2) is document.pages[0]
    assert [p.number for p in document] == [2]
    assert document.text == "x"
    with pytest.raises(KeyError, match="no page 1"):
        document.page(1)


@pytest.mark.parametrize(("second_segment", "second_word"), [(0, 1), (1, 0)])
def test_ids_are_unique(second_segment: int, second_word: int) -> None:
    segments = (segment_of(0, 1, [word(0)]), segment_of(second_segment, 1, [word(second_word)]))
    with pytest.raises(ValidationError, match="not unique"):
        Document(id="d", pages=(Page(number=1, width=5, height=5, segments=segments),))

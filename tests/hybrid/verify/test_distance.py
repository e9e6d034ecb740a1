import math

from hybrid.document import BoundingBox
from hybrid.verify.distance import FARTHEST, distance_in_item, distance_in_pair


def box(left: float, top: float, width: float = 100, height: float = 20) -> BoundingBox:
    return BoundingBox(left=left, top=top, right=left + width, bottom=top + height)


QUESTION = box(100, 100)


def pair(answer: BoundingBox, *answers: BoundingBox, is_mark: bool = False) -> float:
    return distance_in_pair(QUESTION, answer, 20, answers, is_mark=is_mark)


def test_right_on_the_row_is_nearer_than_below_and_below_than_aside() -> None:
    assert pair(box(220, 100)) < pair(box(100, 125)) < pair(box(400, 125))


def test_far_to_the_right_is_still_its_own_row() -> None:
    assert pair(box(900, 100)) < FARTHEST


def test_left_is_for_marks() -> None:
    mark = box(75, 100, width=15)
    assert pair(mark, is_mark=True) < 0.1
    assert pair(mark) >= 4.0


def test_a_caption_stands_below_its_answer() -> None:
    assert pair(box(100, 75)) < 2.0
    assert pair(box(400, 75)) == math.inf
    assert pair(box(100, 0)) > pair(box(100, 75))


def test_rows_of_a_column_follow_each_other() -> None:
    rows = [box(100, 130 + 30 * k) for k in range(12)]
    assert pair(rows[-1]) > FARTHEST
    assert pair(rows[-1], *rows[:-1]) < 3.0
    aside = box(400, rows[-1].top)
    assert pair(aside, *rows[:-1]) > FARTHEST


def test_items_take_what_is_on_their_row_on_both_sides() -> None:
    name = box(100, 100)
    assert distance_in_item(name, box(600, 100), 20) < distance_in_item(name, box(100, 125), 20)
    assert distance_in_item(name, box(60, 100, width=20), 20) < 1.0
    assert distance_in_item(name, box(100, 50), 20) == math.inf

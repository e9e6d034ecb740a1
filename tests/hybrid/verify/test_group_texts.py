"""Which pieces of a text become one value."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel

from hybrid.schema import FieldSchema, Labels
from hybrid.schemas import Form
from hybrid.verify.group import group_lists

Make = Callable[..., Any]
QUESTION, ANSWER = {"question": 0.9}, {"answer": 0.9}


def column(*texts: str) -> list[tuple[str, float, float, float, float]]:
    return [(text, 50, 30 * k, 250, 30 * k + 20) for k, text in enumerate(texts)]


def test_lines_that_follow_each_other_are_one_answer(document: Make, predictions: Make) -> None:
    page = document(column("Address", "1 High Street", "Leeds"))
    marks = {0: QUESTION, 1: ANSWER, 2: ANSWER}
    found = group_lists(page, FieldSchema(Form), predictions(page, marks))
    assert {path: c.text for path, c in found.items()} == {
        "pairs[0].question": "Address",
        "pairs[0].answer": "1 High Street Leeds",
    }


def test_answers_apart_from_each_other_are_pairs_of_their_own(
    document: Make, predictions: Make
) -> None:
    # Reading order is that of the document; between the two answers stand five other texts.
    others = [(f"note {k}", 600.0, 30.0 + k, 700.0, 31.0 + k) for k in range(5)]
    head, first, second = column("Year", "1998", "1999")
    page = document([head, first, *others, second])
    marks = {0: QUESTION, 1: ANSWER, len(others) + 2: ANSWER}
    found = group_lists(page, FieldSchema(Form), predictions(page, marks))
    assert {path: c.text for path, c in found.items()} == {
        "pairs[0].question": "Year",
        "pairs[0].answer": "1998",
        "pairs[1].question": "Year",
        "pairs[1].answer": "1999",
    }
    near = document([head, first, *others[:4], second])
    found = group_lists(
        near, FieldSchema(Form), predictions(near, {0: QUESTION, 1: ANSWER, 6: ANSWER})
    )
    assert found["pairs[0].answer"].text == "1998 1999"
    assert "pairs[1].answer" not in found


def test_a_text_does_not_stretch_over_the_page(document: Make, predictions: Make) -> None:
    """Each gap is short, but all together they are not."""
    lines, marks = [("Year", 50.0, 0.0, 250.0, 20.0)], {0: QUESTION}
    for k in range(4):
        lines += [(f"note {k}{n}", 600.0, 30.0 * k + n, 700.0, 30.0 * k + n + 1) for n in range(3)]
        marks[len(lines)] = ANSWER
        lines.append((f"199{k}", 50.0, 30.0 * (k + 1), 250.0, 30.0 * (k + 1) + 20))
    page = document(lines)
    found = group_lists(page, FieldSchema(Form), predictions(page, marks))
    assert found["pairs[0].answer"].text == "1990 1991 1992"
    assert found["pairs[1].answer"].text == "1993"


class Dish(BaseModel):
    name: Annotated[str | None, Labels("menu.nm")] = None
    note: Annotated[str | None, Labels("menu.etc")] = None
    price: Annotated[Decimal | None, Labels("menu.price")] = None


class Bill(BaseModel):
    dishes: list[Dish] = []


def test_an_item_keeps_the_surest_place_of_its_text(document: Make, predictions: Make) -> None:
    others = [(f"remark {k}", 600.0, 32.0 + k, 700.0, 33.0 + k) for k in range(6)]
    head = [("Tea", 50, 0, 150, 20), ("8,000", 400, 0, 480, 20), ("hot", 50, 25, 150, 45)]
    page = document([*head, *others, ("large", 50, 50, 150, 70)])
    for first, last, kept in ((0.6, 0.8, "large"), (0.8, 0.6, "hot")):
        marks = {
            0: {"menu.nm": 0.9},
            1: {"menu.price": 0.9},
            2: {"menu.etc": first},
            9: {"menu.etc": last},
        }
        found = group_lists(page, FieldSchema(Bill), predictions(page, marks))
        assert found["dishes[0].note"].text == kept
        assert found["dishes[0].name"].text == "Tea"
        assert len(found) == 3

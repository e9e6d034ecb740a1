"""Answers that are printed side by side, of which one may be ticked."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.propose import propose

Make = Callable[..., Any]


class Kind(Enum):
    STANDARD = "Standard"
    EXPRESS = "Express"


class Form(BaseModel):
    marital_status: Literal["Single", "Married"] | None = None
    newsletter: bool | None = None
    delivery: Kind | None = None
    city: str | None = None


def row(top: float, *cells: str) -> list[tuple[str, float, float, float, float]]:
    lefts = [50 + 100 * n for n in range(len(cells))]
    return [(c, x, top, x + 6 * len(c), top + 12) for c, x in zip(cells, lefts, strict=True)]


@pytest.fixture
def best(document: Make, predictions: Make) -> Make:
    def of(*rows: list[Any]) -> dict[str, Any]:
        page = document([cell for cells in rows for cell in cells])
        found = propose(page, FieldSchema(Form), predictions(page, {}))
        return {path: (c[0].value, c[0].gcn) for path, c in found.items() if c}

    return of


@pytest.mark.parametrize(
    "cells",
    [
        ("Single", "Married"),
        ("[ ] Single", "[ ] Married"),
        ("[x] Single", "[x] Married"),
        ("Single / Married",),
    ],
)
def test_without_one_tick_nobody_can_say(cells: tuple[str, ...], best: Make) -> None:
    assert best(row(20, "Marital status:", *cells)) == {}


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (("[x] Single", "[ ] Married"), "Single"),
        (("[ ] Single", "[x] Married"), "Married"),
        (("Single", "☒ Married"), "Married"),
        (("[ ]", "Single", "[X]", "Married"), "Married"),
        (("[ ] Single [x] Married",), "Married"),
        (("Married",), "Married"),
    ],
)
def test_the_ticked_one_is_the_value(cells: tuple[str, ...], value: str, best: Make) -> None:
    assert best(row(20, "Marital status:", *cells))["marital_status"][0] == value


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (("[ ] Yes", "[x] No"), False),
        (("☐ Yes", "☒ No"), False),
        (("☐", "Yes", "☒", "No"), False),
        (("☐ Yes ☒ No",), False),
        (("☑ Yes", "☐ No"), True),
        (("Yes",), True),
    ],
)
def test_yes_and_no(cells: tuple[str, ...], value: bool, best: Make) -> None:
    assert best(row(20, "Newsletter:", *cells))["newsletter"][0] is value
    assert best(row(20, "Newsletter:", "Yes", "No")) == {}


@pytest.mark.parametrize(("marks", "value"), [("  ", None), ("x ", "STANDARD"), (" x", "EXPRESS")])
def test_options_below_each_other(marks: str, value: str | None, best: Make) -> None:
    first, second = row(34, "-", f"[{marks[0]}] Standard"), row(48, "-", f"[{marks[1]}] Express")
    found = best(
        row(20, "Delivery:"), *[[(t, 50, *rest)] for (t, _, *rest) in (first[1], second[1])]
    )
    assert found == ({} if value is None else {"delivery": (Kind[value], 0.8)})


def test_options_end_at_the_next_key(best: Make) -> None:
    found = best(row(20, "Marital status:", "Single", "City:", "Married"))
    assert found["marital_status"][0] == "Single"


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (("Single", "[ ]", "Married", "[x]"), "Married"),
        (("Single", "[x]", "Married", "[ ]"), "Single"),
        (("Single [ ] Married [x]",), "Married"),
        (("Single [x]", "Married [ ]"), "Single"),
    ],
)
def test_ticks_after_the_options(cells: tuple[str, ...], value: str, best: Make) -> None:
    assert best(row(20, "Marital status:", *cells))["marital_status"][0] == value


def test_ticks_of_the_next_question_are_not_ours(best: Make) -> None:
    rows = [row(20, "Marital status:", "[ ] Single"), row(34, "Partner:", "[x] Married")]
    assert "marital_status" not in best(*rows)
    assert best(row(20, "Marital status:", "Single"), row(34, "Before:", "Married")) == {
        "marital_status": best(row(20, "Marital status:", "Single"))["marital_status"]
    }


class Habits(BaseModel):
    smoker: bool | None = None
    drinker: bool | None = None
    newsletter: bool | None = None


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("stacked", [True, False])
def test_boxes_to_tick_before_their_keys(
    apart: bool, stacked: bool, document: Make, predictions: Make
) -> None:
    texts = [("[ ]", "Smoker"), ("[x]", "Drinker"), ("[ ]", "Newsletter")]
    cells = []
    for number, (mark, text) in enumerate(texts):
        left, top = (50, 20 + 14 * number) if stacked else (50 + 150 * number, 20)
        if apart:
            cells += [
                (mark, left, top, left + 12, top + 12),
                (text, left + 20, top, left + 70, top + 12),
            ]
        else:
            cells.append((f"{mark} {text}", left, top, left + 80, top + 12))
    page = document(cells)
    found = propose(page, FieldSchema(Habits), predictions(page, {}))
    assert {path: c[0].value for path, c in found.items() if c} == {"drinker": True}


def test_a_cross_below_no_is_no_yes(best: Make) -> None:
    heads = [("Yes", 250, 20, 268, 32), ("No", 350, 20, 362, 32)]
    assert best(heads, [("Newsletter", 50, 40, 110, 52), ("X", 352, 40, 358, 52)]) == {}


def test_a_choice_beside_its_key_needs_no_model(document: Make, predictions: Make) -> None:
    page = document(row(20, "Delivery:", "Express"))
    doubt = {n: {"question": 0.3, "answer": 0.1} for n in range(2)}
    (found,) = propose(page, FieldSchema(Form), predictions(page, doubt))["delivery"]
    assert (found.value, found.gcn) == (Kind.EXPRESS, 0.6)


def test_text_of_another_column_of_the_page_ends_no_options(best: Make) -> None:
    def beside(top: float, address: str, option: str) -> list[Any]:
        left, right = row(top, address, "")[0], row(top, "", "", "", "")
        return [left, (option, right[3][1], top, right[3][1] + 6 * len(option), top + 12)]

    found = best(
        beside(20, "Tove Lindahl", "Marital status"),
        beside(35, "Skeppargatan 28", "[ ] Single"),
        beside(50, "Stockholm", "[x] Married"),
    )
    assert found["marital_status"][0] == "Married"

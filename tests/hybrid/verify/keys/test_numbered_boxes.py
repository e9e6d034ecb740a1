"""Forms of numbered boxes, with small captions above their values."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.keys.numbered_boxes import boxes
from hybrid.verify.propose import propose

Make = Callable[..., Any]
Cell = tuple[str, float, float, float, float]


class Statement(BaseModel):
    wages: Decimal | None = None
    tax_withheld: Decimal | None = None
    tips: Decimal | None = None
    control_number: str | None = None
    employer: str | None = None


def caption(text: str, left: float, top: float, height: float = 6) -> Cell:
    return (text, left, top, left + 4 * len(text), top + height)


def value(text: str, left: float, top: float) -> Cell:
    return (text, left, top, left + 6 * len(text), top + 10)


CELLS = [
    caption("1 Employer", 10, 10),
    caption("2 Wages", 200, 10),
    caption("3 Tax withheld", 330, 10),
    value("Pinewood Logistics", 10, 18),
    value("68,412.55", 270, 18),
    value("8,230.17", 400, 18),
    caption("4 Control number", 10, 40),
    caption("5 Tips", 200, 40),
    caption("6", 330, 40),
    value("00417-A", 10, 48),
]


@pytest.fixture
def best(document: Make, predictions: Make) -> Make:
    def of(cells: list[Cell]) -> dict[str, Any]:
        page = document(cells)
        found = propose(page, FieldSchema(Statement), predictions(page, {}))
        return {path: c[0].value for path, c in found.items() if c and (c[0].gcn or 0.0) >= 0.5}

    return of


def test_values_stand_below_their_captions_wherever_in_the_box(best: Make) -> None:
    assert best(CELLS) == {
        "employer": "Pinewood Logistics",
        "wages": Decimal("68412.55"),
        "tax_withheld": Decimal("8230.17"),
        "control_number": "00417-A",
    }


def test_the_boxes(document: Make) -> None:
    found = boxes(document(CELLS).segments)
    assert found == {0: [3], 1: [4], 2: [5], 6: [9], 7: [], 8: []}


def test_numbered_lines_are_no_boxes(document: Make) -> None:
    lines = [caption(f"{n} Item of a list", 10, 15 * n, 10) for n in range(1, 9)]
    assert boxes(document(lines).segments) == {}
    keys = [caption(f"{n} Name:", 10, 15 * n) for n in range(1, 9)]
    values = [value("ACME", 100, 15 * n) for n in range(1, 9)]
    assert boxes(document([*keys, *values]).segments) == {}

"""Forms to fill in by hand, with the key in small print below each line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.propose import propose

Make = Callable[..., Any]
Cell = tuple[str, float, float, float, float]


class Consent(BaseModel):
    patient_name: str | None = None
    phone: str | None = None
    emergency_contact: str | None = None
    physician: str | None = None
    allergies: str | None = None


def cell(text: str, left: float, top: float, height: float = 10) -> Cell:
    return (text, left, top, left + 0.6 * height * len(text), top + height)


@pytest.fixture
def best(document: Make, predictions: Make) -> Make:
    def of(cells: list[Cell], forms: bool = False) -> dict[str, Any]:
        page = document(cells)
        marks = {n: {"question": 0.5, "answer": 0.5} for n in range(len(cells))} if forms else {}
        found = propose(page, FieldSchema(Consent), predictions(page, marks))
        return {path: c[0].value for path, c in found.items() if c and (c[0].gcn or 0.0) >= 0.5}

    return of


@pytest.mark.parametrize("forms", [False, True])
def test_values_stand_above_their_captions(best: Make, forms: bool) -> None:
    cells = [
        cell("Mila Jovanovic", 20, 20),
        cell("Patient name", 18, 32, 7),
        cell("555-0164", 20, 52),
        cell("Goran Jovanovic", 220, 52),
        cell("Phone", 18, 64, 7),
        cell("Emergency contact", 216, 64, 7),
        cell("Dr. Whitaker", 20, 84),
        cell("Physician", 18, 96, 7),
        cell("Allergies", 18, 130, 7),
        cell("I consent to examination.", 20, 145),
    ]
    assert best(cells, forms) == {
        "patient_name": "Mila Jovanovic",
        "phone": "555-0164",
        "emergency_contact": "Goran Jovanovic",
        "physician": "Dr. Whitaker",
    }


def test_keys_above_their_values_are_no_captions(best: Make) -> None:
    cells = [
        cell("Consent to treatment", 20, 5),
        cell("Patient name", 18, 20, 7),
        cell("Mila Jovanovic", 20, 29),
        cell("Phone", 18, 52, 7),
        cell("555-0164", 20, 61),
        cell("Physician", 18, 84, 7),
        cell("Dr. Whitaker", 20, 93),
    ]
    assert best(cells) == {
        "patient_name": "Mila Jovanovic",
        "phone": "555-0164",
        "physician": "Dr. Whitaker",
    }

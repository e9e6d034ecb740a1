"""Which rows name columns: beside a panel of values, above sums, by the name of the list itself."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.resolve import Proposal

Make = Callable[..., Any]
Cells = list[tuple[float, str]]


class Rate(BaseModel):
    rate: str | None = None
    base: Decimal | None = None
    tax: Decimal | None = None


class Invoice(BaseModel):
    total_base: Decimal | None = None
    rates: list[Rate] = []


class Payment(BaseModel):
    description: str | None = None
    amount: Decimal | None = None


class Payslip(BaseModel):
    total_deductions: Decimal | None = None
    payments: list[Payment] = []
    deductions: list[Payment] = []


@pytest.fixture
def read(document: Make, predictions: Make) -> Make:
    """Values by path of rows (left, text), 16 apart."""

    def of(model: type[BaseModel], *rows: Cells) -> dict[str, Any]:
        page = document(
            [
                (text, left, 16.0 * k, left + 6 * len(text), 16.0 * k + 12)
                for k, row in enumerate(rows)
                for left, text in row
            ]
        )
        made = Proposal.of(page, FieldSchema(model), predictions(page, {}))
        flat = {path: c[0].value for path, c in made.flat.items() if c}
        return flat | {path: c.value for path, c in made.lists.items()}

    return of


def test_a_key_with_its_number_beside_headings_is_no_column(read: Make) -> None:
    found = read(
        Invoice,
        [(20, "Rate"), (80, "Base"), (150, "Tax"), (250, "Total base"), (400, "168.44")],
        [(20, "4 %"), (80, "50.00"), (150, "2.00"), (250, "Total tax"), (400, "7.00")],
        [(20, "10 %"), (80, "118.44"), (150, "5.00")],
    )
    assert found["rates[0].base"] == 50
    assert found["rates[1].tax"] == 5
    assert found["total_base"] == Decimal("168.44")
    assert len([path for path in found if path.startswith("rates")]) == 6


def test_the_name_of_a_list_is_the_heading_of_its_first_text(read: Make) -> None:
    found = read(
        Payslip,
        [(20, "Payments"), (120, "Amount"), (220, "Deductions"), (320, "Amount")],
        [(20, "Basic pay"), (120, "900.00"), (220, "Tax"), (320, "80.00")],
        [(20, "Overtime"), (120, "50.00"), (220, "Pension"), (320, "20.00")],
        [],
        [],
        [(20, "Total payments"), (220, "Total deductions")],
        [(20, "950.00"), (220, "100.00")],
    )
    assert found == {
        "payments[0].description": "Basic pay",
        "payments[0].amount": 900,
        "payments[1].description": "Overtime",
        "payments[1].amount": 50,
        "deductions[0].description": "Tax",
        "deductions[0].amount": 80,
        "deductions[1].description": "Pension",
        "deductions[1].amount": 20,
        "total_deductions": 100,
    }


def test_headings_in_two_languages_and_with_accents(read: Make) -> None:
    class Line(BaseModel):
        ilosc: int | None = None
        value: Decimal | None = None
        unit: str | None = None

    class Declaration(BaseModel):
        lines: list[Line] = []

    found = read(
        Declaration,
        [(20, "Ilość"), (120, "Value / Valeur (EUR)"), (300, "Unit")],
        [(20, "3"), (120, "152.00"), (300, "%")],
    )
    assert found == {"lines[0].ilosc": 3, "lines[0].value": 152, "lines[0].unit": "%"}

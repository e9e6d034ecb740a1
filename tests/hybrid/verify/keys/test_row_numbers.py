"""Several numbers on a key's row: the note's, this year's and the last one's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field

from hybrid.schema import FieldSchema
from hybrid.verify.propose import propose

Make = Callable[..., Any]
Row = Sequence[tuple[float, str]]


class Statement(BaseModel):
    revenue: Decimal | None = None
    gas: Decimal | None = Field(None, description="charge for gas this month")
    total_paid: Decimal | None = None
    vat: Decimal | None = None
    vat_rate: Decimal | None = None
    salary: Decimal | None = None
    unit_price: Decimal | None = Field(None, description="in ct/kWh")
    standing_charge: Decimal | None = None
    usage: Decimal | None = None
    total_charges: Decimal | None = None
    total_adjustments: Decimal | None = None


@pytest.fixture
def read(document: Make, predictions: Make) -> Make:
    """The values proposed for a field, with their beliefs, of rows (left, text) one below the other."""

    def of(path: str, *rows: Row) -> list[tuple[Decimal, float]]:
        cells = [
            (text, left, 20.0 * k, left + 6 * len(text), 20.0 * k + 12)
            for k, row in enumerate(rows)
            for left, text in row
        ]
        page = document(cells)
        found = propose(page, FieldSchema(Statement), predictions(page, {}))[path]
        return [(c.value, round(c.gcn or 0.0, 3)) for c in found]

    return of


YEARS: Row = [(200, "Note"), (300, "2025"), (400, "2024")]
MONTHS: Row = [(200, "Last year"), (300, "Last month"), (400, "This month")]


def test_the_number_of_a_note_is_none_and_the_later_year_counts(read: Make) -> None:
    row: Row = [(20, "Revenue"), (210, "3"), (290, "48,210"), (390, "44,975")]
    assert read("revenue", YEARS, row) == [(Decimal(48210), 0.8)]
    turned = [(200, "Note"), (300, "2024"), (400, "2025")]
    assert read("revenue", turned, row) == [(Decimal(44975), 0.8)]


def test_headings_tell_which_column_a_field_is_about(read: Make) -> None:
    row: Row = [(20, "Gas"), (210, "120.66"), (310, "131.90"), (410, "104.72")]
    assert read("gas", MONTHS, row) == [(Decimal("104.72"), 0.8)]


def test_where_nothing_tells_no_number_is_believed(read: Make) -> None:
    row: Row = [(20, "Revenue"), (210, "120.66"), (310, "131.90")]
    found = read("revenue", row)
    assert sorted(found) == [(Decimal("120.66"), 0.28), (Decimal("131.90"), 0.28)]


def test_of_totals_the_last_one_is_likeliest(read: Make) -> None:
    row: Row = [(20, "Total paid"), (210, "16,086.25"), (310, "267.73"), (410, "15,818.52")]
    assert read("total_paid", row) == [(Decimal("15818.52"), 0.48)]
    heads: Row = [(210, "Gross amount"), (310, "Discount"), (410, "Net")]
    assert read("total_paid", heads, row)[0][1] <= 0.48
    named: Row = [(210, "Quantity"), (310, "Discount"), (410, "Net amount")]
    assert read("total_paid", named, row) == [(Decimal("15818.52"), 0.8)]


def test_colons_and_currencies_in_cells_of_their_own_are_passed_over(read: Make) -> None:
    row: Row = [(20, "Salary"), (80, ":"), (100, "INR"), (130, "12,40,000")]
    assert read("salary", row) == [(Decimal(1240000), 0.8)]
    same: Row = [(20, "Salary"), (110, "900.00"), (210, "900.00")]
    assert read("salary", same) == [(Decimal("900.00"), 0.8)]


def test_a_percentage_stands_before_its_amount(read: Make) -> None:
    row: Row = [(20, "VAT"), (110, "20 %"), (210, "60.00")]
    assert read("vat", row) == [(Decimal("60.00"), 0.8)]
    rate: Row = [(20, "VAT rate"), (110, "20 %"), (210, "60.00")]
    assert (Decimal(20), 0.8) in read("vat_rate", rate)


def test_a_count_with_its_unit_before_an_amount_is_no_amount(read: Make) -> None:
    row: Row = [(20, "Gas 12 months"), (210, "156.00")]
    assert read("gas", row)[0] == (Decimal("156.00"), 0.76)
    alone: Row = [(20, "Gas 12 months")]
    assert read("gas", alone)[0] == (Decimal(12), 0.6)


def test_of_numbers_with_units_a_field_has_the_one_in_its_own(read: Make) -> None:
    row: Row = [(20, "Unit price"), (200, "2,847 kWh"), (300, "31.42 ct/kWh"), (400, "894.53")]
    assert read("unit_price", row) == [(Decimal("31.42"), 0.8)]


def test_what_is_called_a_charge_is_no_number_of_days(read: Make) -> None:
    row: Row = [(20, "Standing charge"), (200, "365 days"), (300, "142.80 EUR/year")]
    assert read("standing_charge", row) == [(Decimal("142.80"), 0.8)]
    both: Row = [(20, "Usage"), (200, "2,847 kWh"), (300, "31.42")]
    assert [value for value, _ in read("usage", both)] == [Decimal(2847), Decimal("31.42")]
    assert max(belief for _, belief in read("usage", both)) < 0.5


def test_a_row_of_totals_has_those_of_its_columns(read: Make) -> None:
    rows: list[Row] = [
        [(20, "Service"), (200, "Charges"), (300, "Insurance paid"), (420, "Adjustments")],
        [(20, "Visit"), (200, "185.00"), (300, "96.40"), (420, "58.60")],
        [(20, "X-ray"), (200, "458.00"), (300, "213.90"), (420, "190.63")],
        [(20, "TOTALS"), (200, "643.00"), (300, "310.30"), (420, "249.23")],
    ]
    assert read("total_charges", *rows) == [(Decimal("643.00"), 0.6)]
    assert read("total_adjustments", *rows) == [(Decimal("249.23"), 0.6)]
    assert read("total_paid", *rows) == [(Decimal("310.30"), 0.6)]
    assert read("total_paid", *rows[:3]) == []

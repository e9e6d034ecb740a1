"""Tables whose rows are not all alike: what one has and another lacks, and where a table ends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from tests.hybrid.verify.tables.test_tables import (
    FIRST,
    HEADINGS,
    SECOND,
    Line,
    Statement,
    items,
    printed,
    widget,
)


class Measured(BaseModel):
    test: str | None = None
    result: str | None = None
    unit: str | None = None
    flag: Literal["L", "H"] | None = None


class Report(BaseModel):
    results: list[Measured] = []


RESULTS: Line = [(10, "Test"), (150, "Result"), (250, "Unit"), (350, "Flag")]
BLUE = widget("Blue widget, 20 mm", "2", "3.50", "7.00")
RED = widget("Red one", "10", "1.50", "15.00")


def result(test: str, result: str, unit: str, flag: str | None = None) -> Line:
    cells = [(10.0, test), (150.0, result), (250.0, unit)]
    return [*cells, (356.0, flag)] if flag else cells


@pytest.mark.parametrize("marks", [("L", None, "H"), (None, "L", None), ("L", "N", "H")])
@pytest.mark.parametrize("step", [14, 24])
def test_rows_without_the_only_value_that_is_no_text(marks: tuple[Any, ...], step: int) -> None:
    """Not glued to the row above, which would be two results in one, and wrong."""
    rows = [
        ("Haemoglobin", "11.2", "g/dL", marks[0]),
        ("Leukocytes", "7.4", "10^9/L", marks[1]),
        ("Glucose", "6.8", "mmol/L", marks[2]),
    ]
    lines = [(20.0 + step * (n + 1), result(*row)) for n, row in enumerate(rows)]
    names = ("test", "result", "unit", "flag")
    wanted = [
        {k: v for k, v in zip(names, row, strict=True) if v not in (None, "N")} for row in rows
    ]
    assert items(printed([(20.0, RESULTS), *lines]), Report) == wanted


@pytest.mark.parametrize(
    ("odd", "found"),
    [
        ([(60, "Freight"), (412, "12.00")], {"description": "Freight", "amount": Decimal("12.00")}),
        (
            [(60, "Setup"), (256, "1"), (310, "on request"), (412, "n/a")],
            {"description": "Setup", "quantity": Decimal(1)},
        ),
    ],
)
def test_an_odd_row_in_its_place_is_an_item(odd: Line, found: dict[str, Any]) -> None:
    assert items(printed([(20, HEADINGS), (36, FIRST), (52, odd), (68, SECOND)])) == [
        BLUE,
        found,
        RED,
    ]


def test_a_booking_without_an_amount_is_no_end() -> None:
    heads: Line = [(10, "Date"), (90, "Details"), (250, "Debit"), (320, "Credit"), (400, "Balance")]
    rows: list[Line] = [
        [(10, "01.03.2024"), (90, "Rent"), (250, "900.00"), (400, "300.00")],
        [(10, "15.03.2024"), (90, "Ref. 4711")],
        [(10, "28.03.2024"), (90, "Interest"), (320, "1.15"), (400, "301.15")],
    ]
    lines = [(36.0 + 16 * n, row) for n, row in enumerate(rows)]
    found = items(printed([(20.0, heads), *lines]), Statement)
    assert [row["details"] for row in found] == ["Rent", "Ref. 4711", "Interest"]
    assert set(found[1]) == {"date", "details"}


def test_a_row_that_fits_nowhere_is_passed_over() -> None:
    stray: Line = [(120, "Delivered in two parts 4"), (330, "as agreed"), (500, "7.00")]
    page = [(20.0, HEADINGS), (36.0, FIRST), (52.0, stray), (68.0, SECOND)]
    assert items(printed(page)) == [BLUE, RED]


def test_a_wider_blank_is_no_end_where_as_full_a_row_follows() -> None:
    third: Line = [(10, "3"), (60, "Grey one"), (256, "1"), (330, "2.00"), (412, "2.00")]
    page = [(20.0, HEADINGS), (36.0, FIRST), (52.0, SECOND), (86.0, third)]
    assert items(printed(page)) == [BLUE, RED, widget("Grey one", "1", "2.00", "2.00")]


def test_headings_of_another_table_are_the_end() -> None:
    taxes: Line = [(60, "Kind of tax"), (250, "Share"), (330, "Net"), (406, "Tax")]
    shares: Line = [(60, "Standard"), (250, "20"), (330, "22.00"), (412, "4.40")]
    page = [(20.0, HEADINGS), (36.0, FIRST), (52.0, SECOND), (68.0, taxes), (84.0, shares)]
    assert items(printed(page)) == [BLUE, RED]


def test_amounts_beside_their_names_below_the_items_are_no_items() -> None:
    fees: Line = [(300, "Handling fee"), (406, "12.00")]
    page = [(20.0, HEADINGS), (36.0, FIRST), (52.0, SECOND), (68.0, fees)]
    assert items(printed(page)) == [BLUE, RED]


@pytest.mark.parametrize("name", ["Rechnungsbetrag", "Net à payer", "Zu zahlen:", "IVA 21%", "Due"])
def test_sums_by_their_whole_names(name: str) -> None:
    full: Line = [(60, name), (256, "12"), (330, "5.00"), (406, "22.00")]
    page = [(20.0, HEADINGS), (36.0, FIRST), (52.0, SECOND), (68.0, full)]
    assert items(printed(page)) == [BLUE, RED]


def test_a_short_column_goes_on_too() -> None:
    """Closer to its item than the next one is; no column of texts is longer."""
    strength: Line = [(10, "Test"), (150, "Result"), (250, "Unit"), (350, "Flag")]
    rows = [
        (20.0, strength),
        (40.0, result("Lisinopril retard", "10 mg", "a")),
        (51.0, [(150.0, "tab")]),
        (70.0, result("Amlodipine", "5 mg", "b")),
    ]
    assert [x["result"] for x in items(printed(rows), Report)] == ["10 mg tab", "5 mg"]


@pytest.mark.parametrize(("name", "height"), [("METABOLIC", 20), ("METABOLIC", 14)])
def test_a_section_s_name_in_the_midst_of_items_is_none_of_them(name: str, height: float) -> None:
    lines = [
        result("Cholesterol", "221", "mg/dL", "H"),
        result("HDL", "48", "mg/dL"),
        [(10.0, name)],
        result("Glucose", "104", "mg/dL", "H"),
        result("Creatinine", "0.81", "mg/dL"),
    ]
    rows = [(20.0, RESULTS), *((20 + height * n, line) for n, line in enumerate(lines, 1))]
    tests = [x["test"] for x in items(printed(rows), Report)]
    assert tests == ["Cholesterol", "HDL", "Glucose", "Creatinine"]


def test_a_line_that_had_no_room_goes_on_at_the_pitch_of_items() -> None:
    lines = [
        result("Antibodies to thyroid", "221", "mg/dL"),
        [(10.0, "peroxidase")],
        result("Glucose", "104", "mg/dL"),
    ]
    rows = [(20.0, RESULTS), *((20.0 + 14 * n, line) for n, line in enumerate(lines, 1))]
    tests = [x["test"] for x in items(printed(rows), Report)]
    assert tests == ["Antibodies to thyroid peroxidase", "Glucose"]


def test_two_values_that_stand_close_are_two_columns_cells() -> None:
    heads: Line = [(10, "Test"), (150, "Result"), (192, "Flag"), (260, "Unit")]
    row: Line = [(10, "Glucose"), (170, "221 H"), (260, "mg/dL")]
    plain: Line = [(10, "Sodium"), (160, "140"), (260, "mmol/L")]
    found = items(printed([(20, heads), (40, row), (60, plain)]), Report)
    assert found == [
        {"test": "Glucose", "result": "221", "flag": "H", "unit": "mg/dL"},
        {"test": "Sodium", "result": "140", "unit": "mmol/L"},
    ]

"""Tables whose headings say less: columns told by their content, lists told by their sum, two tables on a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.tables.items import read_tables

Make = Callable[..., Any]


class Item(BaseModel):
    description: str | None = None
    quantity: int | None = None
    amount: Decimal | None = None


class Bill(BaseModel):
    items: list[Item] = []


class Entry(BaseModel):
    work_date: dt.date | None = None
    description: str | None = None
    hours: Decimal | None = None
    rate: Decimal | None = None


class Sheet(BaseModel):
    entries: list[Entry] = []


def line(text: str, left: float, top: float, height: float = 10) -> tuple[Any, ...]:
    return (text, left, top, left + 5 * len(text), top + height)


def row(top: float, name: str, amount: str) -> list[Any]:
    right = 400.0
    return [line(name, 50, top), (amount, right - 5 * len(amount), top, right, top + 10)]


def read(document: Make, rows: list[Any], model: type[BaseModel]) -> dict[str, Any]:
    schema = FieldSchema(model)
    lists = {leaf.list_path for leaf in schema.leaves if leaf.list_path}
    return {p: c.value for p, c in read_tables(document(rows), schema, lists).items.items()}


RECEIPT = [
    *row(100, "1 Fountain pen", "6.95"),
    *row(114, "2 Notebook A5", "9.00"),
    *row(128, "1x Card", "2.80"),
]


@pytest.mark.parametrize("total", ["SUBTOTAL", "Total to pay", "I alt", "Base imponible", "Summe"])
def test_what_adds_up_is_a_list(total: str, document: Make) -> None:
    found = read(document, [*RECEIPT, *row(150, total, "18.75"), *row(170, "CASH", "20.00")], Bill)
    assert [found[f"items[{n}].description"] for n in range(3)] == [
        "Fountain pen", "Notebook A5", "Card",
    ]  # fmt: skip
    assert [found[f"items[{n}].quantity"] for n in range(3)] == [1, 2, 1]
    assert [found[f"items[{n}].amount"] for n in range(3)] == [
        Decimal("6.95"), Decimal("9.00"), Decimal("2.80"),
    ]  # fmt: skip
    assert len(found) == 9


def test_what_does_not_add_up_is_none(document: Make) -> None:
    assert read(document, [*RECEIPT, *row(150, "Total", "18.76")], Bill) == {}
    assert read(document, RECEIPT, Bill) == {}
    sums = [
        *row(100, "Net", "100.00"),
        *row(114, "VAT 20 %", "20.00"),
        *row(128, "Total", "120.00"),
    ]
    assert read(document, sums, Bill) == {}
    assert read(document, [*RECEIPT[:2], *row(114, "Total", "6.95")], Bill) == {}
    far = [*RECEIPT, *row(300, "Total", "18.75")]
    assert read(document, far, Bill) == {}


def test_of_two_lists_nobody_can_say(document: Make) -> None:
    class Two(Bill):
        extras: list[Item] = []

    assert read(document, [*RECEIPT, *row(150, "Total", "18.75")], Two) == {}


def test_beside_another_table(document: Make) -> None:
    other = [(f"Reading {n}", 430, 100 + 14 * n, 480, 110 + 14 * n) for n in range(4)]
    found = read(document, [*RECEIPT, *row(150, "Total", "18.75"), *other], Bill)
    assert found["items[2].amount"] == Decimal("2.80")


def test_counts_and_prices_in_cells_of_their_own(document: Make) -> None:
    class Dish(BaseModel):
        name: str | None = None
        quantity: int | None = None
        unit_price: Decimal | None = None
        amount: Decimal | None = None

    class Dinner(BaseModel):
        dishes: list[Dish] = []

    def dish(top: float, count: str, name: str, price: str, amount: str) -> list[Any]:
        return [line(count, 30, top), *row(top, name, amount), line(price, 250, top)]

    rows = [
        *dish(100, "4", "Rock oysters", "@ 26.00", "104.00"),
        *dish(114, "2", "Shiraz, bottle", "@ 58.00", "116.00"),
        line("Subtotal", 30, 130),
        *row(130, "", "220.00")[1:],
    ]
    found = read(document, rows, Dinner)
    assert found["dishes[0].name"] == "Rock oysters"
    assert found["dishes[1].quantity"] == 2
    assert found["dishes[1].unit_price"] == Decimal("58.00")
    assert len(found) == 8


def test_codes_are_no_descriptions(document: Make) -> None:
    class Tax(BaseModel):
        code: str | None = None
        amount: Decimal | None = None

    class Ticket(BaseModel):
        taxes: list[Tax] = []

    assert read(document, [*RECEIPT, *row(150, "Total", "18.75")], Ticket) == {}


def cells(top: float, *texts: str) -> list[Any]:
    return [line(t, x, top) for t, x in zip(texts, (50, 120, 300, 360), strict=True) if t]


TABLE = [
    *cells(100, "Quand", "Ce qui a ete fait", "Hours", "Rate"),
    *cells(114, "08/04/2026", "Rendez-vous et dossier", "1.50", "210.00"),
    *cells(128, "15/04/2026", "Mise en demeure", "2.00", "210.00"),
]


def test_the_only_dates_and_the_only_texts(document: Make) -> None:
    found = read(document, TABLE, Sheet)
    assert found["entries[0].work_date"] == dt.date(2026, 4, 8)
    assert found["entries[1].description"] == "Mise en demeure"
    assert found["entries[1].rate"] == Decimal("210.00")


def test_not_where_two_columns_could_be_it(document: Make) -> None:
    two = [*TABLE, line("Wer", 420, 100), line("Solene", 420, 114), line("Delvaux", 420, 128)]
    found = read(document, two, Sheet)
    assert "entries[0].description" not in found
    assert found["entries[0].work_date"] == dt.date(2026, 4, 8)


def test_a_sum_of_the_table_to_the_left_ends_no_other(document: Make) -> None:
    def both(top: float, *texts: str) -> list[Any]:
        places = zip(texts, (50, 150, 250, 400, 460), strict=True)
        return [line(t, x, top) for t, x in places]

    class Levy(BaseModel):
        authority: str | None = None
        rate: Decimal | None = None
        tax: Decimal | None = None

    class Notice(BaseModel):
        levies: list[Levy] = []

    rows = [
        *both(100, "Valuation", "", "Authority", "Rate", "Tax"),
        *both(114, "Land", "61,200", "County Fund", "3.4120", "732.22"),
        *both(128, "Total Value", "239,600", "School District", "7.8850", "92.12"),
        *both(142, "Exemption", "-25,000", "City of Ferndell", "2.1500", "461.39"),
    ]
    found = read(document, [r for r in rows if r[0]], Notice)
    assert found["levies[2].authority"] == "City of Ferndell"
    assert len(found) == 9


def test_small_print_below_an_item(document: Make) -> None:
    class Line(BaseModel):
        description: str | None = None
        amount: Decimal | None = None

    class Invoice(BaseModel):
        lines: list[Line] = []

    rows = [
        line("Description", 50, 100), line("Amount", 370, 100),
        *row(114, "Copper pipe", "12.00"), line("Store H2", 50, 125, 7),
        *row(140, "Steel pipe", "14.00"), line("Store H2", 50, 151, 7),
    ]  # fmt: skip
    found = read(document, rows, Invoice)
    assert found["lines[0].description"] == "Copper pipe"


def test_dates_without_a_year_have_that_of_the_statement(document: Make) -> None:
    """Whether the day stands first is told by the page's other dates."""
    rows = [
        ("Statement 08/20/2026 - 09/19/2026", 50, 20, 250, 30),
        line("Work date", 50, 80),
        line("Description", 150, 80),
        line("Hours", 350, 80),
    ]
    for top, day, text, hours in [(100, "08/21", "Roof", "4.0"), (114, "09/02", "Wall", "5.5")]:
        rows += [line(day, 50, top), line(text, 150, top), line(hours, 350, top)]
    found = read(document, rows, Sheet)
    assert [found[f"entries[{k}].work_date"] for k in (0, 1)] == [
        dt.date(2026, 8, 21),
        dt.date(2026, 9, 2),
    ]
    rows[0] = ("Statement of this summer", 50, 20, 250, 30)
    assert not any("work_date" in path for path in read(document, rows, Sheet))

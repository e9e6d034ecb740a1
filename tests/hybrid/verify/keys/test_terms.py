"""Terms of the vocabulary as keys of a user's fields, on pages in other words and languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema, Keys
from hybrid.verify.keys.terms import terms_on, with_terms
from hybrid.verify.resolve import Proposal

Make = Callable[..., Any]
Line = tuple[str, float, float, float, float]


class Item(BaseModel):
    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    line_total: Decimal | None = None


class Invoice(BaseModel):
    invoice_number: str | None = None
    due_date: dt.date | None = None
    net_total: Decimal | None = None
    vat_amount: Decimal | None = None
    total: Decimal | None = None
    items: list[Item] = []


def line(text: str, left: float, top: float) -> Line:
    return (text, left, top, left + 6 * len(text), top + 12)


def row(top: float, *cells: str) -> list[Line]:
    return [line(text, left, top) for text, left in zip(cells, (20, 200, 300, 400), strict=False)]


GERMAN = [
    *row(20, "Rechnungs-Nr.", "RE-2071"),
    *row(40, "Zahlbar bis", "12.04.2026"),
    *row(80, "Bezeichnung", "Menge", "Einzelpreis", "Gesamtpreis"),
    *row(96, "Eichenbrett", "2", "12,50", "25,00"),
    *row(112, "Kreuzschrauben", "4", "3,00", "12,00"),
    *row(150, "Nettobetrag", "37,00"),
    *row(170, "zzgl. MwSt.", "7,03"),
    *row(190, "Rechnungsbetrag", "44,03"),
]
FRENCH = [
    *row(20, "Facture n°", "F-118"),
    *row(40, "Échéance", "12/04/2026"),
    *row(80, "Désignation", "Qté", "P.U. HT", "Total HT"),
    *row(96, "Banc public", "2", "12,50", "25,00"),
    *row(112, "Corbeille", "4", "3,00", "12,00"),
    *row(150, "Total HT", "37,00"),
    *row(170, "TVA", "7,03"),
    *row(190, "Total TTC", "44,03"),
]


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    def of(rows: list[Line], schema: type[BaseModel]) -> Proposal:
        page = document(rows)
        return Proposal.of(page, FieldSchema(schema), predictions(page, {}))

    return of


@pytest.mark.parametrize(("page", "number"), [(GERMAN, "RE-2071"), (FRENCH, "F-118")])
def test_a_page_in_another_language(proposed: Make, page: list[Line], number: str) -> None:
    found = proposed(page, Invoice)
    values = {path: [c.value for c in candidates] for path, candidates in found.flat.items()}
    assert values == {
        "invoice_number": [number],
        "due_date": [dt.date(2026, 4, 12)],
        "net_total": [Decimal("37.00")],
        "vat_amount": [Decimal("7.03")],
        "total": [Decimal("44.03")],
    }
    items = {path: c.value for path, c in found.lists.items()}
    assert items["items[0].quantity"] == 2
    assert items["items[1].unit_price"] == 3
    assert [items[f"items[{k}].line_total"] for k in range(2)] == [25, 12]
    assert len(items) == 8


def test_a_total_is_not_the_total_of_something_else(proposed: Make) -> None:
    class Only(BaseModel):
        total: Decimal | None = None

    page = [*row(20, "Total HT", "37,00"), *row(40, "Total TVA", "7,03"), line("Fin", 20, 90)]
    assert proposed(page, Only).flat == {"total": []}
    page[:2] = [line("Total HT : 37,00", 20, 20)]
    assert proposed(page, Only).flat == {"total": []}


def test_a_term_is_no_value(proposed: Make) -> None:
    class Letter(BaseModel):
        subject: str | None = None

    page = [line("Subject", 20, 20), line("Invoice number", 20, 36), line("Kitchen", 20, 52)]
    assert [c.text for c in proposed(page, Letter).flat["subject"]] == []


def test_keys_of_ones_own_stand_alone(proposed: Make) -> None:
    class Own(BaseModel):
        total: Annotated[Decimal | None, Keys("Saldo")] = None

    page = [*row(20, "Gesamtbetrag", "44,03"), *row(40, "Saldo", "9,00")]
    assert [c.value for c in proposed(page, Own).flat["total"]] == [Decimal("9.00")]


def test_columns_are_no_keys_outside_tables(proposed: Make) -> None:
    class Order(BaseModel):
        total_units: int | None = None
        items: list[Item] = []

    page = [
        *row(20, "Description", "Units", "Price"),
        *row(36, "Shirt", "120", "11.40"),
        *row(52, "Trouser", "200", "14.75"),
        line("Total units 320", 300, 90),
    ]
    assert [c.value for c in proposed(page, Order).flat["total_units"]] == [320]


def test_a_term_of_two_fields_is_nobodys(document: Make) -> None:
    class Both(BaseModel):
        total: Decimal | None = None
        amount_due: Decimal | None = None
        order_number: str | None = None
        purchase_order_number: str | None = None

    page = document([*row(20, "Total to pay", "1.00"), *row(40, "Bestellnummer", "7")])
    terms = terms_on(page)
    assert {t.text for t in terms} >= {"total to pay", "Bestellnummer"}
    keys = {leaf.name: leaf.keys for leaf in with_terms(FieldSchema(Both), terms).leaves}
    assert keys == {
        "total": ("total", "totalt"),
        "amount_due": ("amount due", "to pay"),
        "order_number": ("order number",),
        "purchase_order_number": ("purchase order number",),
    }


def test_a_term_that_is_the_name_of_another_field_is_its_own(document: Make) -> None:
    class Sums(BaseModel):
        subtotal: Decimal | None = None
        net_amount: Decimal | None = None

    terms = terms_on(document([*row(20, "Subtotal", "1.00"), *row(40, "Net amount", "1.00")]))
    schema = with_terms(FieldSchema(Sums), terms)
    assert {leaf.name: leaf.keys for leaf in schema.leaves} == {
        "subtotal": ("subtotal",),
        "net_amount": ("net amount",),
    }


def test_only_what_is_printed_is_added(document: Make) -> None:
    schema = FieldSchema(Invoice)
    assert terms_on(document([line("Nothing here", 20, 20)])) == ()
    made = with_terms(schema, terms_on(document(row(20, "Zahlbar bis", "12.04.2026"))))
    assert made.by_path["due_date"].keys == ("due date", "zahlbar bis")
    assert made.fill({"total": Decimal(1)}) == schema.fill({"total": Decimal(1)})
    assert made.leaf_of("items[3].quantity") is made.by_path["items[].quantity"]

"""Keys in other forms, and values that stand with others in a box or go on in the next line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.keys.terms import terms_on, with_terms
from hybrid.verify.resolve import Proposal

Make = Callable[..., Any]
Line = tuple[str, float, float, float, float]


class Patient(BaseModel):
    patient_name: str | None = None
    patient_date_of_birth: dt.date | None = None
    bedrooms: int | None = None
    first_name: str | None = None
    supplier_vat_number: str | None = None


class Shipment(BaseModel):
    vessel: str | None = None
    voyage: str | None = None
    carrier: str | None = None
    website: str | None = None
    account: str | None = None
    iban: str | None = None


class Minutes(BaseModel):
    meeting_date: dt.date | None = None
    chair: str | None = None


class Guest(BaseModel):
    guest: str | None = None
    room: str | None = None


def line(text: str, left: float, top: float) -> Line:
    return (text, left, top, left + 6 * len(text), top + 12)


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    """Values by path, of which one is believed most."""

    def of(
        schema: type[BaseModel], *rows: Line, marks: dict[int, dict[str, float]] | None = None
    ) -> dict[str, Any]:
        page = document(list(rows))
        made = Proposal.of(page, FieldSchema(schema), predictions(page, marks or {}))
        best = {
            path: max(c, key=lambda x: x.gcn or 0.0, default=None) for path, c in made.flat.items()
        }
        return {path: c.value for path, c in best.items() if c is not None}

    return of


def test_a_qualified_name_is_printed_without_what_it_is_of(proposed: Make) -> None:
    rows = [line("Patient", 20, 20), line("Ada Moor", 200, 20)]
    rows += [line("Date of birth", 20, 40), line("1974-11-23", 200, 40)]
    rows += [line("Number of bedrooms", 20, 60), line("4", 200, 60)]
    assert proposed(Patient, *rows) == {
        "patient_name": "Ada Moor",
        "patient_date_of_birth": dt.date(1974, 11, 23),
        "bedrooms": 4,
    }


def test_what_is_one_of_two_parties_needs_its_name(document: Make) -> None:
    page = document([line("First", 20, 20), line("VAT number", 20, 40)])
    keys = {x.name: x.keys for x in with_terms(FieldSchema(Patient), terms_on(page)).leaves}
    assert keys["supplier_vat_number"] == ("supplier vat number",)
    assert keys["first_name"] == ("first name",)


def test_a_lone_date_is_that_of_the_only_field_for_the_document(proposed: Make) -> None:
    rows = [line("Date", 20, 20), line("8 September 2026", 200, 20)]
    assert proposed(Minutes, *rows) == {"meeting_date": dt.date(2026, 9, 8)}


def test_two_values_in_a_box_are_told_by_their_places(proposed: Make) -> None:
    rows = [line("Vessel / Voyage", 20, 20), line("EVER SUMMIT / 0412E", 20, 34)]
    assert proposed(Shipment, *rows) == {"vessel": "EVER SUMMIT", "voyage": "0412E"}


def test_a_key_in_two_languages_has_one_value(proposed: Make) -> None:
    rows = [line("Carrier / Transporteur", 20, 20), line("Corriere Lungarno", 200, 20)]
    assert proposed(Shipment, *rows)["carrier"] == "Corriere Lungarno"


def test_a_value_goes_on_where_its_next_word_had_no_room(proposed: Make) -> None:
    cell = [line("Guest: Sig. Matthias", 20, 20), line("Obermoser", 20, 33)]
    beside = line("Room: 12", 150, 20)
    assert proposed(Guest, *cell, beside)["guest"] == "Sig. Matthias Obermoser"
    far = line("Room: 12", 300, 20)
    assert proposed(Guest, *cell, far)["guest"] == "Sig. Matthias"


def test_a_value_goes_on_behind_a_hyphen(proposed: Make) -> None:
    rows = [line("Website", 20, 20), line("www.moor-", 120, 20), line("bridges.example", 120, 33)]
    assert proposed(Shipment, *rows) == {"website": "www.moor- bridges.example"}


def test_a_number_does_not_go_on_in_words(proposed: Make) -> None:
    rows = [line("Account: E4471902", 20, 20), line("Activity", 20, 33), line("Page 1", 125, 20)]
    assert proposed(Shipment, *rows)["account"] == "E4471902"


def test_a_name_that_ends_with_a_comma_above_a_line_is_unfinished(
    document: Make, predictions: Make
) -> None:
    def belief(*below: Line) -> float:
        page = document([line("Guest", 20, 20), line("Whitlock,", 120, 20), *below])
        found = Proposal.of(page, FieldSchema(Guest), predictions(page, {})).flat["guest"]
        return {c.text: c.gcn or 0.0 for c in found}["Whitlock,"]

    assert belief(line("Name:", 20, 33), line("Georgina", 120, 33)) < 0.5 <= belief()


def test_masked_digits_belong_to_a_number(proposed: Make) -> None:
    rows = [line("Paid from IBAN DE75 **** **** 4417 02 today", 20, 20)]
    assert proposed(Shipment, *rows)["iban"] == "DE75 **** **** 4417 02"


def test_beside_a_key_a_value_is_believed_but_no_question(
    document: Make, predictions: Make
) -> None:
    page = document([line("Room", 20, 20), line("Stanmark Works", 120, 20)])

    def belief(question: float) -> float:
        marks = {0: {"question": 0.2}, 1: {"question": question, "answer": 0.1}}
        found = Proposal.of(page, FieldSchema(Guest), predictions(page, marks)).flat["room"]
        return found[0].gcn or 0.0

    assert belief(0.1) == pytest.approx(0.6)
    assert belief(0.9) < 0.2


def test_totals_below_a_table_are_no_captions(proposed: Make) -> None:
    class Sums(BaseModel):
        net: Decimal | None = None
        vat: Decimal | None = None
        total: Decimal | None = None

    rows = [line("Chair", 20, 0), line("9.00", 200, 0)]
    for k, (key, value) in enumerate({"Net": "5.00", "VAT": "1.00", "Total": "6.00"}.items()):
        rows += [line(key, 20, 13 * (k + 1)), line(value, 200, 13 * (k + 1))]
    assert proposed(Sums, *rows) == {"net": 5, "vat": 1, "total": 6}


def test_a_value_ends_before_the_next_key_in_small_print(proposed: Make) -> None:
    row = line("Account 08824415 · VAT Reg. No. GB 417 · Tel. 1", 20, 20)
    assert proposed(Shipment, row)["account"] == "08824415"


def test_a_day_behind_a_key_is_no_part_of_it(proposed: Make) -> None:
    class Statement(BaseModel):
        alter_saldo: Decimal | None = None
        neuer_saldo: Decimal | None = None

    rows = [line("Alter Saldo vom 28.02.2026", 20, 20), line("1.204,77", 300, 20)]
    rows += [line("Neuer Saldo per 31.03.2026", 20, 34), line("2.961,81", 300, 34)]
    assert proposed(Statement, *rows) == {
        "alter_saldo": Decimal("1204.77"),
        "neuer_saldo": Decimal("2961.81"),
    }


def test_a_number_sign_behind_a_key_belongs_to_it(proposed: Make) -> None:
    assert proposed(Shipment, line("Account n.º: E17-440291", 20, 20))["account"] == "E17-440291"


def test_small_words_may_stand_between_those_of_a_key(proposed: Make) -> None:
    class Conta(BaseModel):
        data_limite_pagamento: dt.date | None = None

    row = line("Data limite de pagamento: 29/04/2026", 20, 20)
    assert proposed(Conta, row) == {"data_limite_pagamento": dt.date(2026, 4, 29)}


def test_a_name_goes_on_neither_in_a_street_nor_in_smaller_letters(proposed: Make) -> None:
    cell, beside = line("Guest: Sig. Matthias", 20, 20), line("Room: 12", 150, 20)
    assert proposed(Guest, cell, line("Havenstraat 9", 20, 33), beside)["guest"] == "Sig. Matthias"
    small = ("Periodico", 20.0, 33.0, 60.0, 40.0)
    assert proposed(Guest, cell, small, beside)["guest"] == "Sig. Matthias"

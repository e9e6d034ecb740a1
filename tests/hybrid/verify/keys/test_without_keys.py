"""Dates of letters, numbers in titles, rates and currencies, which no key stands beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import create_model

from hybrid.schema import FieldSchema
from hybrid.verify.keys.terms import terms_on, with_terms
from hybrid.verify.propose import propose

Make = Callable[..., Any]


def line(text: str, top: float, height: float = 12, left: float = 50) -> tuple[Any, ...]:
    return (text, left, top, left + 6 * len(text), top + height)


REST = [line(f"Article {n} of what was delivered", 400 + 20 * n) for n in range(9)]


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    def of(rows: list[Any], **fields: Any) -> dict[str, Any]:
        page = document([*rows, *REST])
        optional: dict[str, Any] = {name: (kind | None, None) for name, kind in fields.items()}
        model = create_model("Model", **optional)
        schema = with_terms(FieldSchema(model), terms_on(page))
        found = propose(page, schema, predictions(page, {}))
        return {path: c[0].value if c else None for path, c in found.items()}

    return of


@pytest.mark.parametrize(
    "text",
    ["Landsberg, den 12. Mai 2026", "Montpellier, le 12 mai 2026", "Carpi, 12 maggio 2026",
     "12 May 2026", "Kraków, dnia 12 maja 2026 r.", "Jyväskylä 12. toukokuuta 2026"],
)  # fmt: skip
def test_the_date_of_a_letter(text: str, proposed: Make) -> None:
    day = dt.date(2026, 5, 12)
    found = proposed([line(text, 60)], letter_date=dt.date, due_date=dt.date)
    expected = None if text.startswith("Jyväskylä") else day  # a word before it may be a key
    assert found == {"letter_date": expected, "due_date": None}


def test_of_several_dates_none_and_one_with_a_place_before_others(proposed: Make) -> None:
    rows = [line("12 May 2026", 60), line("14 May 2026", 80)]
    assert proposed(rows, invoice_date=dt.date)["invoice_date"] is None
    placed = [*rows, line("Köln, den 1. Juni 2026", 100)]
    assert proposed(placed, invoice_date=dt.date)["invoice_date"] == dt.date(2026, 6, 1)
    both = proposed(placed, letter_date=dt.date, notice_date=dt.date)
    assert both == {"letter_date": None, "notice_date": None}


def test_the_number_in_a_title(proposed: Make) -> None:
    inside = [line("NOTE D'HONORAIRES N° 2026-058", 60, 20)]
    below = [line("Attestation", 60, 20), line("No. 2026-058", 82)]
    for rows, name in ((inside, "fee_note_number"), (below, "certificate_number")):
        assert proposed(rows, **{name: str})[name] == "2026-058"
    # Of other documents, or of two that could have it.
    assert proposed(inside, order_number=str)["order_number"] is None
    assert proposed(inside, fee_note_number=str, receipt_number=str)["receipt_number"] is None
    invoice = [line("FACTURE N° F26-0318", 60, 20)]
    assert proposed(invoice, numero_devis=str)["numero_devis"] is None


@pytest.mark.parametrize(
    ("text", "rate"),
    [("zzgl. 19 % MwSt.", "19"), ("TVA 20 %", "20"), ("VAT @ 5.5%", "5.5"), ("IVA (21%)", "21"),
     ("25 % moms", "25"), ("Discount 10 %", None)],
)  # fmt: skip
def test_the_only_rate_of_tax(text: str, rate: str | None, proposed: Make) -> None:
    rows = [line(text, 300), line("12.00", 300, left=300)]
    expected = Decimal(rate) if rate else None
    assert proposed(rows, vat_rate=Decimal)["vat_rate"] == expected
    assert proposed([*rows, line("VAT 7 %", 320)], vat_rate=Decimal)["vat_rate"] in (
        (None,) if rate else (Decimal(7),)
    )


def test_the_only_currency(proposed: Make) -> None:
    rows = [line("Total EUR", 300), line("12.00 EUR", 320, left=300)]
    assert proposed(rows, currency=str)["currency"] == "EUR"
    assert proposed([*rows, line("USD 13.10", 340)], currency=str)["currency"] is None
    assert proposed([line("Total £12.00", 300)], currency=str)["currency"] is None


def test_added_and_taken_off(proposed: Make) -> None:
    rows = [
        line("zzgl. 19 % MwSt.", 300), line("381,94", 300, left=300),
        line("abzgl. Anzahlung", 320), line("800,00", 320, left=300),
    ]  # fmt: skip
    found = proposed(rows, vat_amount=Decimal, deposit=Decimal)
    assert found == {"vat_amount": Decimal("381.94"), "deposit": Decimal("800.00")}


def test_a_word_more_than_the_key(proposed: Make) -> None:
    rows = [line("Ending account value", 300), line("44.50", 300, left=300)]
    assert proposed(rows, ending_value=Decimal)["ending_value"] == Decimal("44.50")
    rows = [line("Ending account cash value", 300), line("44.50", 300, left=300)]
    assert proposed(rows, ending_value=Decimal)["ending_value"] is None


def test_a_part_of_a_telephone_number_is_none(proposed: Make) -> None:
    rows = [line("Tel. 08191 / 55 03 27", 300)]
    assert proposed(rows, phone=str)["phone"] == "08191 / 55 03 27"


def test_the_amount_before_its_rate(proposed: Make) -> None:
    rows = [line("Surcharge 8% (groups)", 300), line("56.24", 300, left=300)]
    assert proposed(rows, surcharge=Decimal)["surcharge"] == Decimal("56.24")
    assert proposed(rows[:1], surcharge_rate=Decimal)["surcharge_rate"] is None

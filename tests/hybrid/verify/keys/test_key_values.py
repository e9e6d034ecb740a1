"""Values beside keys: several lines, several objects of one class, words that run on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema, Keys
from hybrid.verify.candidates import Candidate
from hybrid.verify.keys.likeness import likeness
from hybrid.verify.propose import propose

Make = Callable[..., Any]


class Party(BaseModel):
    vat_no: str | None = None


class Order(BaseModel):
    order_no: str | None = None
    ship_to: str | None = None
    carrier: str | None = None
    bank: str | None = None
    vat: Decimal | None = None


class Parties(BaseModel):
    seller: Party | None = None
    bill_to: Party | None = None
    ship_to: Party | None = None


def line(text: str, left: float, top: float) -> tuple[str, float, float, float, float]:
    return (text, left, top, left + 6 * len(text), top + 12)


ADDRESS = [
    line("Ship to:", 60, 93),
    line("Meridian Freight GmbH", 200, 93),
    line("Speicherstr. 12", 200, 106),
    line("20457 Hamburg", 200, 119),
    line("Carrier:", 60, 134),
    line("DSV Road", 200, 134),
]


def best(found: dict[str, list[Candidate]], path: str) -> str:
    return found[path][0].text


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    def of(rows: list[Any], schema: type[BaseModel], forms: bool = False) -> Any:
        page = document(rows)
        marks = {n: {"question": 0.5, "answer": 0.5} for n in range(len(rows))} if forms else {}
        return propose(page, FieldSchema(schema), predictions(page, marks))

    return of


def test_a_value_goes_on_below_its_first_line(proposed: Make) -> None:
    found = proposed(ADDRESS, Order)
    whole = "Meridian Freight GmbH Speicherstr. 12 20457 Hamburg"
    assert [c.text for c in found["ship_to"]] == [whole, "Meridian Freight GmbH"]
    assert found["ship_to"][0].segments == (1, 2, 3)
    # Of one answer, as often as both were right: 29 of 41 times the next line belongs to it.
    assert found["ship_to"][0].gcn == pytest.approx(0.65 * 0.7)
    assert found["ship_to"][1].gcn == pytest.approx(0.65 * 0.3)
    assert [c.text for c in found["carrier"]] == ["DSV Road"]


def test_a_name_has_one_line(proposed: Make) -> None:
    class Receiver(BaseModel):
        receiver_name: Annotated[str | None, Keys("Ship to")] = None
        receiver_address: Annotated[str | None, Keys("Ship to")] = None

    found = proposed(ADDRESS, Receiver)
    assert best(found, "receiver_name") == "Meridian Freight GmbH"
    assert found["receiver_name"][0].gcn == pytest.approx(0.65 * 0.7)
    assert best(found, "receiver_address").endswith("20457 Hamburg")


def test_a_line_with_a_key_to_its_left_is_another_value(proposed: Make) -> None:
    rows = [
        line("Ship to", 60, 93),
        line("Hamburg", 200, 93),
        line("Incoterm", 60, 106),
        line("DAP", 200, 106),
    ]
    assert best(proposed(rows, Order), "ship_to") == "Hamburg"
    assert not any("DAP" in c.text for c in proposed(rows, Order)["ship_to"])


def test_below_its_key_a_value_goes_on_in_its_column(proposed: Make) -> None:
    rows = [
        line("Bill to", 50, 150),
        line("Ship to", 320, 150),
        line("Freight GmbH", 50, 164),
        line("Warehouse Nord", 320, 164),
        line("Hamburg", 50, 178),
        line("Rostock", 320, 178),
    ]
    assert best(proposed(rows, Order), "ship_to") == "Warehouse Nord Rostock"


def test_a_key_ends_a_value(proposed: Make) -> None:
    rows = [
        line("Ship to", 50, 150),
        line("Freight GmbH", 50, 164),
        line("Carrier DSV", 50, 178),
        line("Phone:", 50, 192),
    ]
    assert [c.text for c in proposed(rows, Order)["ship_to"]] == ["Freight GmbH"]


PARTIES = [
    line("Nordic Supply Oy", 50, 52),
    line("VAT no: FI12345678", 50, 91),
    line("Bill to:", 50, 152),
    line("Ship to:", 320, 152),
    line("Meridian Freight GmbH", 50, 165),
    line("Meridian Warehouse Nord", 320, 165),
    line("VAT no: DE811222333", 50, 204),
]


def test_a_value_is_of_the_object_that_it_stands_under(proposed: Make) -> None:
    found = proposed(PARTIES, Parties)
    assert [c.text for c in found["bill_to.vat_no"]] == ["DE811222333"]
    assert [c.text for c in found["seller.vat_no"]] == ["FI12345678"]
    assert found["ship_to.vat_no"] == []


def test_where_no_object_is_named_belief_is_shared(proposed: Make) -> None:
    (alone,) = proposed([PARTIES[1]], Parties)["seller.vat_no"]
    (among,) = proposed([PARTIES[1]], Party)["vat_no"]
    assert alone.gcn == pytest.approx(among.gcn / 3)


def test_which_of_two_objects_nobody_can_say(document: Make, predictions: Make) -> None:
    class Two(BaseModel):
        seller: Party | None = None
        bill_to: Party | None = None

    page = document([PARTIES[1]])
    seen = predictions(page, {0: {"question": 0.02, "answer": 0.98}})
    (shared,) = propose(page, FieldSchema(Two), seen)["seller.vat_no"]
    assert shared.gcn == 0.34  # which abstains


def test_words_that_run_on_are_hardly_believed(proposed: Make) -> None:
    rows = [
        line("Bank charges", 50, 50),
        line("VAT ID GB 284 5519 02", 50, 80),
        line("VAT 20%", 50, 110),
        line("10,457.13", 300, 110),
        line("Order no SO-771", 50, 140),
    ]
    found = proposed(rows, Order, forms=True)
    assert found["bank"][0].gcn == pytest.approx(0.15)
    assert best(found, "vat") == "10,457.13"
    assert found["order_no"][0].gcn == pytest.approx(0.6)


def test_a_key_in_the_midst_of_a_line_has_what_follows_with_digits(proposed: Make) -> None:
    class Account(BaseModel):
        bank: str | None = None
        iban: str | None = None
        order_no: str | None = None

    rows = [
        line("Bank: HSBC UK IBAN GB29 NWBK 6016 1331", 50, 50),
        line("Thank you for order no. 4411 of May, and for iban or bank slips", 50, 80),
    ]
    found = proposed(rows, Account)
    assert best(found, "bank") == "HSBC UK"
    assert best(found, "iban") == "GB29 NWBK 6016 1331"
    # Running text may speak of another one.
    assert (best(found, "order_no"), found["order_no"][0].gcn) == ("4411", 0.5)


@pytest.mark.parametrize(
    ("key", "text", "is_one"),
    [
        ("employer", "Employee:", False),
        ("employee name", "Employer name", False),
        ("lessee", "Lessor", False),
        ("employer", "Employer", True),
        ("employer", "Emplover", True),
        ("fee", "Fee", True),
    ],
)
def test_the_other_one_of_two_is_another_key(key: str, text: str, is_one: bool) -> None:
    assert (likeness(text, key) > 0) is is_one


class Payslip(BaseModel):
    employee: str | None = None
    employee_id: str | None = None


@pytest.mark.parametrize("apart", [True, False])
def test_a_key_is_of_the_field_that_it_is_most_like(apart: bool, proposed: Make) -> None:
    pairs = [("Employee ID:", "E-20731"), ("Employee:", "Anna Schmidt")]
    rows = [
        cell
        for n, (key, value) in enumerate(pairs)
        for cell in (
            [line(key, 50, 20 + 40 * n), line(value, 150, 20 + 40 * n)]
            if apart
            else [line(f"{key} {value}", 50, 20 + 40 * n)]
        )
    ]
    found = proposed(rows, Payslip)
    assert [c.text for c in found["employee"]] == ["Anna Schmidt"]
    assert [c.text for c in found["employee_id"]] == ["E-20731"]


class Bill(BaseModel):
    standing_charge: Decimal | None = None
    packages: Decimal | None = None


@pytest.mark.parametrize(("text", "belief"), [("91 days at 46.36p", 0.35), ("91 days", 1.0)])
def test_a_count_before_an_amount_is_hardly_believed(
    text: str, belief: float, document: Make, predictions: Make
) -> None:
    page = document([line(f"Standing charge {text}", 50, 20)])
    seen = predictions(page, {0: {"question": 0.02, "answer": 0.98}})
    first = propose(page, FieldSchema(Bill), seen)["standing_charge"][0]
    assert first.value == 91
    assert first.gcn == pytest.approx(0.98 * belief)


def test_values_in_sentences(document: Make, predictions: Make) -> None:
    class Letter(BaseModel):
        policy_number: str | None = None
        claim: Annotated[Decimal | None, Keys("claim of")] = None
        telephone: str | None = None

    rows = [
        line("Thank you for your letter about policy number HX-4471902. We are", 50, 50),
        line("pleased to say that your claim of 1,250.00 EUR was approved.", 50, 64),
        line("telephone 0113 496 0022.", 50, 78),
    ]
    page = document(rows)
    doubt = {n: {"question": 0.01, "answer": 0.01} for n in range(3)}
    found = propose(page, FieldSchema(Letter), predictions(page, doubt))
    assert {path: (c[0].text, c[0].gcn) for path, c in found.items()} == {
        "policy_number": ("HX-4471902", 0.5),
        "claim": ("1,250.00", 0.5),
        "telephone": ("0113 496 0022", 0.5),
    }


class Dates(BaseModel):
    date: dt.date | None = None
    due_date: dt.date | None = None
    name: str | None = None
    contact_name: str | None = None


def test_a_key_inside_a_longer_one_is_none(proposed: Make) -> None:
    rows = [line("Due date: 3 May 2024", 50, 20), line("Contact name: Ana Ruiz", 50, 60)]
    found = proposed(rows, Dates)
    assert (found["date"], found["name"]) == ([], [])
    assert found["due_date"][0].value == dt.date(2024, 5, 3)
    assert best(found, "contact_name") == "Ana Ruiz"


@pytest.mark.parametrize(
    ("text", "most"), [("12 to 15", 0.28), ("2 x 5.00", 0.28), ("1,200.00 (200.00 of it tax)", 0.8)]
)
def test_of_several_numbers_none_is_given(text: str, most: float, proposed: Make) -> None:
    found = proposed([line("Standing charge", 50, 20), line(text, 180, 20)], Bill)
    assert found["standing_charge"][0].gcn == pytest.approx(most)


class Customs(BaseModel):
    total_weight: Decimal | None = None
    labour_cost: Decimal | None = None
    sender: str | None = None


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("Total weight (4): 2.48 kg", "total_weight", Decimal("2.48")),
        ("7 Total weight: 2.48 kg", "total_weight", Decimal("2.48")),
        ("Labour cost (1) ............ 375.00", "labour_cost", Decimal("375.00")),
        ("Labour cost ____ 375.00", "labour_cost", Decimal("375.00")),
    ],
)
def test_notes_box_numbers_and_leaders_are_no_values(
    text: str, path: str, value: Decimal, proposed: Make
) -> None:
    (found,) = proposed([line(text, 60, 50)], Customs)[path]
    assert (found.value, found.gcn) == (value, pytest.approx(0.6))


def test_the_key_of_a_numbered_box_is_found_with_what_explains_it(proposed: Make) -> None:
    rows = [line("1 Sender (name, address)", 60, 50), line("Tove Lind", 60, 66)]
    assert best(proposed(rows, Customs), "sender") == "Tove Lind"
    assert likeness("12b Employer's name", "employer's name") == 1.0
    assert likeness("5 apples", "pears") == 0.0


@pytest.mark.parametrize(
    "rows",
    [
        [line("Date", 60, 50), line("9 Feb 2026", 160, 50)],
        [line("Date: 9 Feb 2026", 60, 50)],
        [line("Date due: 1 Mar 2026", 60, 50), line("Datum:", 60, 80), line("09.02.2026", 160, 80)],
    ],
)
def test_a_lone_date_is_that_of_the_document(rows: list[Any], proposed: Make) -> None:
    class Quotation(BaseModel):
        quote_date: dt.date | None = None
        valid_until: dt.date | None = None

    class Dated(Quotation):
        date: dt.date | None = None

    found = {p: c[0].value for p, c in proposed(rows, Quotation).items() if c and c[0].gcn >= 0.5}
    assert found == {"quote_date": dt.date(2026, 2, 9)}
    assert not proposed(rows, Dated)["quote_date"]


class Lieferung(BaseModel):
    kunden_nr: str | None = None
    rechnungsnummer: str | None = None
    empfaenger_land: str | None = None
    fob: str | None = None
    ship_via: str | None = None


@pytest.mark.parametrize(
    ("rows", "path", "value"),
    [
        ([line("Kunden-Nr.: 4711", 60, 50)], "kunden_nr", "4711"),
        ([line("Kundennummer", 60, 50), line("4711", 160, 50)], "kunden_nr", "4711"),
        ([line("Rechnungs-Nr.", 60, 50), line("R-12", 160, 50)], "rechnungsnummer", "R-12"),
        ([line("Empfänger-Land: Norwegen", 60, 50)], "empfaenger_land", "Norwegen"),
        ([line("Ship via", 60, 50), line("F.O.B.", 160, 50)], "ship_via", None),
        ([line("Rechnungsnummer", 60, 50), line("März", 160, 50)], "rechnungsnummer", None),
        ([line("Kunden-Nr.: 4711", 60, 50), line("4712", 60, 66)], "kunden_nr", "4711"),
    ],
)
def test_keys_as_they_are_spelled(
    rows: list[Any], path: str, value: str | None, proposed: Make
) -> None:
    assert [c.text for c in proposed(rows, Lieferung)[path]] == ([value] if value else [])

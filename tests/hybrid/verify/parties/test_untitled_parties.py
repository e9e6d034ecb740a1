"""Parties that no title names: at the head of a page, and in the window of an envelope."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, create_model

from hybrid.schema import FieldSchema
from hybrid.verify.propose import propose

Make = Callable[..., Any]


class Party(BaseModel):
    name: str | None = None
    address: str | None = None


class Order(BaseModel):
    buyer: Party | None = None
    supplier: Party | None = None


class Letter(BaseModel):
    sender: Party | None = None
    customer: Party | None = None


def line(text: str, top: float, height: float = 12, left: float = 50) -> tuple[Any, ...]:
    return (text, left, top, left + 6 * len(text), top + height)


REST = [line(f"Article {n} of what was delivered", 400 + 20 * n) for n in range(9)]
"""Lines of the usual height below the head."""


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    def of(
        rows: list[Any], schema: type[BaseModel], confidence: float | None = None
    ) -> dict[str, str | None]:
        page = document([*rows, *REST], confidence=confidence)
        found = propose(page, FieldSchema(schema), predictions(page, {}))
        return {path: c[0].text if c else None for path, c in found.items()}

    return of


def flat(*names: str) -> type[BaseModel]:
    fields: dict[str, Any] = dict.fromkeys(names, (str | None, None))
    return create_model("Flat", **fields)


def page(name: str, kind: str) -> list[Any]:
    return [line(name, 20, 20), line("8 Harbour Row", 42), line(kind, 80, 18)]


@pytest.mark.parametrize(
    ("field", "name", "kind"),
    [
        ("hotel", "The Fern House", "GUEST FOLIO"),
        ("hotel", "Hotel Bellevue", "INVOICE"),
        ("university", "Lakeside Polytechnic", "OFFICIAL TRANSCRIPT"),
        ("university", "University of Elmford", "Certificate of enrolment"),
        ("employer", "Kadir Textiles", "CERTIFICATE OF EMPLOYMENT"),
        ("arbeitgeber", "Kunz Bau", "Arbeitszeugnis"),
        ("bank", "Moorland Bank", "Account statement"),
        ("insurer", "Beacon Mutual", "EXPLANATION OF BENEFITS"),
        ("carrier", "Aurora Line", "BILL OF LADING"),
        ("clinic", "Elm Street Clinic", "Prescription"),
        ("landlord", "Hausverwaltung Kern", "Mahnung"),
        ("payer", "Orchard Systems", "REMITTANCE ADVICE"),
    ],
)
def test_who_issues_a_document_is_at_its_head(
    field: str, name: str, kind: str, proposed: Make
) -> None:
    assert proposed(page(name, kind), flat(field))[field] == name


@pytest.mark.parametrize(
    ("field", "name", "kind"),
    [
        ("hotel", "Sunway Travel", "INVOICE"),
        ("university", "Registrar Services", "INVOICE"),
        ("employer", "Payday Bureau", "Pay slip"),
        ("employer", "Kadir Textiles", "INVOICE"),
        ("bank", "Kadir Textiles", "INVOICE"),
        ("bank", "Kadir Textiles", "Statement of account"),
        ("bank", "Riverbank", "INVOICE"),
        ("insurer", "Doctor Pell", "EXPLANATION OF BENEFITS"),
        ("carrier", "Aurora Line", "INVOICE"),
        ("landlord", "Kern & Weiss", "LEASE AGREEMENT"),
        ("payer", "Orchard Systems", "INVOICE"),
    ],
)
def test_other_documents_only_speak_of_it(field: str, name: str, kind: str, proposed: Make) -> None:
    assert proposed(page(name, kind), flat(field))[field] is None


def test_a_name_in_usual_letters_issues_nothing(proposed: Make) -> None:
    rows = [line("The Fern House", 20), line("GUEST FOLIO", 80, 18)]
    assert proposed(rows, flat("hotel"))["hotel"] is None


def test_what_stands_beside_its_key_comes_first(proposed: Make) -> None:
    rows = [*page("Kadir Group", "CERTIFICATE OF EMPLOYMENT"), line("Employer: Kadir Dyes", 300)]
    assert proposed(rows, flat("employer"))["employer"] == "Kadir Dyes"


@pytest.mark.parametrize("kind", ["PURCHASE ORDER", "Bestellung Nr. 77", "Bon de commande"])
def test_the_buyer_sends_a_purchase_order(kind: str, proposed: Make) -> None:
    found = proposed(page("Kadir Textiles", kind), Order)
    assert found["buyer.name"] == "Kadir Textiles"
    assert found["buyer.address"] == "8 Harbour Row"
    assert found["supplier.name"] is None


def test_the_number_of_a_purchase_order_does_not_turn_an_invoice(proposed: Make) -> None:
    rows = [*page("Kadir Textiles", "INVOICE"), line("Purchase order 77", 110)]
    found = proposed(rows, Order)
    assert (found["supplier.name"], found["buyer.name"]) == ("Kadir Textiles", None)


@pytest.mark.parametrize(
    "kind", ["Ihre Bestellung 77", "Your purchase order 77", "Order confirmation 77"]
)
def test_the_answer_to_an_order_is_the_suppliers(kind: str, proposed: Make) -> None:
    found = proposed(page("Kadir Textiles", kind), Order)
    assert (found["supplier.name"], found["buyer.name"]) == ("Kadir Textiles", None)


def test_a_purchase_order_goes_to_the_supplier(proposed: Make) -> None:
    rows = [*page("Kadir Textiles", "PURCHASE ORDER"), line("To:", 130), line("Wirth AG", 144)]
    assert proposed(rows, Order)["buyer.name"] == "Kadir Textiles"


def test_a_name_in_large_letters_and_in_full(proposed: Make) -> None:
    below = [line("KADIR", 20, 24), line("Kadir Textiles Ltd", 46), line("8 Harbour Row", 60)]
    beside = [
        line("KADIR", 20, 24),
        line("Kadir Textiles Ltd", 24, 12, left=380),
        line("8 Harbour Row", 38, 12, left=380),
    ]
    for rows in (below, beside):
        found = proposed(rows, Letter)
        assert found["sender.name"] == "Kadir Textiles Ltd"
        assert found["sender.address"] == "8 Harbour Row"


HEAD = [line("Kadir Textiles", 20, 24, left=350)]
CITIES = ["50674 Köln", "Spokane WA 99201-4417", "Leeds LS2 8AB", "114 52 Stockholm"]


def block(*texts: str) -> list[Any]:
    return [line(text, 130 + 14 * n) for n, text in enumerate(texts)]


@pytest.mark.parametrize("city", CITIES)
def test_below_the_line_of_the_sender(city: str, proposed: Make) -> None:
    rows = [
        *HEAD,
        line("Kadir Textiles, 8 Harbour Row, 26721 Emden", 118, 8),
        *block("Ada Wirth", "Rosenweg 3", city),
    ]
    found = proposed(rows, Letter)
    assert found["customer.name"] == "Ada Wirth"
    assert found["customer.address"] == f"Rosenweg 3 {city}"
    assert found["sender.name"] == "Kadir Textiles"


def test_the_line_of_the_sender_in_a_picture(proposed: Make) -> None:
    rows = [
        *HEAD,
        line("Kadir Textiles, 8 Harbour Row, 26721 Emden", 118, 11),
        *block("Ada Wirth", "Rosenweg 3", "50674 Köln"),
    ]
    assert proposed(rows, Letter, confidence=0.9)["customer.name"] == "Ada Wirth"


def test_a_form_of_address(proposed: Make) -> None:
    above = block("Herrn", "Otto Wirth", "Rosenweg 3", "50674 Köln")
    assert proposed([*HEAD, *above], Letter)["customer.name"] == "Otto Wirth"
    inside = block("Ms Ada Wirth", "Rosenweg 3", "Hinterhaus", "50674 Köln", "Germany")
    found = proposed([*HEAD, *inside], Letter)
    assert found["customer.name"] == "Ms Ada Wirth"
    assert found["customer.address"] == "Rosenweg 3 Hinterhaus 50674 Köln Germany"
    assert proposed([*HEAD, *above], flat("empfaenger"))["empfaenger"] == "Otto Wirth"


ELSEWHERE = line("Kadir Textiles, 26721 Emden", 700)
PLAIN = block("Ada Wirth", "Rosenweg 3", "50674 Köln")


def test_a_sender_whose_address_is_elsewhere(proposed: Make) -> None:
    below = [line("Make cheques payable to Kadir Textiles", 700), line("26721 Emden", 714)]
    for elsewhere in ([ELSEWHERE], below):
        rows = [*HEAD, *PLAIN, *elsewhere]
        assert proposed(rows, Letter)["customer.name"] == "Ada Wirth"


@pytest.mark.parametrize(
    "rows",
    [
        [*HEAD, *PLAIN],  # the sender's own, for all that is said
        [*HEAD, *PLAIN, line("Delivered in 50674 Köln", 700)],
        [*HEAD, *PLAIN, line("Moor Bank, 26721 Emden", 700)],
        [line("Kadir Textiles", 20, left=350), *PLAIN, ELSEWHERE],
        [*HEAD, *PLAIN, line("Tel. 0221 555 0177", 172), ELSEWHERE],
        [*HEAD, *block("Kadir Textiles", "Rosenweg 3", "50674 Köln"), ELSEWHERE],
        [*HEAD, *block("Rosenweg 3", "50674 Köln"), ELSEWHERE],
        [*block("Mr Clean", "Rosenweg 3", "50674 Köln")],
        [*HEAD, *block("Dr. Ada Wirth", "Rosenweg 3", "50674 Köln")],
        [*HEAD, *block("Herrn", "Order: 5", "Rosenweg 3", "50674 Köln")],
        [*HEAD, *block("Frau Wirth", "Rosenweg 3", "50674 Köln"), line("Bill to: Otto AG", 300)],
        [*HEAD, *[line(t, y + 300) for t, _, y, *_ in PLAIN], ELSEWHERE],
    ],
)
def test_what_may_be_the_senders_is_nobody_elses(rows: list[Any], proposed: Make) -> None:
    found = proposed(rows, Letter)
    assert found["customer.name"] in (None, "Otto AG")


def test_the_supplier_is_in_the_window_of_a_purchase_order(proposed: Make) -> None:
    rows = [
        *HEAD,
        line("PURCHASE ORDER", 60, 20, left=350),
        *block("Firma", "Wirth AG", "Rosenweg 3", "50674 Köln"),
    ]
    found = proposed(rows, Order)
    assert (found["supplier.name"], found["buyer.name"]) == ("Wirth AG", "Kadir Textiles")

"""Who sends a document and who receives it, read from blocks of lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, Field, create_model

from hybrid.schema import FieldSchema, Leaf, words_of
from hybrid.verify.candidates import Candidate
from hybrid.verify.parties.party import is_contact, party_of
from hybrid.verify.parties.roles import titles_of
from hybrid.verify.parties.titles import is_title
from hybrid.verify.propose import propose

Make = Callable[..., Any]


class Party(BaseModel):
    name: str | None = None
    address: str | None = None
    vat_number: str | None = None


class Invoice(BaseModel):
    seller: Party | None = None
    customer: Party | None = None
    ship_to: Party | None = None
    invoice_number: str | None = None
    bank: str | None = None


class Flat(BaseModel):
    vendor_name: str | None = None
    vendor_address: str | None = None
    customer: str | None = None
    billing_address: str | None = None
    company: str | None = None
    file_name: str | None = None


def line(text: str, left: float, top: float, height: float = 12) -> tuple[Any, ...]:
    return (text, left, top, left + 6 * len(text), top + height)


HEAD = [
    line("INVOICE", 450, 20, 30),
    line("Alder & Finch Joinery Ltd", 50, 30, 22),
    line("Unit 5, Canal Works, Leeds LS11 5QN", 50, 55),
    line("accounts@alderfinch.example", 50, 68),
]
BODY = [
    line("Bill to", 50, 130),
    line("Invoice number", 350, 130),
    line("AF-0613", 480, 130),
    line("Marlowe Library Trust", 50, 144),
    line("VAT number", 350, 144),
    line("GB 417 2260 93", 480, 144),
    line("14 Abbey Walk", 50, 158),
    line("York YO30 7BH", 50, 172),
    line("Ship to", 50, 200),
    line("Reading Room", 50, 214),
    line("2 Mill Lane", 50, 228),
    line("Tel. 01904 220 118", 50, 242),
    line("Gate B", 50, 256),
]


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    def of(rows: list[Any], schema: type[BaseModel] = Invoice) -> dict[str, str | None]:
        page = document(rows)
        found: dict[str, list[Candidate]] = propose(
            page, FieldSchema(schema), predictions(page, {})
        )
        return {path: c[0].text if c else None for path, c in found.items()}

    return of


def test_blocks_below_their_titles_and_at_the_head(proposed: Make) -> None:
    assert proposed(HEAD + BODY) == {
        "seller.name": "Alder & Finch Joinery Ltd",
        "seller.address": "Unit 5, Canal Works, Leeds LS11 5QN",
        # It stands in the right column, under nobody's title: who sends the document has it.
        "seller.vat_number": "GB 417 2260 93",
        "customer.name": "Marlowe Library Trust",
        "customer.address": "14 Abbey Walk York YO30 7BH",
        "customer.vat_number": None,
        "ship_to.name": "Reading Room",
        "ship_to.address": "2 Mill Lane",
        "ship_to.vat_number": None,
        "invoice_number": "AF-0613",
        "bank": None,
    }


def test_fields_of_their_own_ask_for_the_same(proposed: Make) -> None:
    found = proposed(HEAD + BODY, Flat)
    assert (found["vendor_name"], found["vendor_address"]) == (
        "Alder & Finch Joinery Ltd",
        "Unit 5, Canal Works, Leeds LS11 5QN",
    )
    assert found["customer"] == "Marlowe Library Trust"
    assert found["company"] is found["file_name"] is None


def test_a_name_in_the_line_of_its_title(proposed: Make) -> None:
    rows = [line("Sold to: Marlowe Trust", 50, 130), line("14 Abbey Walk", 50, 144)]
    found = proposed(rows)
    assert (found["customer.name"], found["customer.address"]) == ("Marlowe Trust", "14 Abbey Walk")


def test_a_number_between_name_and_address_is_passed_over(proposed: Make) -> None:
    rows = [
        line("Bright Lamps Ltd", 50, 20),
        line("Company No. 0951553", 50, 34),
        line("14 Harbour Road", 50, 48),
    ]
    assert proposed(rows)["seller.address"] == "14 Harbour Road"


@pytest.mark.parametrize("below", ["Invoice number", "Ship to", "VAT number: GB 1", "Phone:"])
def test_a_key_below_a_title_is_no_name(below: str, proposed: Make) -> None:
    assert proposed([line("Bill to", 50, 130), line(below, 50, 144)])["customer.name"] is None


def test_what_is_far_below_a_title_is_none_of_its_block(proposed: Make) -> None:
    rows = [line("Bill to", 50, 130), line("Marlowe Trust", 50, 190)]
    assert proposed(rows)["customer.name"] is None


def test_a_page_without_a_head(proposed: Make) -> None:
    assert proposed([line("INVOICE", 50, 20), line("+44 113 496", 50, 40)])["seller.name"] is None


def test_a_block_of_another_is_no_head(proposed: Make) -> None:
    rows = [line("Bill to", 50, 20), line("Marlowe Trust", 50, 34), line("14 Abbey Walk", 50, 48)]
    found = proposed(rows)
    assert (found["seller.name"], found["seller.address"]) == (None, None)


@pytest.mark.parametrize(
    "rows",
    [
        [line("Customer: 4711", 50, 20)],
        [line("Customer", 50, 20), line("C-4711", 50, 34)],
        [line("Customer no. 4711", 50, 20)],
        [line("Customer: keeps the goods until payment.", 50, 20)],
    ],
)
def test_a_number_or_a_sentence_is_no_name(rows: list[Any], proposed: Make) -> None:
    assert proposed(rows)["customer.name"] is None
    assert proposed(rows, Flat)["customer"] is None


@pytest.mark.parametrize(
    "text", ["Rechnung Nr. 118", "Invoice A118", "3 May 2024", "Thank you!", "PAID"]
)
def test_what_is_no_letterhead(text: str, proposed: Make) -> None:
    rows = [
        line(text, 50, 20, 24),
        line("Bright Lamps Ltd", 50, 60),
        line("14 Harbour Road", 50, 74),
    ]
    found = proposed(rows)
    assert (found["seller.name"], found["seller.address"]) == (
        "Bright Lamps Ltd",
        "14 Harbour Road",
    )


def test_the_window_of_an_envelope(document: Make, predictions: Make) -> None:
    texts = ["Lampenhaus Weber GmbH · Lindenstr. 7 · 10969 Berlin", "Oak & Sons", "7 Mill Lane"]
    page = document([line(t, 50, 20 + 14 * n, 8 if n == 0 else 12) for n, t in enumerate(texts)])
    found = propose(page, FieldSchema(Invoice), predictions(page, {}))
    assert found["seller.name"][0].text == "Lampenhaus Weber GmbH"
    assert found["seller.address"][0].text == "Lindenstr. 7 · 10969 Berlin"


def test_a_street_is_no_name_in_front_of_a_city(proposed: Make) -> None:
    rows = [line("Kontor Ahrens", 300, 20, 20), line("Deichweg 9 · 21129 Hamburg", 300, 42)]
    found = proposed(rows)
    assert found["seller.name"] == "Kontor Ahrens"
    assert found["seller.address"] == "Deichweg 9 · 21129 Hamburg"


def test_whom_it_is_for_is_no_name(proposed: Make) -> None:
    rows = [
        line(t, 50, 20 + 14 * n) for n, t in enumerate(["Bill to", "Attn: J. Smith", "Oak & Sons"])
    ]
    assert proposed(rows)["customer.name"] == "Oak & Sons"


def leaf(name: str, parent: str | None = None) -> tuple[Leaf, FieldSchema]:
    own: dict[str, Any] = {name: (str | None, None)}
    inner = create_model("Inner", **own)
    around: dict[str, Any] = {parent or "_": (inner, Field(default_factory=inner))}
    schema = FieldSchema(create_model("Outer", **around) if parent else inner)
    return schema.leaves[0], schema


@pytest.mark.parametrize(
    ("name", "parent", "path", "part", "called"),
    [
        ("name", "customer", "customer", "name", "customer"),
        ("company_name", "supplier", "supplier", "name", "supplier"),
        ("postal_address", "landlord", "landlord", "address", "landlord"),
        ("vendor_address", None, "vendor", "address", "vendor"),
        ("merchant", None, "merchant", "name", "merchant"),
        ("companyName", "billTo", "billTo", "name", "bill to"),
        ("nom", "émetteur", "émetteur", "name", "émetteur"),
        ("indirizzo", "fornitore", "fornitore", "address", "fornitore"),
        ("lieferant_anschrift", None, "lieferant", "address", "lieferant"),
    ],
)
def test_what_a_field_asks_of_whom(
    name: str, parent: str | None, path: str, part: str, called: str
) -> None:
    party = party_of(*leaf(name, parent))
    assert party is not None
    assert (party.path, party.part, party.called) == (path, part, called)
    assert words_of(path).casefold() in party.titles


@pytest.mark.parametrize(
    ("name", "parent"),
    [
        ("total", None),
        ("file_name", None),
        ("ship_to", None),
        ("iban", "customer"),
    ],
)
def test_other_fields_ask_of_nobody(name: str, parent: str | None) -> None:
    assert party_of(*leaf(name, parent)) is None


def test_a_title_is_of_the_object_that_has_its_name() -> None:
    class Both(BaseModel):
        customer: Party | None = None
        bill_to: Party | None = None

    schema = FieldSchema(Both)
    assert "bill to" not in titles_of("customer", schema)
    assert {"bill to", "sold to"} <= set(titles_of("bill_to", schema))
    assert "customer" not in titles_of("bill_to", schema)
    assert titles_of("guarantor", schema) == ("guarantor",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BILL TO:", True),
        ("Rechnungsadresse", True),
        ("Invoice", False),
        ("Customer number", False),
        ("From / Sender", True),
        ("1 Sender (name, address, country)", True),
        ("c. Supplier's full name, address and postcode", True),
        ("Name and address of the consignee", True),
        ("Name and address of the vessel", False),
        ("Customer / Order no.", False),
        ("Sender (4711)", False),
    ],
)
def test_titles(text: str, expected: bool) -> None:
    assert is_title(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tel. 01904 220 118", True),
        ("+44 113 496 0188", True),
        ("accounts@a.example", True),
        ("USt-IdNr. DE 987654321", True),
        ("20457 Hamburg", False),
        ("14 Abbey Walk", False),
    ],
)
def test_contacts(text: str, expected: bool) -> None:
    assert is_contact(text) is expected


@pytest.mark.parametrize(
    ("title", "sender", "receiver"),
    [
        ("Sprzedawca / Nabywca", "sprzedawca", "nabywca"),
        ("Säljare / Köpare", "saljare", "kopare"),
        ("Fornitore / Cliente", "fornitore", "cliente"),
    ],
)
def test_roles_in_other_languages(title: str, sender: str, receiver: str, proposed: Make) -> None:
    model = create_model("Faktura", **dict.fromkeys((sender, receiver), (Party | None, None)))  # type: ignore[call-overload]
    one, two = title.split(" / ")
    rows = [line(f"{one}:", 50, 100), line(f"{two}:", 350, 100)]
    rows += [line("Skryba Sp. z o.o.", 50, 114), line("Sówka Brzezin", 350, 114)]
    rows += [line("ul. Krzywa 14", 50, 128), line("ul. Lipowa 3", 350, 128)]
    found = proposed(rows, model)
    assert found[f"{sender}.name"] == "Skryba Sp. z o.o."
    assert found[f"{receiver}.name"] == "Sówka Brzezin"
    assert found[f"{receiver}.address"] == "ul. Lipowa 3"


def test_a_delivery_address_is_below_deliver_to(proposed: Make) -> None:
    class Note(BaseModel):
        delivery_name: str | None = None
        delivery_address: str | None = None

    rows = [line("Deliver to:", 50, 100), line("Harwell Interiors Ltd", 50, 114)]
    rows += [line("Unit 9, Millrace Way", 50, 128), line("Hours 7:00 - 14:30", 50, 142)]
    found = proposed(rows, Note)
    assert found["delivery_name"] == "Harwell Interiors Ltd"
    assert found["delivery_address"] == "Unit 9, Millrace Way"


def test_a_number_of_a_party_is_no_title() -> None:
    assert is_title("Client :", ("client",))
    assert not is_title("N° client", ("client",))

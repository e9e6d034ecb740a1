"""E-mail addresses, websites, telephones and IBANs that no key stands beside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from pydantic import AnyUrl, BaseModel, EmailStr, create_model

from hybrid.schema import FieldSchema, Keys
from hybrid.verify.parties.contacts import Shape, asked_by, contacts_in
from hybrid.verify.propose import propose

Make = Callable[..., Any]


def line(text: str, top: float, left: float = 50, height: float = 12) -> tuple[Any, ...]:
    return (text, left, top, left + 6 * len(text), top + height)


CARD = [
    line("Fjord Analytics", 20),
    line("T +47 22 55 01 10", 60),
    line("M +47 912 34 567", 74),
    line("ada@fjord.example", 88),
    line("www.fjord.example", 88, 300),
]


class Card(BaseModel):
    full_name: str | None = None
    company: str | None = None
    phone: str | None = None
    mobile_number: str | None = None
    fax: str | None = None
    e_mail: str | None = None
    website: str | None = None


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    def of(rows: list[Any], schema: type[BaseModel]) -> dict[str, Any]:
        page = document(rows)
        found = propose(page, FieldSchema(schema), predictions(page, {}))
        return {path: c[0].value if c else None for path, c in found.items()}

    return of


def flat(**fields: Any) -> type[BaseModel]:
    own: dict[str, Any] = {name: (kind | None, None) for name, kind in fields.items()}
    return create_model("Flat", **own)


def test_a_business_card(proposed: Make) -> None:
    assert proposed(CARD, Card) == {
        "full_name": None,
        "company": None,
        "phone": "+47 22 55 01 10",
        "mobile_number": "+47 912 34 567",
        "fax": None,
        "e_mail": "ada@fjord.example",
        "website": "www.fjord.example",
    }


def test_types_say_what_is_asked(proposed: Make) -> None:
    rows = [line("write to: <ada@fjord.example>, https://fjord.example/a", 20)]
    found = proposed(rows, flat(contact=EmailStr, link=AnyUrl, website=AnyUrl))
    assert found["contact"] == "ada@fjord.example"
    assert str(found["website"]) == "https://fjord.example/a"
    assert found["link"] is None  # whose it is nobody says


def test_of_several_none_is_given(proposed: Make) -> None:
    rows = [*CARD, line("sales@fjord.example", 110), line("Tel: +47 22 55 01 11", 124)]
    found = proposed(rows, Card)
    assert found["e_mail"] is found["phone"] is None
    assert found["mobile_number"] == "+47 912 34 567"


def test_an_empty_box_stays_empty(proposed: Make) -> None:
    rows = [line("Insurers Ltd, info@insurers.example", 20), line("Email", 200)]
    assert proposed(rows, flat(email=str))["email"] is None


def test_whose_it_is_must_be_told(proposed: Make) -> None:
    rows = [line("Some Street 5", 20), line("info@insurers.example", 60)]
    assert proposed(rows, flat(email=str, patient_name=str))["email"] is None
    assert proposed(rows, flat(email=str, customer=str))["email"] is None
    assert proposed(rows, flat(billing_email=str))["billing_email"] is None
    assert proposed(rows, flat(email=str, company=str))["email"] == "info@insurers.example"


class Party(BaseModel):
    name: str | None = None
    email: str | None = None
    phone: str | None = None


class Invoice(BaseModel):
    seller: Party | None = None
    customer: Party | None = None
    customer_fax: str | None = None


def test_a_partys_stand_in_its_block(proposed: Make) -> None:
    rows = [
        line("Kadir Textiles", 20, 50, 20),
        line("8 Harbour Row", 42),
        line("hello@kadir.example", 56),
        line("Bill to", 130),
        line("Wirth AG", 144),
        line("Rosenweg 3", 158),
        line("Fax 0221 555 0177", 172),
        line("otto@wirth.example", 186),
        line("Helpline +49 30 555 0100", 400),
    ]
    found = proposed(rows, Invoice)
    assert found["seller.email"] == "hello@kadir.example"
    assert found["customer.email"] == "otto@wirth.example"
    assert found["customer_fax"] == "0221 555 0177"
    assert found["seller.phone"] is found["customer.phone"] is None


def test_the_only_iban_is_the_payees(proposed: Make) -> None:
    rows = [line("Please transfer to GB29 NWBK 6016 1331 9268 19 within ten days", 20)]
    found = proposed(rows, flat(iban=str, customer_iban=str, seller=str))
    assert found["iban"] == "GB29 NWBK 6016 1331 9268 19"
    assert found["customer_iban"] is None
    misread = [line("Please transfer to GB29 NWBK 6016 1331 9268 18", 20)]
    assert proposed(misread, flat(iban=str))["iban"] is None


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Mobile: 0171 555 0134", Shape.MOBILE),
        ("Tel. (0221) 5550-177", Shape.PHONE),
        ("Telefax 0221 5550 178", Shape.FAX),
        ("Call 1-800-555-0142", Shape.NUMBER),
        ("+44 113 496 0188", Shape.NUMBER),
        ("Order 0048 213 9917", None),
        ("Tel. 25.12.2018", None),
        ("Tel. 12", None),
        ("12,345,678.90", None),
        ("GB29 NWBK 6016 1331 9268 19", Shape.IBAN),
        ("a.b+c@mail.example.org", Shape.EMAIL),
        ("see www.a.example/b?c=1", Shape.WEBSITE),
    ],
)
def test_shapes(text: str, shape: Shape | None, document: Make) -> None:
    found = contacts_in(document([line(text, 20)]).segments)
    assert [contact.shape for contact in found] == ([] if shape is None else [shape])


def test_a_label_may_stand_to_the_left(document: Make) -> None:
    rows = [line("Fax", 20), line("0221 555 0177", 20, 90), line("4221 555 0178", 60, 90)]
    found = contacts_in(document(rows).segments)
    assert [(contact.shape, contact.text) for contact in found] == [(Shape.FAX, "0221 555 0177")]


@pytest.mark.parametrize(
    ("field", "kind", "expected"),
    [
        ("email", str, (Shape.EMAIL, "")),
        ("customer_email_address", str, (Shape.EMAIL, "customer")),
        ("reach", Annotated[str, Keys("Office telephone")], (Shape.PHONE, "office")),
        ("fax_no", str, (Shape.FAX, "")),
        ("phone_count", str, None),
        ("p_no", str, None),
        ("hotel", str, None),
        ("mobile", int, None),
        ("sender", EmailStr, (Shape.EMAIL, "sender")),
    ],
)
def test_what_a_field_asks_for(field: str, kind: Any, expected: tuple[Shape, str] | None) -> None:
    assert asked_by(FieldSchema(flat(**{field: kind})).leaves[0]) == expected


@pytest.mark.parametrize(
    ("field", "rows", "value"),
    [
        ("e_mail", [line("E-mail", 20), line("to nine; publishes on fatigue", 34)], None),
        ("phone", [line("Phone", 20), line("Chartered engineer with years", 34)], None),
        ("phone", [line("Phone: +44 20 7946 0018 (reception)", 20)], "+44 20 7946 0018"),
        ("website", [line("Website", 20), line("see below", 34)], None),
        ("website", [line("Website: fjord.example", 20)], "fjord.example"),
    ],
)
def test_beside_a_key_only_what_has_the_shape_counts(
    proposed: Make, field: str, rows: list[Any], value: str | None
) -> None:
    assert proposed(rows, Card)[field] == value


def test_an_iban_ends_where_it_ends(proposed: Make) -> None:
    class Payment(BaseModel):
        iban: str | None = None

    row = [line("IBAN : FR76 1444 5202 0008 1139 4420 751 – BIC : CEPAFRPP444", 20)]
    assert proposed(row, Payment) == {"iban": "FR76 1444 5202 0008 1139 4420 751"}

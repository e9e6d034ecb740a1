"""Roles of parties by what a schema calls them, and who has them on a page without titles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, create_model

from hybrid.document import segment_of
from hybrid.schema import FieldSchema
from hybrid.verify.parties.address_lines import address_in
from hybrid.verify.parties.naming import part_asked
from hybrid.verify.parties.roles import role_in, titles_of
from hybrid.verify.parties.titles import RECEIVES, SENDS, is_title
from hybrid.verify.propose import propose

Make = Callable[..., Any]


def flat(*names: str) -> type[BaseModel]:
    fields: dict[str, Any] = dict.fromkeys(names, (str | None, None))
    return create_model("Flat", **fields)


def line(text: str, top: float, height: float = 12, left: float = 50) -> tuple[Any, ...]:
    return (text, left, top, left + 6 * len(text), top + height)


REST = [line(f"Article {n} of what was delivered", 400 + 20 * n) for n in range(9)]


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    def of(rows: list[Any], *names: str) -> dict[str, str | None]:
        page = document([*rows, *REST])
        found = propose(page, FieldSchema(flat(*names)), predictions(page, {}))
        return {path: c[0].text if c else None for path, c in found.items()}

    return of


@pytest.mark.parametrize(
    ("called", "role"),
    [("landlord", SENDS), ("prüfstelle", SENDS), ("pruefstelle", SENDS), ("tenant", RECEIVES),
     ("policyholder", RECEIVES), ("lejer", RECEIVES), ("seller", SENDS), ("carrier", None)],
)  # fmt: skip
def test_some_send_and_some_receive_by_what_they_are(called: str, role: int | None) -> None:
    schema = FieldSchema(flat(f"{called}_name", "total"))
    assert role_in(schema, called) == role


def test_not_where_the_schema_names_another_one() -> None:
    both = FieldSchema(flat("seller", "landlord_name", "customer_name", "tenant_name"))
    assert role_in(both, "landlord") is role_in(both, "tenant") is None
    assert (role_in(both, "seller"), role_in(both, "customer")) == (SENDS, RECEIVES)
    assert role_in(FieldSchema(flat("hotel_name", "company")), "company") is None


def test_words_for_addressees_are_titles_of_the_only_one() -> None:
    assert {"tenant", "mieter"} <= set(titles_of("customer", FieldSchema(flat("customer_name"))))
    both = FieldSchema(flat("customer", "tenant"))
    assert "tenant" not in titles_of("customer", both)
    assert is_title("Sender:")
    assert not is_title("Spender", ("sender",))


@pytest.mark.parametrize(
    ("called", "asked"),
    [("customer name", ("customer", "name")), ("nome cliente", ("cliente", "name")),
     ("direccion titular", ("titular", "address")), ("adresse du client", ("client", "address")),
     ("delivery address", ("deliver to", "address")), ("invoice number", None)],
)  # fmt: skip
def test_names_of_fields_in_either_order(called: str, asked: tuple[str, str] | None) -> None:
    assert part_asked(called) == asked


HEAD = [line("Hafenblick", 20, 24), line("Kaistrasse 41 · 24103 Kiel · Tel. 0431 88 47 21", 48, 10)]
WINDOW = [line("Herrn Otto Wirth", 130), line("Rosenweg 3", 144), line("50674 Köln", 158)]


def test_who_lets_is_at_the_head_and_who_rents_in_the_window(proposed: Make) -> None:
    found = proposed(
        [*HEAD, *WINDOW], "landlord_name", "landlord_address", "tenant_name", "tenant_address"
    )
    assert found == {
        "landlord_name": "Hafenblick",
        "landlord_address": "Kaistrasse 41 · 24103 Kiel",
        "tenant_name": "Herrn Otto Wirth",
        "tenant_address": "Rosenweg 3 50674 Köln",
    }


@pytest.mark.parametrize(
    "name", ["Mme Hélène Castagnier", "Dhr. J. Sikkema", "D. Rafael Montoya", "Sig. Fausto Orsini"]
)
def test_a_window_at_the_right_with_a_form_of_address(name: str, proposed: Make) -> None:
    window = [(t, left + 290, a, right + 290, b) for t, left, a, right, b in WINDOW]
    window[0] = line(name, 130, left=340)
    found = proposed([*HEAD, *window], "customer_name", "supplier_name")
    assert found == {"customer_name": name, "supplier_name": "Hafenblick"}


def test_an_address_of_nobody_is_the_only_senders(proposed: Make) -> None:
    head = [
        line("Pemberton's", 20, 24),
        line("STATIONERS", 46),
        line("41 Sadler Street", 60),
        line("Wells BA5 2RR", 74),
    ]
    assert proposed(head, "shop_name", "address") == {
        "shop_name": "Pemberton's",
        "address": "41 Sadler Street Wells BA5 2RR",
    }
    assert proposed(head, "shop_name", "customer_name", "address")["address"] is None


def test_a_form_of_address_alone_in_a_line(proposed: Make) -> None:
    window = [line("Exmo.(a) Sr.(a)", 116), line("Otto Wirth", 130), *WINDOW[1:]]
    assert proposed([*HEAD, *window], "customer_name")["customer_name"] == "Otto Wirth"


def test_a_word_for_the_addressee_is_not_the_name(proposed: Make) -> None:
    rows = [*HEAD, line("Lejer", 116), *WINDOW]
    assert proposed(rows, "guest_name")["guest_name"] == "Herrn Otto Wirth"


def test_a_name_in_two_large_lines(proposed: Make) -> None:
    rows = [
        line("Hollowfield Gardens", 20, 18),
        line("& Groundworks", 39, 18),
        line("Bramley Lane 4", 60),
        line("Ledbury HR8 2LT", 74),
    ]
    found = proposed(rows, "company_name", "company_address")
    assert found["company_name"] == "Hollowfield Gardens & Groundworks"
    assert found["company_address"] == "Bramley Lane 4 Ledbury HR8 2LT"


def test_what_the_document_is_may_be_printed_wide(proposed: Make) -> None:
    rows = [line("CREDIT", 20, 24), line("NOTE", 20, 24, left=100), *HEAD[1:], *WINDOW]
    title = proposed([*rows, line("Pennine Lighting", 20, 12, left=350)], "seller_name")
    assert title["seller_name"] == "Pennine Lighting"


def test_the_name_in_full_stands_at_the_foot(proposed: Make) -> None:
    foot = line("Nordkust Grossist AB · Hamngatan 88 · 871 53 Härnösand", 780, 8)
    found = proposed([line("NORDKUST", 20, 24), foot], "supplier_name", "supplier_address")
    assert found["supplier_name"] == "Nordkust Grossist AB"
    assert found["supplier_address"] == "Hamngatan 88 · 871 53 Härnösand"


def test_a_legal_form_in_a_line_of_its_own(proposed: Make) -> None:
    rows = [
        line("Supplier", 100),
        line("Zielony Kat", 114),
        line("S.A.", 128),
        line("Rynek 7", 142),
    ]
    found = proposed(rows, "supplier_name", "supplier_address")
    assert found == {"supplier_name": "Zielony Kat S.A.", "supplier_address": "Rynek 7"}


def test_one_side_of_a_lease_may_not_be_at_its_head(proposed: Make) -> None:
    rows = [line("LEASE AGREEMENT", 20, 24), line("Kern & Weiss", 60, 18), line("Rynek 7", 80)]
    assert proposed(rows, "landlord_name")["landlord_name"] is None
    assert proposed(rows, "company_name")["company_name"] == "Kern & Weiss"


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["Malen · Tapezieren", "Wiesengrund 8 · 86899 Landsberg · Tel. 08191 55"],
         "Wiesengrund 8 · 86899 Landsberg"),
        (["The Old Dairy", "Ripon HG4 1PA", "Registered Charity No. 11882"],
         "The Old Dairy Ripon HG4 1PA"),
        (["Periodo", "Del 01/10/2025 al 31/10/2025"], ""),
        (["Rua Nova, 52", "3330-214 Góis"], "Rua Nova, 52 3330-214 Góis"),
    ],
)  # fmt: skip
def test_an_address_without_what_is_none(lines: list[str], address: str, document: Make) -> None:
    segments = document([line(text, 20 + 14 * n) for n, text in enumerate(lines)]).segments
    whole = [segment_of(s.id, s.page, s.words) for s in segments]
    assert " ".join(part.text for part in address_in(whole)) == address

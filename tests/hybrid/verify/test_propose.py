from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from hybrid.document import Document
from hybrid.schema import FieldSchema, Keys
from hybrid.schemas import Form, ItemizedReceipt, Receipt
from hybrid.verify.group import group_lists
from hybrid.verify.propose import propose, type_candidates

Make = Callable[..., Any]


def test_lines_are_joined_and_values_found_inside(receipt: Document, predictions: Make) -> None:
    marks = {
        0: {"company": 0.95},
        1: {"address": 0.9},
        2: {"address": 0.8},
        3: {"date": 0.97},
        5: {"total": 0.9},
        7: {"total": 0.05},
    }
    found = propose(receipt, FieldSchema(Receipt), predictions(receipt, marks))
    assert found["company"][0].value == "ACME SDN BHD"
    assert found["address"][0].value == "12 JALAN BESAR 45600 KUALA LUMPUR"
    # Both lines, one, and the other: .72, .18 and .08 share the belief in the surest line.
    assert [c.gcn for c in found["address"]] == pytest.approx(
        [0.9 * 0.72 / 0.98, 0.9 * 0.18 / 0.98, 0.9 * 0.08 / 0.98]
    )
    assert [c.segments for c in found["address"]] == [(1, 2), (1,), (2,)]
    assert found["address"][0].segments == (1, 2)
    assert found["date"][0].value == date(2018, 12, 25)
    assert found["date"][0].text == "25/12/2018"
    assert [c.value for c in found["total"]] == [Decimal("12.20"), Decimal("20.00")]


def test_a_line_above_a_text_is_in_it_or_not(document: Make, predictions: Make) -> None:
    lines = [
        ("SUSHI BAR", 10, 10, 200, 30),
        ("EDEN SDN BHD", 10, 34, 200, 54),
        ("far below", 10, 500, 200, 520),
    ]
    page = document(lines)
    marks = {0: {"company": 0.4}, 1: {"company": 0.99}, 2: {"company": 0.3}}
    found = propose(page, FieldSchema(Receipt), predictions(page, marks))["company"]
    assert [c.text for c in found[:2]] == ["EDEN SDN BHD", "SUSHI BAR EDEN SDN BHD"]
    assert {c.text for c in found} >= {"far below"}
    assert sum(c.gcn or 0.0 for c in found) <= 1.0
    assert all("below" not in c.text or c.text == "far below" for c in found)


def test_a_page_of_nothing_but_address_is_bounded(document: Make, predictions: Make) -> None:
    page = document([(f"ROAD {k}", 10, 2 * k, 200, 2 * k + 1.8) for k in range(300)])
    marks = {k: {"address": 0.9} for k in range(300)}
    found = propose(page, FieldSchema(Receipt), predictions(page, marks))["address"]
    assert 1 <= len(found) <= 8
    assert max(len(c.segments) for c in found) == 50


def test_rivals_share_the_belief(receipt: Document, predictions: Make) -> None:
    marks = {5: {"total": 0.9}, 7: {"total": 0.9}}
    found = propose(receipt, FieldSchema(Receipt), predictions(receipt, marks))["total"]
    assert [c.gcn for c in found] == pytest.approx([0.5, 0.5])


def test_a_schema_without_labels_is_fed_by_keys(receipt: Document, predictions: Make) -> None:
    class Custom(BaseModel):
        cash: Decimal | None = None
        date: str | None = None
        vessel: str | None = None

    marks = {6: {"question": 0.9}, 7: {"answer": 0.9}}
    found = propose(receipt, FieldSchema(Custom), predictions(receipt, marks))
    assert found["cash"][0].value == Decimal("20.00")
    assert found["cash"][0].gcn == pytest.approx(0.9, abs=0.05)
    assert found["date"][0].value == "25/12/2018 8:13 PM"
    assert found["vessel"] == []


def test_other_places_of_the_type(receipt: Document, predictions: Make) -> None:
    schema = FieldSchema(Receipt)
    known = propose(receipt, schema, predictions(receipt, {5: {"total": 0.9}}))["total"]
    values = [c.value for c in type_candidates(receipt, schema.by_path["total"], known)]
    assert Decimal("20.00") in values
    assert Decimal("12.20") not in values


def test_menu_items_are_grouped_by_row(document: Make, predictions: Make) -> None:
    page = document(
        [
            ("2", 20, 10, 30, 30),
            ("Nasi Goreng", 50, 10, 200, 30),
            ("50,000", 400, 10, 480, 30),
            ("Es Teh Manis", 50, 40, 200, 60),
            ("8,000", 400, 40, 480, 60),
            ("TOTAL", 50, 100, 200, 120),
            ("58,000", 400, 100, 480, 120),
        ]
    )
    marks = {
        0: {"menu.cnt": 0.9},
        1: {"menu.nm": 0.9},
        2: {"menu.price": 0.9},
        3: {"menu.nm": 0.9},
        4: {"menu.price": 0.9},
        6: {"total": 0.9},
    }
    found = group_lists(page, FieldSchema(ItemizedReceipt), predictions(page, marks))
    assert {path: c.value for path, c in found.items()} == {
        "menu[0].name": "Nasi Goreng",
        "menu[0].count": Decimal(2),
        "menu[0].price": Decimal(50000),
        "menu[1].name": "Es Teh Manis",
        "menu[1].price": Decimal(8000),
    }


def test_answers_join_their_question_beside_or_above(document: Make, predictions: Make) -> None:
    page = document(
        [
            ("Name:", 20, 10, 80, 30),
            ("Jane Doe", 100, 10, 200, 30),
            ("Address", 20, 60, 100, 80),
            ("1 Main Street", 20, 85, 160, 105),
            ("Springfield", 20, 110, 160, 130),
        ]
    )
    marks = {0: {"question": 0.9}, 2: {"question": 0.9}} | {i: {"answer": 0.9} for i in (1, 3, 4)}
    found = group_lists(page, FieldSchema(Form), predictions(page, marks))
    assert found["pairs[0].answer"].value == "Jane Doe"
    assert found["pairs[1].answer"].value == "1 Main Street Springfield"


def test_an_empty_document_proposes_nothing(predictions: Make, document: Make) -> None:
    empty = document([])
    nothing = predictions(empty, {})
    assert all(not c for c in propose(empty, FieldSchema(Receipt), nothing).values())
    assert group_lists(empty, FieldSchema(Form), nothing) == {}


def test_the_only_date_is_believed_more(document: Make, predictions: Make) -> None:
    schema = FieldSchema(Receipt)
    one = document([("25/12/2018", 10, 10, 90, 30), ("TOTAL 5.00", 10, 50, 90, 70)])
    two = document([("25/12/2018", 10, 10, 90, 30), ("26/12/2018", 10, 50, 90, 70)])
    marks = {0: {"date": 0.25}}
    assert propose(one, schema, predictions(one, marks))["date"][0].gcn == pytest.approx(0.5)
    assert propose(two, schema, predictions(two, marks))["date"][0].gcn == pytest.approx(0.25)


def test_a_key_and_a_colon_on_one_line_need_no_model(document: Make, predictions: Make) -> None:
    class Payment(BaseModel):
        payee: Annotated[str | None, Keys("Account name")] = None
        deposit: Decimal | None = None

    page = document(
        [("Account name: Alder Ltd", 10, 10, 90, 30), ("Deposit 20.00", 10, 50, 90, 70)]
    )
    unsure = predictions(page, {0: {"answer": 0.1, "question": 0.1}, 1: {"answer": 0.1}})
    found = propose(page, FieldSchema(Payment), unsure)
    assert (found["payee"][0].text, found["payee"][0].gcn) == ("Alder Ltd", 0.6)
    assert found["deposit"][0].gcn == pytest.approx(0.1)


class Fuel(BaseModel):
    """Fields that no shipped checkpoint knows."""

    litres: Annotated[Decimal | None, Keys("Volume")] = None
    pump: Annotated[str | None, Keys("Pump")] = None
    grade: Annotated[str | None, Keys("Grade")] = None
    odometer: Annotated[int | None, Keys("Odometer")] = None


def test_keys_are_believed_where_no_model_knows_questions(
    document: Make, predictions: Make
) -> None:
    page = document(
        [
            ("Volume", 10, 10, 90, 30),
            ("35.20", 200, 10, 260, 30),
            ("Pump", 10, 50, 90, 70),
            ("Grade:", 200, 50, 260, 70),
            ("4 left", 10, 75, 90, 95),
            ("Odometer 81234 km", 10, 120, 300, 140),
        ]
    )
    found = propose(page, FieldSchema(Fuel), predictions(page, {0: {"company": 0.9}}))
    assert [(c.text, c.gcn) for c in found["litres"]] == [("35.20", 0.8)]
    # A key is no value: the pump's stands below it, and the grade has none.
    assert [(c.text, c.gcn) for c in found["pump"]] == [("4 left", 0.55)]
    assert found["grade"] == []
    assert [(c.text, c.gcn) for c in found["odometer"]] == [("81234", 0.6)]


class Delivery(BaseModel):
    order_number: str | None = None
    carrier: str | None = None
    driver: str | None = None
    handed_over: Annotated[date | None, Keys("Date of delivery")] = None
    parcels: int | None = None
    dotted: Annotated[int | None, Keys("...")] = None
    weight: Annotated[Decimal | None, Keys("Gross weight")] = None


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("Order No. B-3307", {"order_number": "B-3307"}),
        ("Order no.: B-3307", {"order_number": "B-3307"}),
        ("OrderNo.B-3307", {"order_number": "B-3307"}),
        ("Order # 5512", {"order_number": "5512"}),
        ("Orders 5512", {}),
        ("Date ofdelivery:30/04/2025", {"handed_over": "30/04/2025"}),
        (
            "Carrier: Swift Freight Driver: Tom Harker",
            {"carrier": "Swift Freight", "driver": "Tom Harker"},
        ),
        ("Parcels: 4 Gross weight: 12 kg", {"parcels": "4", "weight": "12"}),
        ("Driver: n/a", {}),
        ("... 7", {}),
    ],
)
def test_keys_as_they_are_printed(
    document: Make, predictions: Make, line: str, values: dict[str, str]
) -> None:
    page = document([(line, 10, 10, 400, 30)])
    found = propose(page, FieldSchema(Delivery), predictions(page, {}))
    assert {path: c[0].text for path, c in found.items() if c} == values
    for path in values:
        assert found[path][0].gcn == 0.6
        assert found[path][0].text in " ".join(x.text for x in found[path][0].citations)


def test_what_is_far_below_an_empty_key_is_hardly_its_value(
    document: Make, predictions: Make
) -> None:
    near = document([("Driver", 10, 10, 90, 30), ("Tom Harker", 10, 40, 120, 60)])
    far = document([("Driver", 10, 10, 90, 30), ("1 pallet of gravel", 10, 65, 220, 85)])
    schema = FieldSchema(Delivery)
    assert propose(near, schema, predictions(near, {}))["driver"][0].gcn == 0.55
    assert propose(far, schema, predictions(far, {}))["driver"][0].gcn == 0.25
    marks = {0: {"question": 0.9}, 1: {"answer": 0.9}}
    assert propose(far, schema, predictions(far, marks))["driver"][0].gcn == pytest.approx(
        0.45, abs=0.03
    )

"""Thoughts say what stands on the page: names, numbers of lines, and how values begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from hybrid.document import Document
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt, Receipt
from hybrid.tuning.rationales import thoughts_on_choice, thoughts_on_page
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.variants import ExampleValue
from tests.hybrid.conftest import make_document

SCHEMA = FieldSchema(Receipt)


def option(document: Document, path: str, lines: Sequence[int], gcn: float | None) -> Candidate:
    """What the lines hold of the leaf's type."""
    segments = [s for s in document.segments if s.id in lines]
    return read_candidates(segments, SCHEMA.by_path[path], gcn)[0]


def on_choice(
    document: Document,
    path: str,
    options: Sequence[Candidate],
    right: Candidate | None,
    gold: Candidate | None,
) -> str:
    return thoughts_on_choice(document, SCHEMA.by_path[path], options, right, gold)


def test_a_rival_is_weighed_where_the_gcn_saw_one(receipt: Document) -> None:
    total, cash = option(receipt, "total", [5], 0.6), option(receipt, "total", [7], 0.3)
    thought = on_choice(receipt, "total", [cash, total], total, total)
    assert thought == "TOTAL [5] RM 12.20, CASH [7] 20.00: [5]"
    unlikely = replace(cash, gcn=0.01)
    assert on_choice(receipt, "total", [unlikely, total], total, total) == "TOTAL [5] RM 12.20"
    assert on_choice(receipt, "total", [cash], None, total) == (
        "TOTAL [5] RM 12.20, CASH [7] 20.00: [5] is not listed"
    )
    assert on_choice(receipt, "total", [cash], None, None) == (
        "CASH [7] 20.00: no line has the total"
    )
    assert on_choice(receipt, "total", [unlikely], None, None) == "no line has the total"


def test_a_name_in_the_same_line(receipt: Document) -> None:
    date = option(receipt, "date", [3], 0.9)
    assert on_choice(receipt, "date", [date], date, date) == "DATE: [3] 25/12/2018"


def test_texts_have_no_name_and_may_go_over_lines(receipt: Document) -> None:
    address = option(receipt, "address", [1, 2], 0.9)
    thought = on_choice(receipt, "address", [address], address, address)
    assert thought == "[1] to [2] 12 JALAN BESAR 45600"


@pytest.mark.parametrize(
    ("before", "name"),
    [
        (["TOTAL", ":"], "TOTAL"),
        (["TOTAL", "RM"], "TOTAL"),
        (["3.88"], ""),
        (["TOTAL", "3.88"], ""),
        (["TOTAL SALES (INCLUSIVE OF GST) :"], "(INCLUSIVE OF GST) :"),
        ([], ""),
    ],
)
def test_what_names_a_value(before: list[str], name: str) -> None:
    rows = [(text, 0.0, 20.0 * k, 100.0, 20.0 * k + 9) for k, text in enumerate([*before, "12.20"])]
    document = make_document(rows)
    found = option(document, "total", [len(before)], 0.9)
    assert on_choice(document, "total", [found], found, found) == (
        f"{name} [{len(before)}] 12.20".strip()
    )


def test_fields_in_the_order_of_the_schema(receipt: Document) -> None:
    values = {"total": ExampleValue("RM 12.20", (5,)), "company": ExampleValue("ACME", (0,))}
    assert thoughts_on_page(receipt, SCHEMA.leaves, values) == (
        "company [0]; no date; no address; total: TOTAL [5]"
    )


def test_of_lists_their_length(receipt: Document) -> None:
    values = {
        "menu[0].name": ExampleValue("TOTAL", (4,)),
        "menu[0].price": ExampleValue("12.20", (5,)),
        "menu[1].name": ExampleValue("CASH", (6,)),
        "total.total": ExampleValue("RM 12.20", (5,)),
    }
    thought = thoughts_on_page(receipt, FieldSchema(ItemizedReceipt).leaves, values)
    assert "total: TOTAL [5]" in thought
    assert thought.endswith("; menu: 2")
    assert "name" not in thought

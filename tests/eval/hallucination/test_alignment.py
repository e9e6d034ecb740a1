import ast
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import eval.hallucination.alignment as alignment
from eval.datasets import read_dataset
from eval.datasets.base import Sample
from eval.hallucination.alignment import (
    PageIndex,
    aligns,
    in_citation,
    kind_of,
    on_page,
    typed_key,
)
from eval.hallucination.folding import fold

PAGE = [
    "ACME TRADING SDN BHD",
    "Lot 5, Jalan Besar,",
    "50000 Kuala Lumpur",
    "Tel: 03-1234 5678",
    "DATE: 25/12/2018 8:13 PM",
    "2 x Nasi Lemak 29.00",
    "Discount -5.00",
    "TOTAL RM 45,500",
    "Paid: yes",
]


@pytest.mark.parametrize(
    ("text", "value", "kind", "expected"),
    [
        ("29.00", "29", "number", True),
        ("RM 29.00", None, "number", True),
        ("9.00", "9", "number", False),
        ("29.20", "29.2", "number", False),
        ("45,500", "45500", "number", True),
        ("45500", "45500", "integer", True),
        ("-5.00", "-5", "number", True),
        ("5.00", "5", "number", True),
        ("-29", "-29", "number", False),
        ("2", "2", "integer", True),
        ("12", "12", "number", False),  # only in the date
        ("25", "25", "integer", False),
        ("8", "8", "integer", False),  # only in the time
        ("5678", "5678", "number", True),
        # A wrong value is not saved by its right text.
        ("29.00", "29.99", "number", False),
        ("25/12/2018", "2018-12-25", "date", True),
        ("2018-12-25", None, "date", True),
        ("25 Dec 2018", None, "date", True),
        ("25/12/2018", "2018-12-24", "date", False),
        ("2018", "2018-12-25", "date", True),
        ("", "2018-12-25T20:13:00", "datetime", True),
        ("", "2018-12-25T00:00:00", "datetime", True),
        ("", "2018-12-25T20:14:00", "datetime", False),
        ("8:13 PM", "20:13:00", "time", True),
        ("8:13", "08:13:00", "time", False),
        ("yes", "true", "boolean", True),
        ("no", "false", "boolean", False),
        ("acme trading sdn. bhd.", None, "text", True),
        ("ACME TRADING", None, "text", True),
        ("ACME TRADNG SDN BHD", None, "text", True),
        ("BETA TRADING SDN BHD", None, "text", False),
        ("Lot 5, Jalan Besar, 50000 Kuala Lumpur", None, "text", True),
        ("Lot 6, Jalan Besar, 50000 Kuala Lumpur", None, "text", False),
        ("Lot 5, Jalan Besar, 50001 Kuala Lumpur", None, "text", False),
        ("50000 Kuala Lumpur Lot 5, Jalan Besar", None, "text", True),
        ("03-1234 5678", None, "text", True),
        ("03-1234 567", None, "text", False),
        ("x", None, "text", True),
        ("asi", None, "text", False),
        ("Nasi", None, "choice", True),
        ("Nasi Lemak", "FOOD", "choice", True),
        ("FOOD", "FOOD", "choice", False),
        ("---", None, "text", False),
        ("", None, "number", False),
        ("acme trading", None, "number", True),  # no number: looked for as a text
    ],
)  # fmt: skip
def test_does_it_stand_there(text: str, value: str | None, kind: str, expected: bool) -> None:
    assert aligns(text, value, kind, PAGE) is expected


def test_the_example_of_the_support_check() -> None:
    assert not aligns("12.99", None, "number", ["TOTAL 12.20"])
    assert aligns("12.20", None, "number", ["RM 12.20"])


def test_a_value_may_be_cut_by_a_border_of_segments() -> None:
    assert aligns("12.20", "12.2", "number", ["RM", "12.", "20"])
    assert aligns("", "2018-12-25", "date", ["on", "25", "Dec", "2018"])
    assert aligns("ACME TRADING", None, "text", ["ACME", "TRADING"])


def test_lines_of_a_column_beside_another_one() -> None:
    page = ["Bill to: Ann Lee", "Invoice 77", "1 High Street", "Date 2018", "Leeds LS1", "other"]
    assert aligns("Ann Lee, 1 High Street, Leeds LS1", None, "text", page)
    assert aligns("1 High Street Leeds LS1 Ann Lee", None, "text", [*page, "Ann Lee"])
    assert not aligns("Ann Lee, 1 High Street, York", None, "text", page)


def test_far_apart_lines_are_no_value() -> None:
    page = ["Alice Abbott", *[f"line number {k}" for k in range(40)], "Zoe Zimmer"]
    assert not aligns("Alice Abbott Zoe Zimmer", None, "text", page)


def test_many_equal_lines_do_not_take_forever() -> None:
    page = ["ab", "a", "b", "aba", "bab", "ba"] * 12
    start = time.perf_counter()
    aligns("ab" * 60 + "c", None, "text", page)
    assert time.perf_counter() - start < 2


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind 'money'"):
        aligns("1", None, "money", ["1"])


def test_documents_and_citations(receipt: Sample) -> None:
    index = PageIndex(receipt.document)
    assert on_page(index, "RM 12.20", "12.2", "number")
    assert on_page(receipt.document, "12.20", None, "number")
    assert not on_page(index, "12.21", None, "number")
    assert in_citation("RM 12.20", "12.20", "12.2", "number")
    assert not in_citation("SUBTOTAL 11.50", "12.20", "12.2", "number")
    assert in_citation("12 JALAN BESAR\n50000 KUALA LUMPUR", "12 Jalan Besar, 50000 Kuala Lumpur", None, "text")  # fmt: skip
    assert not in_citation(None, "12.20", None, "number")
    assert not in_citation("", "12.20", None, "number")
    empty = PageIndex([])
    assert not any(empty.holds("x", None, kind) for kind in alignment.KINDS)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("RM 12.20", "number", "number:12.2"),
        ("12.2", "number", "number:12.2"),
        ("45,500", "number", "number:45500"),
        ("3", "integer", "number:3"),
        ("25/12/2018", "date", "date:2018-12-25"),
        ("2018-12-25", "date", "date:2018-12-25"),
        ("25 Dis 2018", "date", "date:2018-12-25"),
        ("2018-12-25T20:13", "datetime", "datetime:2018-12-25T20:13:00"),
        ("25/12/2018 8:13 PM", "datetime", "datetime:2018-12-25T20:13:00"),
        ("8:13 PM", "time", "time:20:13:00"),
        ("Ja", "boolean", "boolean:true"),
        ("Acme!", "text", "text:acme"),
        ("CAFÉ", "choice", "text:café"),
        ("twelve", "number", "text:twelve"),
        ("soon", "date", "text:soon"),
        ("-", "text", None),
        ("", "number", None),
        (None, "number", None),
    ],
)
def test_typed_keys(text: str | None, kind: str, expected: str | None) -> None:
    assert typed_key(text, kind) == expected


def test_the_point_of_a_typed_value_is_the_decimals() -> None:
    assert typed_key("45.500", "number") == "number:45500"
    assert typed_key("45.500", "number", is_value=True) == "number:45.5"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("25/12/2018", "date"), ("20180428", "date"), ("5 MAR 2018", "date"), ("RM 9.00", "number"),
        ("45,500", "number"), ("9", "number"), ("-5.00", "number"), ("ACME", "text"), ("Lot 5", "text"),
        ("1234567890123", "text"), ("03-1234 5678", "text"), ("", "text"), ("25/12/2018 x", "text"),
    ],
)  # fmt: skip
def test_what_a_gold_text_is(text: str, expected: str) -> None:
    assert kind_of(text) == expected


@given(st.text(max_size=40), st.lists(st.text(max_size=20), max_size=6))
def test_any_text_stands_where_it_was_put_and_nothing_crashes(text: str, page: list[str]) -> None:
    for kind in alignment.KINDS:
        aligns(text, None, kind, page)
        typed_key(text, kind)
        kind_of(text)
    whole = bool(fold(text))
    assert aligns(text, None, "text", [*page, text]) is whole


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_another_amount_never_stands_there(cents: int, more: int) -> None:
    page = [f"TOTAL RM {cents / 100:,.2f}"]
    assert aligns("", f"{cents / 100:.2f}", "number", page)
    assert not aligns("", f"{(cents + more) / 100:.2f}", "number", page)


def test_nothing_is_shared_with_the_code_that_it_checks() -> None:
    for path in Path(alignment.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names] if isinstance(node, ast.Import)
                else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            )  # fmt: skip
            assert not any(name.startswith("hybrid.verify") for name in names), path
            assert not any(name.endswith("records") for name in names), "records uses hybrid.verify"


def test_thousands_of_values_take_seconds(shared_data: Path) -> None:
    samples = read_dataset("sroie", shared_data / "sroie", "dev")
    start = time.perf_counter()
    missing = 0
    for sample in samples:
        index = PageIndex(sample.document)
        for value in sample.values or ():
            missing += not index.holds(value.text, None, kind_of(value.text))
    assert time.perf_counter() - start < 20
    assert missing <= 8  # of 376: keys that differ from what is printed

"""Numbers and dates that can be read in two ways are read as the page's others are written."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

import pytest
from pydantic import BaseModel

from hybrid.document import Document
from hybrid.extraction import Citation, FieldResult, Grounding
from hybrid.schema import FieldSchema
from hybrid.verify.ground import support
from hybrid.verify.second_readings import decimal_mark, month_first, other_reading, read_as_on_page
from tests.hybrid.conftest import make_document


class Fuel(BaseModel):
    price: Decimal | None = None
    rough: float | None = None
    count: int | None = None


SCHEMA = FieldSchema(Fuel)


def page(*texts: str) -> Document:
    return make_document([(text, 0, 30 * n, 200, 30 * n + 20) for n, text in enumerate(texts)])


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["Volume 42.50", "Price per litre 1.699", "TOTAL EUR 72.21"], "."),
        (["0.250 kg", "0.125 kg", "at 1.699"], "."),
        (["1,000", "14,00", "14,00"], ","),
        (["1.00 x 45.000", "Total 45.000", "CASH 50.000"], None),
        (["1.699"], None),
        (["9.50", "9,50"], None),
        (["25.12.2018 8:13 PM", "Tel 03.55"], "."),
        ([], None),
    ],
)
def test_most_amounts_say_which_separator_is_the_decimals(
    texts: list[str], mark: str | None
) -> None:
    assert decimal_mark(page(*texts)) == mark


def test_only_three_digits_behind_one_separator_have_two_readings() -> None:
    price, rough, count = SCHEMA.leaves
    assert other_reading("EUR 1.699", price) == (".", Decimal("1.699"))
    assert other_reading("1,699", rough) == (",", 1.699)
    assert other_reading("-12.500", price) == (".", Decimal("-12.500"))
    assert other_reading("1.699", count) is None
    for text in ("0.699", "1.6990", "1.69", "1.234.567", "12.345,60", "1699", "1.699 / 2.50", "x"):
        assert other_reading(text, price) is None, text


def test_a_number_that_can_only_have_decimals_tells_however_many_could_be_thousands() -> None:
    assert decimal_mark(page("5.000", "10.000", "20.001", "0.001", "mm")) == "."
    assert decimal_mark(page("5.000", "10.000", "20.001", "1,2345")) == ","
    assert decimal_mark(page("5.000", "10.000", "20.001")) is None


def test_values_follow_the_page_and_stay_supported() -> None:
    document = page("Volume 42.50", "1.699", "TOTAL 72.21")
    citation = Citation.of_words(1, document.segments[1].words)
    leaf = FieldResult(value=Decimal(1699), text="1.699", citations=(citation,))
    read = read_as_on_page({"price": leaf, "count": leaf, "rough": FieldResult()}, document, SCHEMA)
    assert read["price"].value == Decimal("1.699")
    assert read["count"].value == Decimal(1699), "a whole number has no decimals"
    assert (
        support(Decimal("1.699"), "1.699", SCHEMA.by_path["price"], [citation]) is Grounding.EXACT
    )
    for wrong in ("16.99", "1.698", "169.9"):
        unsupported = support(Decimal(wrong), "1.699", SCHEMA.by_path["price"], [citation])
        assert unsupported is Grounding.NONE
    rupiahs = page("1.699", "20.000", "21.699")
    assert read_as_on_page({"price": leaf}, rupiahs, SCHEMA)["price"].value == Decimal(1699)


class Order(BaseModel):
    due: dt.date | None = None
    at: dt.datetime | None = None


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Ordered 02/25/2026", "Due 03/02/2026"], True),
        (["Ordered 02/25/2026", "Due 25/02/2026"], False),
        (["Ordered 02/03/2026", "Due 03/02/2026"], False),
        (["2026-02-25", "Due 03/02/2026"], False),
        (["Feb 25, 2026", "Due 03/02/2026"], False),
        (["Part 02/31/2026"], False),
        ([], False),
        (["Boise, ID 83702", "Due 03/02/2026"], True),
        (["Denver CO 80204", "Sent 25/02/2026"], False),
        (["20457 Hamburg", "DE 20457", "Due 03/02/2026"], False),
        (["Total $12.00", "Call 1-800-555-0199", "03/02/2026"], True),
        (["Total $12.00", "Toronto ON M5V 3L9", "(416) 555-0150", "03/02/2026"], False),
        (["Total $12.00", "Tel. 03 9555 0150", "03/02/2026"], False),
    ],
)
def test_a_date_that_can_only_have_its_month_first_tells_the_others(
    texts: list[str], expected: bool
) -> None:
    assert month_first(page(*texts)) is expected


def test_numeric_dates_have_two_readings() -> None:
    due, at = FieldSchema(Order).leaves
    assert other_reading("03/02/2026", due) == ("month first", dt.date(2026, 3, 2))
    assert other_reading("03.02.26 8:15", at) == ("month first", dt.datetime(2026, 3, 2, 8, 15))
    for text in (
        "02/25/2026",
        "03/03/2026",
        "2026-03-02",
        "3 Feb 2026",
        "03/02/2026 04/02/2026",
        "x",
    ):
        assert other_reading(text, due) is None, text


def test_dates_follow_the_page_and_stay_supported() -> None:
    schema = FieldSchema(Order)
    document = page("Ordered 02/25/2026", "Due 03/02/2026")
    cited = Citation.of_segment(document.segments[1])
    due = FieldResult(
        value=dt.date(2026, 2, 3),
        text="03/02/2026",
        citations=(cited,),
        grounding=Grounding.NORMALIZED,
    )
    read = read_as_on_page({"due": due}, document, schema)["due"]
    assert read.value == dt.date(2026, 3, 2)
    assert support(read.value, "03/02/2026", schema.by_path["due"], [cited]) is Grounding.NORMALIZED
    alone = page("Due 03/02/2026")
    assert read_as_on_page({"due": due}, alone, schema)["due"].value == dt.date(2026, 2, 3)


def test_a_hostile_word_takes_no_time() -> None:
    begin = time.process_time()
    assert not month_first(page("a" * 200_000, "03/02/2026"))
    assert time.process_time() - begin < 5

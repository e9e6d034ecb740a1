from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import IntEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.dates import find_dates, find_datetimes, find_times
from hybrid.verify.values import find_numbers, find_spans, parse_number, parse_value


class Fields(BaseModel):
    amount: Decimal | None = None
    day: date | None = None
    name: str | None = None
    count: int | None = None
    paid: bool | None = None
    service: Literal["Standard", "Express"] | None = None


LEAVES = FieldSchema(Fields).by_path


@pytest.mark.parametrize(
    ("digits", "value"),
    [
        ("12.20", "12.20"),
        ("12,20", "12.20"),
        ("45,500", "45500"),
        ("1.234.567", "1234567"),
        ("1,234.50", "1234.50"),
        ("12.345,67", "12345.67"),
        ("0.500", "0.500"),
        ("1'234.50", "1234.50"),
        ("23.500.00", "23500.00"),
        ("7", "7"),
    ],
)
def test_parse_number(digits: str, value: str) -> None:
    assert parse_number(digits) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("TOTAL RM 12.20", [("RM 12.20", "12.20")]),
        ("RM12.20", [("RM12.20", "12.20")]),
        ("-RM 5.00", [("-RM 5.00", "-5.00")]),
        ("(5.00)", [("(5.00)", "-5.00")]),
        ("5.00-", [("5.00-", "-5.00")]),
        ("6% GST 1.20", [("1.20", "1.20")]),
        ("25/12/2018 8:13 PM", []),
        ("A12B 3", [("3", "3")]),
        ("FORM12", []),
        ("16JUL17", []),
        ("Parcels: 7/9", []),
        ("12.00/10", [("12.00", "12.00"), ("10", "10")]),
        ("1e3", []),
        ("Invoice 20180428", [("20180428", "20180428")]),
        ("3 pcs @ 2,50 = 7,50", [("3", "3"), ("2,50", "2.50"), ("7,50", "7.50")]),
    ],
)
def test_find_numbers(text: str, found: list[tuple[str, str]]) -> None:
    assert [(text[s:e], str(v)) for s, e, v in find_numbers(text)] == found


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("25/12/2018", date(2018, 12, 25)),
        ("DATE: 25/12/20188:13PM", date(2018, 12, 25)),
        ("12/25/2018", date(2018, 12, 25)),
        ("2018-03-05", date(2018, 3, 5)),
        ("05.03.18", date(2018, 3, 5)),
        ("25-DEC-18", date(2018, 12, 25)),
        ("25DEC18", date(2018, 12, 25)),
        ("25Dec'18", date(2018, 12, 25)),
        ("Dec 25, 2018", date(2018, 12, 25)),
        ("3. März 2021", date(2021, 3, 3)),
        (": 20180428/191204", date(2018, 4, 28)),
        ("20180428T191204", date(2018, 4, 28)),
        ("Datum05.11.1318:30Uhr", date(2013, 11, 5)),
        ("20180428 28.04.2018", date(2018, 4, 28)),
    ],
)
def test_find_dates(text: str, day: date) -> None:
    assert [d for _, _, d in find_dates(text)] == [day]


_NO_COMPACT_DATES = [
    "14/03/20255",
    "20181328",
    "GSTNO:20150526C",
    "Receipt#20161223-10019",
    "201804281",
    "20180428.50",
]


@pytest.mark.parametrize(
    "text", ["31/02/2018", "12.20", "45/45/2018", "tel 03-3279 1851", "", *_NO_COMPACT_DATES]
)
def test_no_dates(text: str) -> None:
    assert list(find_dates(text)) == []


@pytest.mark.parametrize("text", ["20.000", "$3.399", "12.20", "9.30.2"])
def test_amounts_are_no_times(text: str) -> None:
    assert list(find_times(text)) == []


@pytest.mark.parametrize("text", ["13.45 Uhr", "1.45 pm", "13.45.00"])
def test_times_with_a_point(text: str) -> None:
    assert [t for _, _, t in find_times(text)] == [time(13, 45)]


def test_times_and_datetimes() -> None:
    assert [t for _, _, t in find_times("8:13 PM")] == [time(20, 13)]
    assert [t for _, _, t in find_times("12:05 AM")] == [time(0, 5)]
    found = list(find_datetimes("25/12/2018 8:13 PM"))
    assert [d for _, _, d in found] == [datetime(2018, 12, 25, 20, 13)]


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("RM 12.20", "amount", Decimal("12.20")),
        ("25/12/2018", "day", date(2018, 12, 25)),
        ("ACME", "name", "ACME"),
        ("2", "count", 2),
        ("2.5", "count", None),
        ("yes", "paid", True),
        ("nothing here", "amount", None),
    ],
)
def test_parse_value(text: str, path: str, value: Any) -> None:
    assert parse_value(text, LEAVES[path]) == value


def test_a_text_of_punctuation_is_no_value() -> None:
    assert find_spans(" --- ", LEAVES["name"]) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ACME SDN BHD (519537-X)", "ACME SDN BHD"),
        ("AEON CO. (M) BHD. (126926-H),", "AEON CO. (M) BHD."),
        ("AEON CO. (M) BHD.", "AEON CO. (M) BHD."),
        ("(519537-X)", "(519537-X)"),
    ],
)
def test_a_registration_number_is_not_part_of_a_name(text: str, name: str) -> None:
    leaf = FieldSchema(Receipt).by_path["company"]
    assert [text[s.start : s.end] for s in find_spans(text, leaf)] == [name]


@pytest.mark.parametrize(
    ("text", "moments"),
    [
        ("25:10", []),
        ("24:00", []),
        ("123:45", []),
        ("1:12:45", [time(1, 12, 45)]),
        ("25-12-2018:18:30", [time(18, 30)]),
        ("20/01/201818.15.20", [time(18, 15, 20)]),
        ("11.02.18 14:08", [time(14, 8)]),
    ],
)
def test_times_are_no_part_of_longer_numbers(text: str, moments: list[time]) -> None:
    assert [t for _, _, t in find_times(text)] == moments


@pytest.mark.parametrize(
    ("text", "path", "values"),
    [
        ("[x] Yes [ ] No", "paid", [True]),
        ("( ) yes (x) no", "paid", [False]),
        ("☑ paid", "paid", [True]),
        ("[x]", "paid", [True]),
        ("Yes / No", "paid", []),
        ("Service: Non-Standard", "service", []),
        ("- Standard", "service", ["Standard"]),
    ],
)
def test_ticks_and_choices(text: str, path: str, values: list[object]) -> None:
    assert [span.value for span in find_spans(text, LEAVES[path])] == values


class Rates(BaseModel):
    humidity: Decimal | None = None
    tax_rate: Decimal | None = None
    steuersatz: float | None = None
    share: int | None = Field(None, description="in percent")
    exchange_rate: Decimal | None = None
    umsatz: Decimal | None = None
    discount: Decimal | None = None


@pytest.mark.parametrize(
    ("text", "path", "values"),
    [
        ("8.25 %", "tax_rate", [Decimal("8.25")]),
        ("19 %", "steuersatz", [19.0]),
        ("VAT 20% 10,457.13", "tax_rate", [Decimal(20)]),
        ("50%", "share", [50]),
        ("2.5%", "share", []),
        ("1.0842", "exchange_rate", [Decimal("1.0842")]),
        ("1.250,00 (19 %)", "umsatz", [Decimal("1250.00")]),
        ("Discount 10% 5.00", "discount", [Decimal("5.00")]),
        ("10%", "discount", []),
        ("47 %", "humidity", [Decimal(47)]),
    ],
)
def test_percentages_are_values_of_rates_only(text: str, path: str, values: list[object]) -> None:
    leaf = FieldSchema(Rates).by_path[path]
    assert [span.value for span in find_spans(text, leaf)] == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("03-3279 1851,", 0),
        ("43200 CHERAS", 1),
        ("東京都", 1),
        ("DESA PARK CITY", 0),
        ("IOI MALL, PUCHONG", 1),
    ],
)
def test_a_number_alone_is_no_address_nor_is_a_name(text: str, found: int) -> None:
    assert len(find_spans(text, FieldSchema(Receipt).by_path["address"])) == found
    assert len(find_spans(text, FieldSchema(Receipt).by_path["company"])) == 1


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("O.50", []),
        ("1O0.00", []),
        ("1l0.00", []),
        ("5O.00", []),
        ("1.2M", []),
        ("5k", []),
        ("3.4 Mio. EUR", []),
        ("1.2 million", []),
        ("1 3/4", []),
        ("3½", []),
        ("Zone: 12B", []),
        ("10-20", []),
        ("2012–2014", []),
        ("03-7781 8333", ["8333"]),
        ("< 5.0", []),
        ("≥10", []),
        ("minus 120.50", ["-120.50"]),
        ("780,00 -", ["-780.00"]),
        ("780 -", ["780"]),
        ("–120.50", ["-120.50"]),
        ("wave 3 (87 –114)", ["3", "87", "114"]),
        ("CHF 1’234.56", ["1234.56"]),
        ("5kg", ["5"]),
        ("45m2", ["45"]),
        ("2x10.00", ["2", "10.00"]),
        ("TOTAL > 12.00", ["12.00"]),
        ("No.50", ["50"]),
        ("Rp.5.000", ["5000"]),
    ],
)
def test_a_part_of_what_is_printed_is_no_number(text: str, values: list[str]) -> None:
    assert [str(value) for _, _, value in find_numbers(text)] == values


@pytest.mark.parametrize(("text", "found"), [("n/a", []), ("No. 5", []), ("No", [False])])
def test_what_is_no_answer(text: str, found: list[bool]) -> None:
    assert [span.value for span in find_spans(text, LEAVES["paid"])] == found


class Contract(BaseModel):
    hours: Literal["full_time", "part_time"] | None = None
    plan: Literal["Basic", "Basic Plus"] | None = None


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("Full time", "hours", ["full_time"]),
        ("part-time", "hours", ["part_time"]),
        ("Basic Plus", "plan", ["Basic Plus"]),
        ("Basic", "plan", ["Basic"]),
    ],
)
def test_choices_however_their_words_are_joined(text: str, path: str, found: list[str]) -> None:
    leaf = FieldSchema(Contract).by_path[path]
    assert [span.value for span in find_spans(text, leaf)] == found


class Stars(IntEnum):
    """Marks that are numbers."""

    ONE = 1
    TWO = 2


class Graded(BaseModel):
    grade: Literal[1, 2, 3] | None = None
    stars: Stars | None = None


@pytest.mark.parametrize(("path", "value"), [("grade", 2), ("stars", Stars.TWO)])
def test_choices_that_are_numbers(path: str, value: int) -> None:
    leaf = FieldSchema(Graded).by_path[path]
    assert [span.value for span in find_spans(f"{path}: 2", leaf)] == [value]
    assert not find_spans(f"{path}: 4", leaf)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Total weight (4): 2.50 kg", ["2.50"]),
        ("Labour cost [1] ......... 3 375,00", ["3375.00"]),
        ("Revenue (12) 500", ["500"]),
        ("Loss (12.50)", ["-12.50"]),
        ("(4)", ["-4"]),
    ],
)
def test_a_note_s_number_behind_a_word_is_no_amount(text: str, numbers: list[str]) -> None:
    assert [value for _, _, value in find_numbers(text)] == [Decimal(n) for n in numbers]

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.hallucination.dates import (
    default_date,
    default_time,
    parse_iso_date,
    parse_iso_time,
    printed_dates,
    printed_times,
)
from eval.hallucination.months import MONTH_NAMES, MONTH_OF, name_in_style_of

CHRISTMAS = date(2018, 12, 25)


@pytest.mark.parametrize(
    "text",
    [
        "25/12/2018", "25-12-2018", "25.12.2018", "25 12 2018", "25/12/18", "12/25/2018", "12-25-18",
        "2018-12-25", "2018/12/25", "20181225", "25122018", "251218", "25. 12. 2018", "25/12/20188:13PM",
        "25 DEC 2018", "25DEC2018", "25-Dec-18", "Dec 25, 2018", "December 25th 2018", "25th December, 2018",
        "25. Dezember 2018", "25 Dez. 2018", "25 Disember 2018", "25 Dis 18", "25 Desember 2018",
        "25 décembre 2018", "25 de diciembre de 2018", "25 dicembre 2018", "25 de dezembro de 2018",
        "2018年12月25日", "DATE:25/12/2018 20:13", "25 Dec '18", "2018 Dec 25",
    ],
)  # fmt: skip
def test_a_date_is_found_in_any_print(text: str) -> None:
    assert CHRISTMAS in {p.value for p in printed_dates(text)}
    assert default_date(text) == CHRISTMAS or text == "251218"


def test_day_first_is_the_default_and_month_first_another_reading() -> None:
    assert default_date("01/02/2018") == date(2018, 2, 1)
    assert {p.value for p in printed_dates("01/02/2018")} == {date(2018, 2, 1), date(2018, 1, 2)}
    assert default_date("12/25/2018") == CHRISTMAS


@pytest.mark.parametrize(
    "text", ["31/02/2018", "125/12/2018x", "12.20", "no 12", "10.00 5.00", "03-1234 5678", ""]
)
def test_what_is_no_date(text: str) -> None:
    assert default_date(text) is None


def test_a_date_behind_another_number_is_found() -> None:
    assert date(2001, 9, 7) in {p.value for p in printed_dates(".2.7/09/2001")}


def test_two_digit_years_turn_at_seventy() -> None:
    assert default_date("01/01/69") == date(2069, 1, 1)
    assert default_date("01/01/70") == date(1970, 1, 1)


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.sampled_from(MONTH_NAMES))
def test_every_date_in_every_language(value: date, names: tuple[str, ...]) -> None:
    month = names[value.month - 1]
    prints = [
        f"{value:%d/%m/%Y}", f"{value:%m/%d/%y}", f"{value:%Y-%m-%d}", f"{value:%d.%m.%y}",
        f"{value.day}/{value.month}/{value.year}", f"{value.day} {month} {value.year}",
        f"{month.upper()} {value.day}, {value.year}", f"{value:%d}-{month.title()}-{value:%y}",
    ]  # fmt: skip
    for text in prints:
        assert value in {p.value for p in printed_dates(f"on {text}")}, text
        assert value + timedelta(days=400) not in {p.value for p in printed_dates(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8:13 PM", time(20, 13)), ("08:13:39 AM", time(8, 13, 39)), ("20:13", time(20, 13)),
        ("12:05 am", time(0, 5)), ("12:05 PM", time(12, 5)), ("20h13", time(20, 13)),
        ("8 PM", time(20, 0)), ("25/12/20188:13PM", time(20, 13)), ("20.13", time(20, 13)),
        ("25:13", None), ("time", None),
    ],
)  # fmt: skip
def test_times(text: str, expected: time | None) -> None:
    found = {clock for _, _, clock in printed_times(text)}
    if expected is None:
        assert time(20, 13) not in found
        assert text != "time" or (found == set() and default_time(text) is None)
    else:
        assert expected in found
        assert default_time(text) == expected


def test_iso_forms() -> None:
    assert parse_iso_date("2018-12-25") == parse_iso_date("2018-12-25T20:13:00Z") == CHRISTMAS
    assert parse_iso_date("25/12/2018") is None
    assert parse_iso_time("20:13:00") == time(20, 13)
    assert parse_iso_time("8 PM") is None


def test_names_of_months() -> None:
    assert all(len(row) == 12 for row in MONTH_NAMES)
    assert [MONTH_OF[name] for name in ("mac", "märz", "ogos", "oktober", "dis")] == [
        3,
        3,
        8,
        10,
        12,
    ]
    assert name_in_style_of("Dezember", 3) == "März"
    assert name_in_style_of("DEC", 3) == "MAR"
    assert name_in_style_of("disember", 8) == "ogos"

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.hallucination.numbers import (
    parse_plain,
    parse_printed,
    plain,
    printed_numbers,
    strip_currency,
)


def readings(text: str) -> set[str]:
    return {plain(r) for n in printed_numbers(text) for r in n.readings}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RM 12.20", {"12.2"}),
        ("12,20 EUR", {"12.2"}),
        ("1,234.56", {"1234.56"}),
        ("1.234,56", {"1234.56"}),
        ("1,234,567", {"1234567"}),
        ("1,00,000.00", {"100000"}),
        ("0.500", {"0.5"}),
        ("45.500", {"45500", "45.5"}),
        ("23.500.00", {"23500"}),
        ("TOTAL45,500", {"45500", "45.5"}),
        ("12. 20", {"12", "20", "12.2"}),
        ("1 234,56", {"1", "234.56", "1234.56"}),
        ("1'234.50", {"1", "234.5", "1234.5"}),
        ("2 X 5.00", {"2", "5"}),
        ("29", {"29"}),
        ("(5.00)", {"5", "-5"}),
        ("-RM 5.00", {"5", "-5"}),
        ("5.00-", {"5", "-5"}),
        ("1.2.3", set()),
        ("no digits", set()),
    ],
)
def test_what_a_text_can_be_read_as(text: str, expected: set[str]) -> None:
    assert readings(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RM 12.20", "12.2"),
        ("Rp45.500,-", "45500"),
        ("45,500", "45500"),
        ("$ 1,045.00", "1045"),
        ("1 234,56 €", "1234.56"),
        ("(5.00)", "-5"),
        ("-5.00", "-5"),
        ("RM-5.00", "-5"),
        ("5.00-", "-5"),
        ("TOTAL 9.00", "9"),
        ("0.00", "0"),
        ("2 x 5.00", None),
        ("twelve", None),
        ("", None),
    ],
)
def test_the_likeliest_reading_of_an_amount(text: str, expected: str | None) -> None:
    value = parse_printed(text)
    assert (None if value is None else plain(value)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RM 12.20", "12.20"),
        ("RM12.20", "12.20"),
        ("12,20 EUR", "12,20"),
        ("US$ 1,000.00", "1,000.00"),
        ("Rp. 45.500", "45.500"),
        ("-$5.00", "-5.00"),
        ("€ 1 234,56", "1 234,56"),
        ("TOTAL RM 12.20", "TOTAL RM 12.20"),
        ("EURO SHOP", "EURO SHOP"),
        ("25/12/2018", "25/12/2018"),
        ("", ""),
    ],
)
def test_currency_is_dropped_around_amounts_only(text: str, expected: str) -> None:
    assert strip_currency(text) == expected


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_every_amount_is_found_in_its_common_prints(value: Decimal) -> None:
    english = f"{abs(value):,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (english, german, f"RM {english}", f"{german} EUR"):
        assert plain(abs(value)) in readings(text)
        assert parse_printed(text) == abs(value)


def test_plain_numbers_are_those_of_programs() -> None:
    assert parse_plain("12.20") == Decimal("12.2")
    assert parse_plain("45.500") == Decimal("45.5")
    assert parse_plain("NaN") is None
    assert parse_plain("RM 1") is None
    assert [plain(Decimal(t)) for t in ("-0.00", "100", "1E+3", "0.10")] == [
        "0",
        "100",
        "1000",
        "0.1",
    ]

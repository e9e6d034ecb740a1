import random
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.hallucination.dates import printed_dates
from eval.hallucination.numbers import parse_printed
from eval.hallucination.plausible import (
    other_date,
    other_number,
    print_date,
    print_number,
    share_words,
)


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=2), st.integers())
def test_another_number_has_the_same_form(value: Decimal, seed: int) -> None:
    new = other_number(value, random.Random(seed))
    if value == 0:
        assert new is None
        return
    assert new is not None
    assert new != value
    assert new.is_signed() == value.is_signed()
    assert new.as_tuple().exponent == value.as_tuple().exponent
    assert len(f"{new:,.2f}") == len(f"{value:,.2f}")
    old_text = f"{abs(value):,.2f}"
    text = print_number(old_text, abs(value), new)
    assert [c for c in text if not c.isdigit()] == [c for c in old_text if not c.isdigit()]
    assert parse_printed(text) == abs(new)


@pytest.mark.parametrize(
    ("printed", "reading", "new", "expected"),
    [
        ("45,500", "45500", "81200", "81,200"),
        ("9", "9", "7.00", "7"),
        ("9.00", "9.00", "7.00", "7.00"),
        ("009", "9", "7", "007"),
        ("1.234,56", "1234.56", "-9876.54", "9.876,54"),
        ("0.5", "0.5", "0.30", "0.3"),
    ],
)
def test_a_number_is_printed_like_the_old_one(
    printed: str, reading: str, new: str, expected: str
) -> None:
    assert print_number(printed, Decimal(reading), Decimal(new)) == expected


@given(st.dates(date(1980, 1, 1), date(2060, 1, 1)), st.integers())
def test_another_date_has_as_many_digits(value: date, seed: int) -> None:
    new = other_date(value, random.Random(seed))
    assert new != value
    assert len(f"{new.day}/{new.month}") == len(f"{value.day}/{value.month}")
    assert (new.day > 12) == (value.day > 12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 25/12/2018!", "13/10/2016"),
        ("25-12-18", "13-10-16"),
        ("2018-12-25", "2016-10-13"),
        ("25 DEC 2018", "13 OCT 2016"),
        ("25. Dezember 2018", "13. Oktober 2016"),
        ("20181225", "20161013"),
        ("12/25/2018", "10/13/2016"),
    ],
)
def test_a_date_is_printed_like_the_old_one(text: str, expected: str) -> None:
    printed = next(p for p in printed_dates(text) if p.value == date(2018, 12, 25))
    assert print_date(text, printed, date(2016, 10, 13)) == expected


def test_words_are_laid_over_the_lines_that_were_there() -> None:
    assert share_words("a b c d", [10]) == ["a b c d"]
    assert share_words("aaaa bbbb cccc dddd", [8, 8]) == ["aaaa bbbb", "cccc dddd"]
    assert share_words("aaaa bbbb cccc dddd", [4, 12]) == ["aaaa", "bbbb cccc dddd"]
    assert share_words("a b", [5, 5, 5]) is None
    assert share_words("a b c", [100, 1, 1]) == ["a", "b", "c"]
    assert share_words("", [3]) is None


@given(
    st.lists(st.text("abc", min_size=1, max_size=9), max_size=12),
    st.lists(st.integers(1, 30), min_size=1, max_size=4),
)
def test_no_word_is_lost(words: list[str], lengths: list[int]) -> None:
    lines = share_words(" ".join(words), lengths)
    if len(words) < len(lengths):
        assert lines is None
    else:
        assert lines is not None
        assert len(lines) == len(lengths)
        assert all(lines)
        assert " ".join(lines).split() == words

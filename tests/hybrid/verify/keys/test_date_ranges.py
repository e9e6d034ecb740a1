"""Two dates in one place for two fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.propose import propose

Make = Callable[..., Any]
Line = tuple[str, float, float, float, float]
MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 30)


class Bill(BaseModel):
    period_start: dt.date | None = None
    period_end: dt.date | None = None


class Contract(BaseModel):
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    signed_on: dt.date | None = None


class Half(BaseModel):
    period_end: dt.date | None = None


def line(text: str, left: float, top: float) -> Line:
    return (text, left, top, left + 6 * len(text), top + 12)


@pytest.fixture
def read(document: Make, predictions: Make) -> Make:
    def of(schema: type[BaseModel], *lines: Line) -> list[dt.date | None]:
        page = document(list(lines))
        found = propose(page, FieldSchema(schema), predictions(page, {}))
        return [c[0].value if c else None for c in found.values()]

    return of


@pytest.mark.parametrize(
    "text",
    [
        "Billing period 1 May 2026 - 30 June 2026",
        "Abrechnungszeitraum 01.05.2026 bis 30.06.2026",
        "Période du 01/05/2026 au 30/06/2026",
        "2026-05-01 – 2026-06-30",
    ],
)
def test_a_range_has_both_ends(read: Make, text: str) -> None:
    assert read(Bill, line(text, 20, 20)) == [MAY, JUNE]


def test_its_key_may_stand_beside_or_above(read: Make) -> None:
    dates = "01.05.2026 - 30.06.2026"
    other = line("Holiday 01.12.2026 - 24.12.2026", 20, 90)
    assert read(Bill, line("Period", 20, 20), line(dates, 120, 20), other) == [MAY, JUNE]
    assert read(Bill, line("Period", 20, 20), line(dates, 20, 34), other) == [MAY, JUNE]


def test_the_end_is_not_the_first_date_behind_its_key(read: Make) -> None:
    row = line("Valid from 1 May 2026 to 30 June 2026", 20, 20)
    assert read(Contract, row) == [MAY, JUNE, None]


def test_two_different_ranges_are_none(read: Make) -> None:
    rows = [line("01.05.2026 - 30.06.2026", 20, 20), line("01.07.2026 - 30.07.2026", 20, 60)]
    assert read(Bill, *rows) == [None, None]


def test_one_end_alone_is_no_range(read: Make) -> None:
    assert read(Half, line("01.05.2026 - 30.06.2026", 20, 20)) == [None]
    assert read(Bill, line("30.06.2026 - 01.05.2026", 20, 20)) == [None, None]

"""Dates whose year stands elsewhere on the document."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import BaseModel

from hybrid.document import Document
from hybrid.extraction import Citation, Grounding
from hybrid.schema import FieldSchema
from hybrid.verify.dates import find_dates, find_days
from hybrid.verify.ground import support
from hybrid.verify.partial_dates import WholeDates, completed
from tests.hybrid.conftest import make_document


class Booking(BaseModel):
    day: date | None = None
    note: str | None = None


DAY, NOTE = FieldSchema(Booking).leaves


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("21 Aug", [(8, 21)]),
        ("12 de junio", [(6, 12)]),
        ("June 3rd", [(6, 3)]),
        ("14.03.", [(3, 14)]),
        ("08/21", [(8, 21)]),
        ("03/06", [(6, 3)]),
        ("01.07. – 31.07.2026", [(7, 1)]),
        ("31 Feb", []),
        ("29 Feb", [(2, 29)]),
        ("12.20", []),
        ("May 12.50", []),
        ("21 Aug 2026", []),
        ("", []),
    ],
)
def test_days_are_found_beside_whole_dates(text: str, found: list[tuple[int, int]]) -> None:
    assert [(month, day) for _, _, month, day in find_days(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Madrid, a 29 de mayo de 2026", date(2026, 5, 29)),
        ("Lisboa, 3 de março de 2026", date(2026, 3, 3)),
        ("Paris, le 1er juin 2026", date(2026, 6, 1)),
        ("the 15th of June, 2026", date(2026, 6, 15)),
        ("2º de junho de 2026", date(2026, 6, 2)),
        ("12 déc. 2026", date(2026, 12, 12)),
    ],
)
def test_dates_in_words(text: str, found: date) -> None:
    assert [day for _, _, day in find_dates(text)] == [found]


def statement(*rows: str, heading: str = "Period 20 Aug 2026 to 19 Sep 2026") -> Document:
    texts = [heading, *rows]
    return make_document([(t, 10, 20 * k, 300, 20 * k + 12) for k, t in enumerate(texts)])


@pytest.mark.parametrize("claim", ["21 Aug", "2026-08-21", "21/08/2026"])
def test_day_and_year_are_both_cited(claim: str) -> None:
    page = statement("21 Aug Lakeshore Fuel 51.09")
    found = completed(claim, DAY, page.segments[1:], WholeDates(page))
    assert found is not None
    assert found.value == date(2026, 8, 21)
    assert found.text == "21 Aug"
    assert [c.text for c in found.citations] == ["21 Aug", "20 Aug 2026"]
    assert found.grounding is Grounding.NORMALIZED
    assert support(found.value, found.text, DAY, found.citations) is Grounding.NORMALIZED


def test_a_page_that_writes_the_month_first_is_read_so() -> None:
    page = statement("09/03", heading="Period 08/20/2026 to 09/19/2026")
    found = completed("09/03", DAY, page.segments[1:], WholeDates(page))
    assert found is not None
    assert found.value == date(2026, 9, 3)


@pytest.mark.parametrize(
    ("claim", "row", "heading"),
    [
        ("22 Aug", "21 Aug", "Period 20 Aug 2026"),
        ("2025-08-21", "21 Aug", "Period 20 Aug 2026"),
        ("21 Aug", "21 Aug", "No year at all"),
        ("21 Dec", "21 Dec", "Period 20 Dec 2026 to 19 Jan 2027"),
        ("29 Feb", "29 Feb", "Period 20 Feb 2026"),
        ("soon", "21 Aug", "Period 20 Aug 2026"),
    ],
)
def test_what_the_document_does_not_say_is_no_date(claim: str, row: str, heading: str) -> None:
    page = statement(row, heading=heading)
    assert completed(claim, DAY, page.segments[1:], WholeDates(page)) is None


def test_only_dates_are_completed() -> None:
    page = statement("21 Aug")
    assert completed("21 Aug", NOTE, page.segments[1:], WholeDates(page)) is None


def test_a_day_without_a_cited_year_supports_nothing() -> None:
    page = statement("21 Aug")
    day, heading = (
        Citation.of_words(1, page.segments[1].words),
        Citation.of_words(1, page.segments[0].words),
    )
    assert support(date(2026, 8, 21), "21 Aug", DAY, [day]) is Grounding.NONE
    assert support(date(2026, 8, 22), "21 Aug", DAY, [day, heading]) is Grounding.NONE
    assert support(date(2025, 8, 21), "21 Aug", DAY, [day, heading]) is Grounding.NONE

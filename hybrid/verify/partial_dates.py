"""Dates without a year: "21 Aug" in a statement's table, whose year another date of the document says.

The value needs both, so both are cited: the boxes of day and month, and those of the date that has
the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from hybrid.document import Document, Segment
from hybrid.extraction import Citation, Grounding
from hybrid.schema import Leaf, LeafKind
from hybrid.verify.candidates import Candidate
from hybrid.verify.dates import day_orders, find_dates, find_days
from hybrid.verify.ground import Passage, support
from hybrid.verify.second_readings import month_first


class WholeDates:
    """The dates of a document that have their year, looked for when the first one lacks it.

    Args:
        document: Any.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def found(self) -> list[tuple[Segment, int, int, date]]:
        """Each with its segment and characters."""
        return [
            (segment, start, end, day)
            for segment in self._document.segments
            for start, end, day in find_dates(segment.text, compact=False)
        ]

    @cached_property
    def american(self) -> bool:
        """Whether the month stands first."""
        return month_first(self._document)


def completed(
    claim: str, leaf: Leaf, segments: Sequence[Segment], dates: WholeDates
) -> Candidate | None:
    """The candidate of a date that stands without its year.

    Args:
        claim: What an LLM says, with a year or without; or the text of a cell.
        leaf: A field of dates.
        segments: Cited for it.
        dates: Of the document, which say the year.

    Returns:
        None where the segments have no such day, or no whole date of the document has that year; of a
        claim without a year also where the document's dates are of several years.
    """
    if leaf.kind is not LeafKind.DATE:
        return None
    days = [(s, *found) for s in segments for found in find_days(s.text)]
    if not days:
        return None
    whole, partial = list(find_dates(claim)), list(find_days(claim))
    if len(whole) == 1:
        wanted, year = (whole[0][2].month, whole[0][2].day), whole[0][2].year
    elif len(partial) == 1:
        start, end, month, day = partial[0]
        wanted, year = _ordered(claim[start:end], month, day, dates), None
    else:
        return None
    for segment, start, end, month, day in days:
        if _ordered(segment.text[start:end], month, day, dates) == wanted:
            return _with_year(segment, start, end, wanted, year, leaf, dates)
    return None


def _ordered(text: str, month: int, day: int, dates: WholeDates) -> tuple[int, int]:
    """Month and day in the order of the document's other dates."""
    orders = day_orders(text, month, day)
    return orders[-1] if len(orders) > 1 and dates.american else orders[0]


def _with_year(
    segment: Segment,
    start: int,
    end: int,
    month_day: tuple[int, int],
    year: int | None,
    leaf: Leaf,
    dates: WholeDates,
) -> Candidate | None:
    said = dates.found
    years = {day.year for *_, day in said}
    if year is None and len(years) == 1:
        (year,) = years
    if year is None or year not in years:
        return None
    try:
        value = date(year, *month_day)
        typed = leaf.typed(value)
    except ValueError:
        return None
    source, first, last, _ = min(
        (place for place in said if place[3].year == year), key=lambda p: abs((p[3] - value).days)
    )
    text = segment.text[start:end]
    words = Passage([segment]).words_in(start, end)
    others = Passage([source]).words_in(first, last)
    citations = (
        Citation.of_words(segment.page, words),
        Citation.of_words(source.page, others),
    )
    if support(typed, text, leaf, citations) is Grounding.NONE:
        return None
    return Candidate(
        tuple(dict.fromkeys((segment.id, source.id))),
        text,
        typed,
        (*words, *others),
        citations,
        Grounding.NORMALIZED,
        None,
    )

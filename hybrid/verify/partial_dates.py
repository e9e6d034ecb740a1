"""Dates without a year: "21 Aug" in a statement's table, whose year another date of the document says.

The value needs both, so both are cited: the boxes of day and month, and those of the date that has
the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hybrid.document import Document, Segment
from hybrid.extraction import Citation, Grounding
from hybrid.schema import Leaf, LeafKind
from hybrid.verify.candidates import Candidate
from hybrid.verify.dates import day_orders, find_dates, find_days
from hybrid.verify.ground import Passage, support
from hybrid.verify.second_readings import month_first

_FARTHEST = 366
"""Days between a date and the one that says its year."""


def years_said(document: Document) -> list[tuple[Segment, int, int, date]]:
    """The whole dates of a document, each with its segment and characters."""
    return [
        (segment, start, end, day)
        for segment in document.segments
        for start, end, day in find_dates(segment.text, compact=False)
    ]


def completed(
    claim: str, leaf: Leaf, segments: Sequence[Segment], document: Document
) -> Candidate | None:
    """The candidate of a date that stands without its year.

    Args:
        claim: What an LLM says, with a year or without.
        leaf: A field of dates.
        segments: Cited for it.
        document: Says the year.

    Returns:
        None where the segments have no such day, or no whole date of the document has that year; of a
        claim without a year also where the document's dates are of several years.
    """
    if leaf.kind is not LeafKind.DATE:
        return None
    american = month_first(document)
    whole, partial = list(find_dates(claim)), _days_in(claim, american)
    if len(whole) == 1:
        wanted, year = (whole[0][2].month, whole[0][2].day), whole[0][2].year
    elif len(partial) == 1:
        wanted, year = partial[0][2], None
    else:
        return None
    for segment in segments:
        for start, end, found in _days_in(segment.text, american):
            if found == wanted:
                return _with_year(segment, start, end, found, year, leaf, document)
    return None


def _days_in(text: str, american: bool) -> list[tuple[int, int, tuple[int, int]]]:
    """Dates without a year as `(start, end, (month, day))`, in the order of the document's dates."""
    return [
        (start, end, day_orders(text[start:end], month, day)[-1 if american else 0])
        for start, end, month, day in find_days(text)
    ]


def _with_year(
    segment: Segment,
    start: int,
    end: int,
    month_day: tuple[int, int],
    year: int | None,
    leaf: Leaf,
    document: Document,
) -> Candidate | None:
    said = years_said(document)
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
    near = [(abs((day - value).days), n) for n, (*_, day) in enumerate(said) if day.year == year]
    distance, number = min(near)
    if distance > _FARTHEST:
        return None
    source, first, last, _ = said[number]
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

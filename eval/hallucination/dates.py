"""Dates and times as they are printed: every way in which a text can be read as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from .months import MONTH_OF

_LEAST_DIGITS = 3
_PIVOT = 70
"""Two-digit years below it are of this century."""

_MONTH = "|".join(sorted(map(re.escape, MONTH_OF), key=len, reverse=True))
_BETWEEN = r"[\s\-/.,'’]{1,3}"
_YEAR = r"(?:19|20)\d{2}|\d{2}(?!\d)"
_LONG = r"(?:19|20)\d{2}"

_FORMS: tuple[tuple[str, str], ...] = (
    # A year of four digits may be followed by a digit: OCR glues date and time together.
    ("ymd", rf"(?<!\d)(?P<y>{_LONG}){_BETWEEN}(?P<m>\d{{1,2}}){_BETWEEN}(?P<d>\d{{1,2}})"),
    ("ymd", r"(?<!\d)(?P<y>(?:19|20)?\d{2})\s?[年년]\s?(?P<m>\d{1,2})\s?[月월]\s?(?P<d>\d{1,2})"),
    (
        "dmy",
        rf"(?<!\d)(?P<d>\d{{1,2}})\s?(?P<s>[-/.,])\s?(?P<m>\d{{1,2}})\s?[-/.,]\s?['’]?(?P<y>{_YEAR})",
    ),
    ("dmy", rf"(?<!\d)(?P<d>\d{{1,2}})\s(?P<m>\d{{1,2}})\s(?P<y>{_LONG})"),
    ("ymd", r"(?<!\d)(?P<y>\d{2})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})(?!\d)"),
    (
        "named",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.|º)?(?:\sde)?[\s\-/.,'’]{{0,3}}"
        rf"(?P<n>{_MONTH})(?![^\W\d_])(?:\sde)?[\s\-/.,'’]{{0,3}}(?P<y>{_YEAR})",
    ),
    (
        "named",
        rf"(?<![^\W\d_])(?P<n>{_MONTH})[\s\-/.,]{{0,3}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?"
        rf"[\s\-/.,'’]{{1,3}}(?P<y>{_YEAR})",
    ),
    ("named", rf"(?<!\d)(?P<y>{_LONG})[\s\-/.,]{{0,3}}(?P<n>{_MONTH})[\s\-/.,]{{0,3}}(?P<d>\d{{1,2}})(?!\d)"),
    ("ymd", rf"(?<!\d)(?P<y>{_LONG})(?P<m>\d{{2}})(?P<d>\d{{2}})(?!\d)"),
    ("dmy", rf"(?<!\d)(?P<d>\d{{2}})(?P<m>\d{{2}})(?P<y>{_LONG})(?!\d)"),
    ("dmy", r"(?<!\d)(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{2})(?!\d)"),
    ("ymd", r"(?<!\d)(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})(?!\d)"),
)  # fmt: skip
_PATTERNS = tuple((order, re.compile(pattern, re.IGNORECASE)) for order, pattern in _FORMS)

_TIME = re.compile(
    r"(?<!\d)(?P<h>[01]?\d|2[0-3])\s?(?P<s>[:.h時点时])\s?(?P<m>[0-5]\d)(?:\s?[:.分]\s?(?P<sec>[0-5]\d))?"
    r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm](?![^\W\d_]))?(?!\d)"
)
_GLUED_TIME = re.compile(_TIME.pattern.removeprefix(r"(?<!\d)"))
_HALF_ONLY = re.compile(r"(?<!\d)(?P<h>1[0-2]|[1-9])\s?(?P<half>[AaPp])\.?\s?[Mm](?![^\W\d_])")


@dataclass(frozen=True)
class PrintedDate:
    """A date in a text.

    Attributes:
        start: Offset of its first character.
        end: Behind its last one.
        value: One reading.
        parts: The span of the "y", the "d", and the "m" (digits) or the "n" (name) of the month.
        sure: Written with separators or a name, not a mere run of digits.
    """

    start: int
    end: int
    value: date
    parts: dict[str, tuple[int, int]]
    sure: bool


@lru_cache(maxsize=16_384)
def printed_dates(text: str) -> tuple[PrintedDate, ...]:
    """Every date in a text, in every reading: day first (the default) before month first.

    Years of two digits are 1970 to 2069. Readings may overlap: "01-02-03" has several.
    """
    return tuple(_dates_in(text))


def _dates_in(text: str) -> Iterator[PrintedDate]:
    if sum(c.isdigit() for c in text) < _LEAST_DIGITS:  # most texts, and the patterns are slow
        return
    for order, pattern in _PATTERNS:
        for match in _overlapping(pattern, text):
            spans = {name: match.span(name) for name in "ymdn" if _has(match, name)}
            sure = match.end() - match.start() > sum(e - s for s, e in spans.values())
            sure = sure or order == "named"
            for parts in _orders(order, spans):
                value = _value(text, parts)
                if value is not None:
                    yield PrintedDate(*match.span(), value, parts, sure)


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """All matches, also those that begin inside another one: "2.7/09/2001" ends in a date."""
    match = pattern.search(text)
    while match:
        yield match
        match = pattern.search(text, match.start() + 1)


def default_date(text: str) -> date | None:
    """The first date in a text, day first, month first only where that is impossible; or None."""
    found = [(not p.sure, p.start, k, p.value) for k, p in enumerate(printed_dates(text))]
    return min(found)[-1] if found else None


def printed_times(text: str) -> Iterator[tuple[int, int, time]]:
    """Every time of day in a text as `(start, end, time)`; "8:13 PM" is 20:13.

    Also where it is glued to a year. The same place can come more than once.
    """
    for pattern in (_TIME, _GLUED_TIME, _HALF_ONLY):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            hour = int(groups["h"])
            half = (groups["half"] or "").lower()
            if half and 1 <= hour <= 12:
                hour = hour % 12 + (12 if half == "p" else 0)
            clock = time(hour, int(groups.get("m") or 0), int(groups.get("sec") or 0))
            yield *match.span(), clock


def default_time(text: str) -> time | None:
    """The first time of day in a text, or None."""
    return next((clock for _, _, clock in printed_times(text)), None)


def parse_iso_date(text: str) -> date | None:
    """A date, or a date with a time, in ISO 8601, as a date; else None."""
    value = parse_iso_datetime(text)
    return value.date() if value else None


def parse_iso_datetime(text: str) -> datetime | None:
    """A date with or without a time, in ISO 8601, without its time zone; else None."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def parse_iso_time(text: str) -> time | None:
    """A time of day in ISO 8601, without its time zone; else None."""
    try:
        return time.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None


def time_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where times stand that are written with a colon, which no amount is."""
    for match in _GLUED_TIME.finditer(text):
        if match["s"] == ":":
            yield match.span()


def _has(match: re.Match[str], name: str) -> bool:
    return match.groupdict().get(name) is not None


def _orders(order: str, spans: dict[str, tuple[int, int]]) -> Iterator[dict[str, tuple[int, int]]]:
    """The parts as they stand, then with day and month exchanged."""
    yield spans
    if order == "dmy":
        yield spans | {"d": spans["m"], "m": spans["d"]}


def _value(text: str, parts: dict[str, tuple[int, int]]) -> date | None:
    def number(name: str) -> int:
        start, end = parts[name]
        return int(text[start:end])

    year = number("y")
    if year < 100:
        year += 2000 if year < _PIVOT else 1900
    if "n" in parts:
        start, end = parts["n"]
        month = MONTH_OF[text[start:end].lower()]
    else:
        month = number("m")
    try:
        return date(year, month, number("d"))
    except ValueError:  # 31/02/2018 looks like a date and is none
        return None

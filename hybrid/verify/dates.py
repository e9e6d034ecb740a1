"""Dates and times in running text, as business documents write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time

# English, Malay, German, French, Spanish, Italian, Portuguese; Dutch, Polish, Scandinavian, Finnish, Czech.
_MONTHS = {
    1: "january januari januar janvier enero gennaio janeiro jan"
    " ene gen janv stycznia styczen styczeń tammikuuta tammikuu ledna leden",
    2: "february februari februar fevrier février febrero febbraio fevereiro feb"
    " fev fevr févr lutego luty helmikuuta helmikuu února unora únor",
    3: "march mac märz maerz mars marzo março mar mrz"
    " mrt maart marts marca marzec maaliskuuta maaliskuu března brezna březen",
    4: "april avril abril aprile apr avr"
    " abr kwietnia kwiecien kwiecień huhtikuuta huhtikuu dubna duben",
    5: "may mei mai mayo maggio maio maj maja toukokuuta toukokuu května kvetna květen",
    6: "june jun juni juin junio giugno junho"
    " giu czerwca czerwiec kesäkuuta kesäkuu června cervna červen",
    7: "july jul julai juli juillet julio luglio julho"
    " juil lug lipca lipiec heinäkuuta heinäkuu července cervence červenec",
    8: "august ogos août aout agosto aug ogo"
    " ago augusti augustus sierpnia sierpien sierpień elokuuta elokuu srpna srpen",
    9: "september septembre septiembre settembre setembro sept sep"
    " września wrzesnia wrzesień syyskuuta syyskuu září zari",
    10: "october oktober octobre octubre ottobre outubro oct okt"
    " ott października pazdziernika październik lokakuuta lokakuu října rijna říjen",
    11: "november novembre noviembre novembro nov"
    " listopada listopad marraskuuta marraskuu listopadu",
    12: "december disember dezember décembre decembre diciembre dicembre dezembro dec dis dez"
    " dic déc grudnia grudzien grudzień joulukuuta joulukuu prosince prosinec",
}
_MONTH_OF = {name: number for number, names in _MONTHS.items() for name in names.split()}
_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))

# OCR glues date and time ("25/12/20188:13PM"): only the digits of a time may follow.
_GLUED = r"(?!\d(?!\d?\s?[:.h]\s?[0-5]\d))"
_LONG_YEAR = rf"(?P<y>(?:19|20)\d{{2}}{_GLUED})"
_YEAR = rf"(?P<y>(?:(?:19|20)\d{{2}}|\d{{2}}){_GLUED})"
_YEAR_LAST = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})\s?(?P<s>[-/.])\s?(?P<m>\d{{1,2}})\s?(?P=s)\s?{_YEAR}"
)
_TO_MONTH = r"(?:st|nd|rd|th|er|[.ºª°])?(?:\s+(?:de|of)\s+|[\s\-/.,']*)"
"""Behind a day: "3rd of June", "3 de junio", "1er juin", "3. Juni", "3-Jun"."""
_TO_YEAR = r"(?![^\W\d_])\.?(?:,?\s+(?:de|del|of)\s+|[\s\-/.,']*)"
_PATTERNS = [
    re.compile(
        rf"(?<!\d){_LONG_YEAR}\s?(?P<s>[-/.])\s?(?P<m>\d{{1,2}})\s?(?P=s)\s?(?P<d>\d{{1,2}})"
    ),
    _YEAR_LAST,
    re.compile(
        rf"(?<!\d)(?P<d>\d{{1,2}}){_TO_MONTH}(?P<month>{_MONTH}){_TO_YEAR}{_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<month>{_MONTH})\.?[\s\-/]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s\-/.,']+{_YEAR}",
        re.IGNORECASE,
    ),
]
_DAYS = [
    re.compile(
        rf"(?<!\d)(?<!\d[./,-])(?P<d>\d{{1,2}}){_TO_MONTH}(?P<month>{_MONTH})(?![^\W\d_])",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?P<month>{_MONTH})\.?[\s\-/]*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.,:%])",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<!\d)(?<!\d[./,-])(?P<d>\d{1,2})(?:\.(?P<m>\d{1,2})\.|/(?P<n>\d{1,2}))(?![\d/.,])"
    ),
]
_LEAP_YEAR = 2000
_COMPACT = re.compile(
    r"(?<![\w.,#-])(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])"
    r"(?:(?=T\d)|(?!\w|[.,-]\d))"
)
"""ISO 8601's basic format, "20180428". Read only where no other date stands: it may be a number."""
_TIME = re.compile(
    r"(?<!\d)(?<!\d[:.])(?P<h>[01]?\d|2[0-3])\s?(?P<sep>[:.h])\s?(?P<m>[0-5]\d)(?:\s?[:.]\s?(?P<s>[0-5]\d))?(?!\d)"
    r"(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\b\.?)?"
)
_CLOCK_WORD = re.compile(r"\s?(?:uhr|h)\b", re.IGNORECASE)


def find_dates(text: str, *, compact: bool = True) -> Iterator[tuple[int, int, date]]:
    """Every date in `text` as `(start, end, date)`, character offsets, in order, none overlapping.

    A purely numeric date is read day first, as in most of the world and in ISO 8601's reverse;
    month first where the day-first reading is impossible (12/25/2018; `second_readings` asks the
    page about the others). Two-digit years are 1970 to
    2069, as POSIX `strptime` almost does.

    Args:
        text: Of one segment.
        compact: Read "20180428" too where there is no other date; it may as well be a number.
    """
    found: list[tuple[int, int, date]] = []
    for pattern in [*_PATTERNS, _COMPACT]:
        if pattern is _COMPACT and (found or not compact):
            break
        for match in pattern.finditer(text):
            value = _date_of(match)
            start, end = match.span()
            if value and all(end <= s or start >= e for s, e, _ in found):
                found.append((start, end, value))
    yield from sorted(found)


def find_days(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Every date without a year in `text` as `(start, end, month, day)`: "21 Aug", "June 3", "14.03.".

    Of two numbers the first one is the day, where it can be. Not what is part of a whole date.
    """
    taken = [(start, end) for start, end, _ in find_dates(text, compact=False)]
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            name = groups.get("month")
            month = _MONTH_OF[name.lower()] if name else int(groups["m"] or groups["n"])
            day = int(groups["d"])
            if month > 12 >= day:
                day, month = month, day
            start, end = match.span()
            if any(start < e and end > s for s, e in taken):
                continue
            try:
                date(_LEAP_YEAR, month, day)
            except ValueError:
                continue
            taken.append((start, end))
            yield start, end, month, day


def day_orders(text: str, month: int, day: int) -> list[tuple[int, int]]:
    """Month and day as a date of `find_days` can be meant, the usual order first.

    Args:
        text: Of that date.
        month: As it was read.
        day: As it was read.
    """
    either = not any(c.isalpha() for c in text) and day <= 12 and day != month
    return [(month, day), (day, month)] if either else [(month, day)]


def numeric_dates(text: str) -> Iterator[tuple[int, int]]:
    """The first and the second number of each date of numbers that ends with its year."""
    for match in _YEAR_LAST.finditer(text):
        if _date_of(match):
            yield int(match["d"]), int(match["m"])


def _date_of(match: re.Match[str]) -> date | None:
    groups = match.groupdict()
    year, day = int(groups["y"]), int(groups["d"])
    if year < 100:
        year += 2000 if year < 70 else 1900
    if groups.get("month"):
        month = _MONTH_OF[groups["month"].lower()]
    else:
        month = int(groups["m"])
        if month > 12 >= day:
            day, month = month, day
    try:
        return date(year, month, day)
    except ValueError:  # 31/02/2018: looks like a date and is none
        return None


def find_times(text: str) -> Iterator[tuple[int, int, time]]:
    """Every time of day in `text` as `(start, end, time)`; "8:13 PM" is 20:13.

    With a point between hours and minutes it is a time only where something says so, seconds, "am",
    "pm" or "Uhr": "12.20" is an amount. Dates are passed over, and "25:10" holds no 5:10.
    """
    for start, end, _ in find_dates(text, compact=False):
        text = text[:start] + " " * (end - start) + text[end:]
    for match in _TIME.finditer(text):
        if match["sep"] == ".":
            said = match["half"] or match["s"] or _CLOCK_WORD.match(text, match.end())
            glued = text[match.start() - 1 : match.start()]
            if not said or glued.isdigit() or glued in (".", ","):
                continue
        hour = int(match["h"])
        half = (match["half"] or "").lower()
        if half == "p" and hour < 12:
            hour += 12
        elif half == "a" and hour == 12:
            hour = 0
        yield match.start(), match.end(), time(hour, int(match["m"]), int(match["s"] or 0))


def find_datetimes(text: str) -> Iterator[tuple[int, int, datetime]]:
    """Every date in `text` with the time that follows it within a few characters, else midnight."""
    for start, end, day in find_dates(text):
        for time_start, time_end, moment in find_times(text[end:]):
            if time_start <= 3:
                yield start, end + time_end, datetime.combine(day, moment)
                break
        else:
            yield start, end, datetime.combine(day, time())

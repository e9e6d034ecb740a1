"""Does a value stand on a page? Asked apart from the extractor's own grounding.

Nothing here is shared with `hybrid.verify`: a check that uses the code it checks finds nothing. A
value is compared by its type:

- *numbers* as numbers, with a point or a comma as the decimal separator: 12.99 does not stand in
  "12.20", 9 not in "29", 45500 stands in "45,500". Digits of dates and times are no numbers. Where a
  print can be read in two ways ("45.500"), each of them stands there;
- *dates* and *times* as such, in any form in which they are printed; "01/02/2018" supports the
  first of February and the second of January;
- *texts* by letters and digits, also over several lines, from lines that stand near each other in
  any order (`composed`), or with a few other letters as OCR makes them, never with other digits;
- *booleans* by a word or a mark of that meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache

from hybrid.document import Document

from .composed import composed_of_lines, similar_place
from .dates import (
    PrintedDate,
    default_date,
    default_time,
    parse_iso_date,
    parse_iso_datetime,
    parse_iso_time,
    printed_dates,
    printed_times,
    time_spans,
)
from .folding import FoldedTexts, fold
from .numbers import (
    PrintedNumber,
    parse_plain,
    parse_printed,
    plain,
    printed_numbers,
    strip_currency,
)

KINDS = ("text", "number", "integer", "date", "datetime", "time", "boolean", "choice")
"""What a value can be read as: those of `hybrid.schema.LeafKind`."""

_TRUE_WORDS = "yes true y x ja oui sí si sim ya checked on 1 ☑ ☒ ✓ ✔ ✗ ✘ 是"
_FALSE_WORDS = "no false n nein non não tidak unchecked off 0 ☐ □ 否"
_TRUE = frozenset(_TRUE_WORDS.split())
_FALSE = frozenset(_FALSE_WORDS.split())
_AROUND = 3
_WORD_OR_MARK = re.compile(r"\w+|[☑☒✓✔✗✘☐□]")


class PageIndex:
    """A document, or any texts, prepared so that thousands of values can be looked for.

    Args:
        source: A document, whose segments are read in its order, or texts in reading order.
    """

    def __init__(self, source: Document | Sequence[str]) -> None:
        if isinstance(source, Document):
            self.texts: tuple[str, ...] = tuple(s.text for s in source.segments)
        else:
            self.texts = tuple([source] if isinstance(source, str) else source)
        self.folded = FoldedTexts(self.texts)
        # Each text by itself, then what runs over the border of two.
        runs = [(text, None) for text in self.texts] + list(_joints(self.texts))
        runs = [(text, border) for text, border in runs if any(c.isdigit() for c in text)]
        self.numbers: frozenset[Decimal] = frozenset(
            reading
            for text, border in runs
            for n in amounts_in(text)
            if _crosses(n.start, n.end, border)
            for reading in n.readings
        )
        self.dates: frozenset[date] = frozenset(
            found.value
            for text, border in runs
            for found in printed_dates(text)
            if _crosses(found.start, found.end, border)
        )
        self.times: frozenset[time] = frozenset(
            clock
            for text, border in runs
            for start, end, clock in printed_times(text)
            if _crosses(start, end, border)
        )
        self.truths: frozenset[bool] = frozenset(
            truth
            for text in self.texts
            for word in _WORD_OR_MARK.findall(text)
            if (truth := _truth(word)) is not None
        )

    def holds(self, text: str | None, value: str | None, kind: str) -> bool:
        """Whether a value stands in these texts.

        Args:
            text: As it was read, or "" or None.
            value: Typed, as `predictions.parquet` has it (ISO 8601, a plain decimal, the text);
                None where untyped, then `text` is what is looked for.
            kind: One of `KINDS`.

        Returns:
            False also for a value without letters and digits. A value that is none of its kind
            (an amount that is a word) is looked for as a text.

        Raises:
            ValueError: If there is no such kind.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown kind {kind!r}; known are {', '.join(KINDS)}")
        given = value if value is not None else (text or "")
        if kind in ("number", "integer"):
            number = _number(given, value is not None)
            if number is not None:
                return number in self.numbers
        elif kind == "date":
            day = parse_iso_date(given) or default_date(given)
            if day is not None:
                return day in self.dates
        elif kind == "datetime":
            moment = _moment(given)
            if moment is not None:
                clock = moment.time().replace(microsecond=0)
                return moment.date() in self.dates and (clock == time() or self._has_time(clock))
        elif kind == "time":
            clock_time = parse_iso_time(given) or default_time(given)
            if clock_time is not None:
                return self._has_time(clock_time)
        elif kind == "boolean":
            truth = _truth(given)
            if truth is not None:
                return truth in self.truths
        elif kind == "choice":
            return self._has_text(given) or self._has_text(text or "")
        return self._has_text(given)

    def _has_time(self, clock: time) -> bool:
        # A reader that keeps minutes only has not invented the seconds that it left out.
        return clock in self.times or (
            clock.second == 0 and any(t.replace(second=0) == clock for t in self.times)
        )

    def _has_text(self, text: str) -> bool:
        wanted = fold(text)
        if not wanted:
            return False
        if any(True for _ in self.folded.find(wanted)):
            return True
        return (
            composed_of_lines(wanted, self.folded) is not None
            or similar_place(wanted, self.folded.joined) is not None
        )


def aligns(text: str, value: str | None, kind: str, page_text: Sequence[str]) -> bool:
    """Whether a value stands in texts; see `PageIndex.holds`, which is for many values.

    Args:
        text: The value as it was read.
        value: The typed value, or None.
        kind: One of `KINDS`.
        page_text: Segments in reading order.
    """
    return PageIndex(page_text).holds(text, value, kind)


def on_page(
    page: PageIndex | Document, text: str | None, value: str | None, kind: str
) -> bool:  # fmt: skip
    """Whether a value stands anywhere in a document: the column `on_page` of a run."""
    index = page if isinstance(page, PageIndex) else PageIndex(page)
    return index.holds(text, value, kind)


def is_spelled_out(wanted: str, read: FoldedTexts) -> bool:
    """Whether a text stands in segments letter by letter, in one line or in several.

    Blind to types, as fields are compared, and to where words and numbers begin, since a system may
    take a date out of "25/12/20188:13": if it does not stand there, no system can cite it.

    Args:
        wanted: Folded as the segments are.
        read: The segments.
    """
    if not wanted:
        return False
    return wanted in read.joined or composed_of_lines(wanted, read) is not None


def in_citation(cited: str | None, text: str | None, value: str | None, kind: str) -> bool:
    """Whether a value stands in the words cited for it: the column `in_citation` of a run.

    Args:
        cited: The cited words as the document has them, one citation a line; None where nothing
            is cited.
        text: As in `PageIndex.holds`.
        value: As in `PageIndex.holds`.
        kind: As in `PageIndex.holds`.
    """
    if not cited:
        return False
    return index_of(cited).holds(text, value, kind)


def typed_key(text: str | None, kind: str, *, is_value: bool = False) -> str | None:
    """What makes two values of one type the same: "number:12.2", "date:2018-12-25", "text:acme".

    Args:
        text: As printed ("RM 12.20", "25/12/2018"), read day first, or a typed value.
        kind: One of `KINDS`.
        is_value: `text` is a typed value, in which a point is always the decimal's.

    Returns:
        None for no text, or one without letters and digits. A text that is none of its kind has
        the key of a text, so that nothing equals it but itself.
    """
    if text is None:
        return None
    if kind in ("number", "integer"):
        number = _number(text, is_value)
        if number is not None:
            return f"number:{plain(number)}"
    elif kind == "date":
        day = parse_iso_date(text) or default_date(text)
        if day is not None:
            return f"date:{day.isoformat()}"
    elif kind == "datetime":
        moment = _moment(text)
        if moment is not None:
            return f"datetime:{moment.replace(microsecond=0).isoformat()}"
    elif kind == "time":
        clock = parse_iso_time(text) or default_time(text)
        if clock is not None:
            return f"time:{clock.replace(microsecond=0).isoformat()}"
    elif kind == "boolean":
        truth = _truth(text)
        if truth is not None:
            return f"boolean:{str(truth).lower()}"
    folded = "".join(c for c in text.casefold() if c.isalnum())
    return f"text:{folded}" if folded else None


def kind_of(text: str) -> str:
    """What a gold text is, where no schema says so: "date", "number" or "text".

    A date or an amount has to be the whole text; digits alone are a number up to nine of them,
    more are an identifier.
    """
    stripped = text.strip()
    for found in printed_dates(stripped):
        whole = found.start == 0 and found.end == len(stripped)
        if whole and (found.sure or len(stripped) == 8):
            return "date"
    amount = strip_currency(stripped)
    digits = [c for c in amount if c.isdigit()]
    if digits and len(digits) <= 9 and re.fullmatch(r"[-−+(]?\s?\d[\d.,'’\s]*\)?-?", amount):
        return "number" if parse_printed(amount) is not None else "text"
    return "text"


def amounts_in(text: str) -> Iterator[PrintedNumber]:
    """The numbers in a text that are not parts of a date or a time."""
    taken = [(d.start, d.end) for d in printed_dates(text) if _is_date_only(text, d)]
    taken += list(time_spans(text))
    for number in printed_numbers(text):
        if not any(number.start < end and start < number.end for start, end in taken):
            yield number


def _is_date_only(text: str, printed: PrintedDate) -> bool:
    """Whether the digits can mean nothing else: "25/12/2018", but not "5 10 2018"."""
    between = re.sub(r"\d", "", text[printed.start : printed.end])
    return "n" in printed.parts or between in ("//", "--") or between.startswith(("年", "년"))


def _joints(texts: Sequence[str]) -> Iterator[tuple[str, int | None]]:
    """The words around each border of two texts, and where in them the border is."""
    words = [word for text in texts for word in text.split()]
    border = 0
    for text in texts[:-1]:
        border += len(text.split())
        before = " ".join(words[max(border - _AROUND, 0) : border])
        yield f"{before} {' '.join(words[border : border + _AROUND])}", len(before)


def _crosses(start: int, end: int, border: int | None) -> bool:
    return border is None or start < border < end


@lru_cache(maxsize=16_384)
def index_of(text: str) -> PageIndex:
    """The index of one text, whose lines are its segments; the last ones asked for are kept."""
    return PageIndex(tuple(text.split("\n")))


def _number(text: str, is_value: bool) -> Decimal | None:
    if is_value:
        return parse_plain(text) if parse_plain(text) is not None else parse_printed(text)
    return parse_printed(text)


def _moment(text: str) -> datetime | None:
    moment = parse_iso_datetime(text)
    if moment is not None:
        return moment
    day = default_date(text)
    return datetime.combine(day, default_time(text) or time()) if day else None


def _truth(text: str) -> bool | None:
    word = text.strip().casefold()
    if word in _TRUE:
        return True
    return False if word in _FALSE else None

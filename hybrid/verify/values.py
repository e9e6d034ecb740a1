"""Typed values in running text: which characters hold a value of a leaf's type, and what it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from hybrid.schema import Leaf, LeafKind, letters_and_digits
from hybrid.schema.vocabulary import meanings_of
from hybrid.verify.dates import find_dates, find_datetimes, find_times


@dataclass(frozen=True)
class Span:
    """Characters `[start, end)` of a text that hold `value`."""

    start: int
    end: int
    value: Any


CURRENCY = r"(?:RM|MYR|Rp\.?|IDR|USD|US\$|EUR|GBP|CHF|SGD|S\$|INR|[$€£¥₹])"
# A number is maximal: "9.00" is never found inside "29.00", nor "12" inside an identifier "A12B".
_NUMBER = re.compile(
    rf"(?P<sign>(?<!\w)(?:[-−(]\s?|(?<!\d )–|minus\s))?(?:(?<![A-Za-z]){CURRENCY}\s?[:.]?\s?(?P<inner>[-−]\s?)?"
    r"|(?<![A-WYZa-wyz0-9_])(?<!\d[.,]))"
    r"(?P<digits>\d{1,3}(?:(?P<sep>[.,'’ ])\d{3})(?:(?P=sep)\d{3})*(?:[.,]\d{1,2})?"
    r"|\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d\d?)?|\d+(?:[.,]\d+)?)(?!\d)(?![.,]\d)(?!e\d)(?P<tail>\s?%|-(?!\w)|(?<=[.,]\d\d) -$)?",
    re.IGNORECASE,
)
# "ACME SDN BHD (519537-X)": the registration number behind a company's name is not its name.
_REGISTRATION = re.compile(r"(?<=\S)\s*\([^()]*\d{4,}[^()]*\)[\s,.]*$")
_MOST_PERCENT = 1000
_MINUS = ("-", "−", "–", "minus")
_RATE = re.compile(
    r"\brate\b|al[ií]quota|\btipo (?:de )?iva\b|stawka|(?:moms|skatte)sats|percent|prozent|pourcent|porcent|(?<!um)satz\b|\btaux\b|\btasa\b|%"
)
"""What the name of a percentage says."""
TRUE = {"yes", "true", "y", "x", "ja", "oui", "si", "ya", "checked", "☑", "☒", "✓", "✔", "1"}
FALSE = {"no", "false", "n", "nein", "non", "tidak", "unchecked", "☐", "0"}
# "[x] Yes [ ] No": the ticked word counts, not the tick, and not the other word.
_ANSWER = rf"(?:{'|'.join(sorted(w for w in TRUE | FALSE if w.isalpha() and len(w) > 1))})\b"
_TICK = re.compile(rf"(?:[\[(]\s*[x✓✔]\s*[\])]|[☑☒✓✔])\s*(?={_ANSWER})", re.IGNORECASE)
_NOT_TICKED = re.compile(rf"(?:[\[(]\s*[\])]|☐)\s*{_ANSWER}", re.IGNORECASE)
# "7/9" is neither 7 nor 9.
_NO_ANSWER = re.compile(r"\bn/a\b|\bno\.?\s*\d", re.IGNORECASE)
"""Neither yes nor no: "n/a", "No. 5"."""
_CUT_BEFORE = re.compile(r"\d[-–]$|(?<![^\W\d_])[OolI|][.,]$|[<≤≥]\s?$")
"""In front of what is only a part of what is printed: "10-20", "O.50" for "0.50", "< 5"."""
_CUT_AFTER = re.compile(
    r"[-–]\d|(?!m[23]\b)[A-WYZa-wyz][.,]?\d|[kKMB](?!\w)"
    r"|\s?(?:[Mm]io|[Mm]rd|[Mm]ln|[Tt]sd|bn|[Mm]illi|[Bb]illion|[Tt]housand)|\s?[½¼¾]|\s\d+/\d"
)
"""Behind such a part: "10-20", "1O0.00", "1.2M"."""
_REFERENCE = re.compile(r"(?<=[^\W\d_])\s?[(\[]\d{1,2}[a-z]?[)\]]")
"""A note's or a box's number behind a word: "Total weight (4)"."""
_REPEATED = re.compile(r"(?<=[^\W\d_])\s?\((\d{1,4})\)")
"""A number in brackets behind its word: "THREE (3)"."""
_IN_FRACTION = re.compile(r"(?<![\d.,])\d+/\d+(?![\d.,])")


def parse_number(digits: str) -> Decimal:
    """A printed number as a decimal, whichever way it separates thousands and decimals.

    With two kinds of separator the last one is the decimal's. With one kind, followed by exactly
    three digits after a leading group other than 0, or repeated, it separates thousands ("45,500",
    "1.234.567"), as far as a text says by itself (`second_readings` asks the page); else it is the decimal's ("12,20", "0.500", and "23.500.00", as some tills print).
    """
    text = digits.replace("'", "").replace("’", "").replace(" ", "")
    last = max(text.rfind("."), text.rfind(","))
    if last < 0:
        return Decimal(text)
    separator, tail = text[last], text[last + 1 :]
    other = "," if separator == "." else "."
    head = text[:last]
    thousands = other not in head and (
        (separator in head and len(tail) == 3)
        or (len(tail) == 3 and head.strip("0") != "" and len(head) <= 3)
    )
    if thousands:
        return Decimal(text.replace(separator, ""))
    return Decimal(head.replace(other, "").replace(separator, "") + "." + tail)


def find_numbers(text: str, *, percentages: bool = False) -> Iterator[tuple[int, int, Decimal]]:
    """Every amount in `text` as `(start, end, value)`, the currency sign included in the span.

    Digits of dates and times are no amounts, and neither are percentages; nor is a part of what is
    printed, such as 1 of "1O0.00" or 1.2 of "1.2M".

    Args:
        text: Of one segment.
        percentages: Find these instead: "19 %" is 19.
    """
    taken = [(s, e) for s, e, _ in find_dates(text, compact=False)]
    taken += [(s, e) for s, e, _ in find_times(text) if ":" in text[s:e]]
    taken += [m.span() for p in (_IN_FRACTION, _REFERENCE) for m in p.finditer(text)]
    for match in _NUMBER.finditer(text):
        start, end = match.start("digits"), match.end("digits")
        is_percentage = "%" in (match["tail"] or "")
        if any(start < e and end > s for s, e in taken) or is_percentage is not percentages:
            continue
        if _CUT_BEFORE.search(text, max(start - 3, 0), start) or _CUT_AFTER.match(text, end):
            continue
        value = parse_number(match["digits"])
        if is_percentage and value >= _MOST_PERCENT:
            value = value.scaleb(-3)  # "8.875 %": nothing is thousands of per cent
        closing = text[end : end + 1] == ")"
        sign = (match["sign"] or match["inner"] or "").strip()
        if sign in _MINUS or (sign == "(" and closing) or (match["tail"] or "").strip() == "-":
            value = -value
        first = match.start() if sign != "(" or closing else start
        last = end + 1 if sign == "(" and closing else max(end, match.end())
        raw = text[first:last]
        yield first + len(raw) - len(raw.lstrip()), first + len(raw.rstrip()), value


def find_spans(text: str, leaf: Leaf) -> list[Span]:
    """Every place in `text` that can be read as a value of the leaf's type, in reading order.

    For a text leaf that is the whole text, less a key in front of it ("Company: ACME" gives
    "ACME" for a leaf with the key "company"). The values are of the leaf's own type.
    """
    spans: list[Span] = []
    for start, end, raw in _raw_spans(text, leaf):
        try:
            spans.append(Span(start, end, leaf.typed(raw)))
        except ValueError:  # the model's own constraints (gt=0, a pattern) refuse this reading
            continue
    return spans


def find_claimed(text: str, leaf: Leaf) -> list[Span]:
    """Every place that can be read as what an LLM says of a leaf: also what rules would not dare to.

    Beside `find_spans` these are percentages ("22" in "VAT 22 %") and the number that repeats
    a word ("3" in "THREE (3)").
    """
    spans = find_spans(text, leaf)
    if leaf.kind not in (LeafKind.NUMBER, LeafKind.INTEGER):
        return spans
    more = list(find_numbers(text, percentages=True))
    more += [(*m.span(1), Decimal(m[1])) for m in _REPEATED.finditer(text)]
    for start, end, number in more:
        whole = number == number.to_integral_value()
        if leaf.kind is LeafKind.INTEGER and not whole:
            continue
        try:
            value = leaf.typed(int(number) if leaf.kind is LeafKind.INTEGER else number)
        except ValueError:
            continue
        if not any(start < x.end and end > x.start for x in spans):
            spans.append(Span(start, end, value))
    return spans


def parse_value(text: str, leaf: Leaf) -> Any | None:
    """The value of a text that is nothing but a value ("RM 12.20"), or None."""
    spans = find_spans(text, leaf)
    whole = len(letters_and_digits(text))
    for span in spans:
        if len(letters_and_digits(text[span.start : span.end])) == whole:
            return span.value
    return spans[0].value if len(spans) == 1 and leaf.kind is not LeafKind.TEXT else None


def _raw_spans(text: str, leaf: Leaf) -> Iterator[tuple[int, int, Any]]:
    kind = leaf.kind
    if kind is LeafKind.NUMBER:
        yield from _numbers(text, leaf)
    elif kind is LeafKind.INTEGER:
        yield from (
            (s, e, int(v)) for s, e, v in _numbers(text, leaf) if v == v.to_integral_value()
        )
    elif kind is LeafKind.DATE:
        yield from find_dates(text)
    elif kind is LeafKind.DATETIME:
        yield from find_datetimes(text)
    elif kind is LeafKind.TIME:
        yield from find_times(text)
    elif kind is LeafKind.BOOLEAN:
        yield from _booleans(text)
    elif kind is LeafKind.CHOICE:
        yield from _choices(text, leaf.choices)
    elif "address" not in leaf.labels or _may_be_address(text):
        yield from _text_span(text, leaf)


def _may_be_address(text: str) -> bool:
    """Whether a text has a word, and a number or several parts, as all 531 addresses of SROIE's `fit` have.

    Where an address is missing a telephone's number looks most like one, or the name of a branch.
    """
    if any(c.isalpha() and c.lower() == c.upper() for c in text):
        return True  # in scripts without capitals neither has to be
    return any(map(str.isalpha, text)) and ("," in text or any(map(str.isdigit, text)))


def _numbers(text: str, leaf: Leaf) -> list[tuple[int, int, Decimal]]:
    """Amounts; of a leaf that is a rate the percentages, where there are some.

    A text that is nothing but a percentage is also the value of other fields, such as the humidity in a laboratory.
    """
    if "%" not in text:
        return list(find_numbers(text))
    shares = list(find_numbers(text, percentages=True))
    alone = len(shares) == 1 and not (text[: shares[0][0]] + text[shares[0][1] :]).strip()
    if asks_for_a_rate(leaf) or (alone and _may_be_share(leaf)):
        return shares or list(find_numbers(text))
    return list(find_numbers(text))


def _may_be_share(leaf: Leaf) -> bool:
    """Whether a percentage may be what a leaf asks for: the vocabulary does not know it as an amount."""
    if leaf.list_path is None:
        return not meanings_of(leaf)
    return not meanings_of(leaf).isdisjoint({"tax_rate", "discount"})


@lru_cache(maxsize=1024)
def asks_for_a_rate(leaf: Leaf) -> bool:
    """Whether a leaf's name, keys or description say that it is a percentage."""
    return any(_RATE.search(text.casefold()) for text in (*leaf.keys, leaf.description))


def _choices(text: str, choices: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The choices in a text, however their words are joined; "Basic" is none in "Basic Plus"."""
    found: list[tuple[int, int, str]] = []
    for choice in choices:
        words = r"[\s_-]+".join(map(re.escape, re.split(r"[\s_-]+", choice)))
        pattern = rf"(?<!\w)(?<!\w-){words}(?!\w)"
        found += [(*m.span(), choice) for m in re.finditer(pattern, text, re.IGNORECASE)]
    for start, end, choice in found:
        if not any(s <= start and end <= e and e - s > end - start for s, e, _ in found):
            yield start, end, choice


def _booleans(text: str) -> list[tuple[int, int, bool]]:
    """The words and marks that say yes or no; none where they contradict each other."""
    found: list[tuple[int, int, bool]] = []
    if _NO_ANSWER.search(text):
        return found
    ticked = _TICK.search(text)
    skipped = [m.span() for p in (_TICK, _NOT_TICKED) for m in p.finditer(text)] if ticked else []
    for match in re.finditer(r"\w+|[☑☒✓✔☐]", text):
        word = match[0].casefold()
        inside = any(s <= match.start() < e for s, e in skipped)
        if (word in TRUE or word in FALSE) and not inside:
            found.append((match.start(), match.end(), word in TRUE))
    return found if len({value for _, _, value in found}) < 2 else []


def _text_span(text: str, leaf: Leaf) -> Iterator[tuple[int, int, str]]:
    start = 0
    for key in leaf.keys:
        match = re.match(rf"\s*{re.escape(key)}\s*[:：]\s*(?=\S)", text, re.IGNORECASE)
        if match:
            start = max(start, match.end())
    end = len(text.rstrip())
    if "company" in leaf.labels and (number := _REGISTRATION.search(text)):
        end = number.start()
    sentence = text[:end].rstrip(".,;")
    if not leaf.labels and sentence[-1:].isdigit():  # whose end belongs to no value
        end = len(sentence)
    start += len(text[start:end]) - len(text[start:end].lstrip())
    if any(c.isalnum() for c in text[start:end]) or (leaf.list_path and text.strip() == "%"):
        yield start, end, text[start:end]

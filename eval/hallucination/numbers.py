"""Amounts as they are printed: every way in which a text can be read as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_RUN = re.compile(r"\d+(?:[.,]\d+)*")
_PATTERNS = (
    _RUN,
    # 1 234,56 or 1'234.56
    re.compile(
        r"(?<!\d)(?<!\d[.,])\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:\s?[.,]\s?\d{1,2})?(?!\d|[.,]\d)"
    ),
    # 12 .20, as OCR has it
    re.compile(r"(?<!\d)(?<!\d[.,])\d+(?:\s[.,]\s?|[.,]\s)\d{1,2}(?!\d|[.,]\d)"),
)
_CURRENCY = (
    r"(?:RM|MYR|Rp\.?|IDR|USD|US\$|S\$|SGD|A\$|AUD|CAD|EUR|euros?|GBP|CHF|Fr\.|JPY|CNY|RMB|HKD|HK\$"
    r"|INR|Rs\.?|THB|PHP|VND|KRW|TWD|NT\$|BRL|R\$|MXN|SEK|NOK|DKK|kr\.?|PLN|zł|CZK|Kč|[$€£¥₹₩฿₱₫元円圆])"
)
_SIGN = r"[-−–+]?\s?"
_AMOUNT = re.compile(
    rf"(?P<head>{_SIGN}\(?\s?)(?:{_CURRENCY}\s?[:.]?\s?)*"
    rf"(?P<amount>{_SIGN}\d[\d.,'’ \u00a0\u202f]*?)"
    rf"(?P<tail>\s?\)?-?)(?:,?[-–]{{1,2}}|=)?(?:\s?{_CURRENCY})*\s*\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PrintedNumber:
    """A number in a text.

    Attributes:
        start: Offset of its first digit.
        end: Behind its last digit.
        readings: What it can mean, the likeliest first: "45.500" is 45500, or 45.5.
    """

    start: int
    end: int
    readings: tuple[Decimal, ...]


def printed_numbers(text: str) -> Iterator[PrintedNumber]:
    """Every number in a text; a run of digits is never taken apart, so "9" is not in "29".

    Where blanks stand between digits, both the whole and its parts are numbers: "2 100.00" is an
    amount of 2100, or a quantity and an amount. With a minus sign or in brackets a number is also
    negative. Digits may touch letters ("RM12.20", "2PCS", "TOTAL45,500").
    """
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            readings = tuple(_readings(match[0]))
            if readings:
                if _has_minus(text, *match.span()):
                    readings += tuple(-r for r in readings)
                yield PrintedNumber(*match.span(), readings)


def parse_plain(text: str) -> Decimal | None:
    """A number as programs write it ("12.2", "-1e3"), or None."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def parse_printed(text: str) -> Decimal | None:
    """The likeliest reading of a text that is an amount and nothing else, or that holds only one.

    Returns:
        None where there is no number, or several different ones.
    """
    amount = _AMOUNT.fullmatch(text.strip())
    if amount:
        readings = _readings(amount["amount"].strip("-−–+ .,"))
        if readings:
            before = amount["head"] + amount["amount"]
            bracketed = "(" in before and ")" in amount["tail"]
            negative = bracketed or any(c in before for c in "-−–") or "-" in amount["tail"]
            return -readings[0] if negative else readings[0]
    found = {number.readings[0] for number in printed_numbers(text)}
    return found.pop() if len(found) == 1 else None


def strip_currency(text: str) -> str:
    """Drops currency words and signs around an amount: "RM 12.20" is "12.20".

    Args:
        text: Any; what is not just an amount comes back as it is.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        return text
    return (match["head"] + match["amount"] + match["tail"]).strip()


def plain(value: Decimal) -> str:
    """The shortest plain form, equal for equal numbers: 12.20 is "12.2", -0 is "0"."""
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def _readings(printed: str) -> list[Decimal]:
    """All values of digits with separators, the likeliest first."""
    text = re.sub(r"[\s'’]", "", printed)
    if text.isdigit():
        return [Decimal(text)]
    if not re.fullmatch(r"\d+(?:[.,]\d+)+", text):
        return []
    last = max(text.rfind("."), text.rfind(","))
    head, tail, separator = text[:last], text[last + 1 :], text[last]
    groups = re.split(r"[.,]", text)
    # Groups of two are Indian ("1,00,000").
    grouped = len(groups[0]) <= 3 and len(tail) == 3 and all(len(g) in (2, 3) for g in groups[1:])
    others = set(re.findall(r"[.,]", head))
    found = []
    if others <= {separator} and grouped and groups[0].strip("0"):
        found.append(Decimal(text.replace(".", "").replace(",", "")))
    head_grouped = all(len(g) in (2, 3) for g in groups[1:-1])
    # "23.500.00" is printed too, and then the last point is the decimal's.
    same = others == {separator} and len(tail) < 3 and all(len(g) == 3 for g in groups[1:-1])
    if same or (len(others) < 2 and separator not in others and head_grouped):
        found.append(Decimal(re.sub(r"[.,]", "", head) + "." + tail))
    return found


def _has_minus(text: str, start: int, end: int) -> bool:
    """Whether a minus stands before the number, or before its currency, or it is in brackets."""
    before = re.sub(rf"(?:{_CURRENCY}|[\s.:])+$", "", text[:start], flags=re.IGNORECASE)
    after = text[end:].lstrip()
    bracketed = before.endswith("(") and after.startswith(")")
    return bracketed or before.endswith(("-", "−", "–")) or after.startswith("-")

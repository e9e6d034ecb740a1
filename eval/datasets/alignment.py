"""Labels for lines from document-level values: where on the receipt does a key value stand?

SROIE's keys are typed by people and differ from the lines in blanks, punctuation and the odd
letter, and a company or address runs over several lines. The rules, one a kind of field:

- *company, address*: all lines are joined, letters and digits only, case folded. Where the value
  stands in that, the lines that it touches get the label (the first place where there are several).
  Else the place most like it, if it is similar enough. Else the lines that are themselves parts of
  the value and stand near each other: an address with another text in between.
- *date*: every line in which the value's groups of letters and digits follow each other with at most
  punctuation between them, and no further digit at either end.
- *total*: of the lines with that amount, those on whose row "total" (or "amount due" and the like)
  stands, not as a subtotal, quantity, discount, tax, cash or change. All of them, since one amount
  on two "total" rows is equally right twice. Where no row says so, the last line with the amount
  that no row calls cash, change or the like, or else the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from rapidfuzz import fuzz

from hybrid.document import Segment

from .base import BACKGROUND

_SIMILAR = 80.0
"""Least similarity, in percent, of a place to a company or address that is not there verbatim."""

_PART = 5
"""Least characters of a line that counts as a part of a value by itself."""

_AMOUNT = re.compile(r"(?<![\d.,])\d[\d,]*(?:\s?\.\s?\d{1,2})?(?![\d])")
_TOTAL_ROW = re.compile(
    r"total|t0tal|amount (due|payable)|nett? (amt|amount)|amt due|payable|jumlah|balance due", re.I
)
_OTHER_ROW = re.compile(
    r"sub[\s-]*t[o0]tal|excl|before|without|qty|quantity|item|disc|saving|change|cash|tender|paid"
    r"|visa|master|(gst|tax|vat)[\s:]*(amt|amount)?[\s:]*total|total[\s:]*(gst|tax|vat)\b",
    re.I,
)


def align_fields(segments: Sequence[Segment], fields: Mapping[str, str]) -> tuple[str, ...]:
    """One label a line.

    Args:
        segments: The lines of one page in reading order.
        fields: Values by field; only company, date, address and total are known.

    Returns:
        A field's name or the background for each line, in order. Where two fields claim a line,
        date and total go before company, and company before address.

    Raises:
        ValueError: If a field is not one of the four.
    """
    labels = [BACKGROUND] * len(segments)
    for name in sorted(fields, key=_PRECEDENCE.index):
        finder = {"date": find_date, "total": find_total}.get(name, find_text)
        for k in finder(segments, fields[name]):
            labels[k] = name
    return tuple(labels)


_PRECEDENCE = ("address", "company", "total", "date")
"""Later ones overwrite earlier ones."""


def compact(text: str) -> str:
    """Letters and digits only, case folded."""
    return "".join(c for c in text.casefold() if c.isalnum())


def find_text(segments: Sequence[Segment], value: str) -> list[int]:
    """Indices of the lines over which a company or an address runs."""
    wanted = compact(value)
    lines = [compact(s.text) for s in segments]
    joined = "".join(lines)
    if not wanted or not joined:
        return []
    start = joined.find(wanted)
    if start >= 0:
        return _touched(lines, start, start + len(wanted), len(wanted))
    # Parts come first where they make up most of the value: they are exact, the window is not.
    parts = _parts(lines, wanted)
    if sum(len(lines[k]) for k in parts) >= 0.7 * len(wanted):
        return parts
    if len(wanted) <= len(joined):
        place = fuzz.partial_ratio_alignment(wanted, joined, score_cutoff=_SIMILAR)
        if place is not None:
            return _touched(lines, place.dest_start, place.dest_end, len(wanted))
    return parts


def _touched(lines: Sequence[str], start: int, end: int, length: int) -> list[int]:
    """Lines of which a good part lies in `start:end` of the joined text."""
    found = []
    offset = 0
    for k, line in enumerate(lines):
        shared = min(end, offset + len(line)) - max(start, offset)
        # Half of the line, or half of the value where that is a small part of a long line.
        if shared > 0 and (2 * shared >= len(line) or 2 * shared >= length):
            found.append(k)
        offset += len(line)
    return found


def _parts(lines: Sequence[str], wanted: str) -> list[int]:
    """The group of near lines that are parts of the value which has most characters."""
    groups: list[list[int]] = []
    for k, line in enumerate(lines):
        if len(line) >= _PART and line in wanted:
            if groups and k - groups[-1][-1] <= 3:
                groups[-1].append(k)
            else:
                groups.append([k])
    return max(groups, key=lambda g: sum(len(lines[k]) for k in g), default=[])


def find_date(segments: Sequence[Segment], value: str) -> list[int]:
    """Indices of all lines that hold the date as it was keyed, but for blanks and punctuation."""
    groups = re.findall(r"[^\W\d_]+|\d+", value)
    if not groups:
        return []
    pattern = re.compile(
        r"(?<![0-9])" + r"[\W_]*".join(re.escape(g) for g in groups) + r"(?![0-9])", re.I
    )
    return [k for k, s in enumerate(segments) if pattern.search(s.text)]


def find_total(segments: Sequence[Segment], value: str) -> list[int]:
    """Indices of the lines that hold the amount as a total."""
    wanted = next(iter(_amounts(value)), None)
    if wanted is None:
        return []
    holders = [k for k, s in enumerate(segments) if wanted in _amounts(s.text)]
    rows = {k: _row_text(segments, k) for k in holders}
    totals = [k for k in holders if _TOTAL_ROW.search(rows[k]) and not _OTHER_ROW.search(rows[k])]
    if totals:
        return totals
    plain = [k for k in holders if not _OTHER_ROW.search(rows[k])]
    return (plain or holders)[-1:]


def _amounts(text: str) -> list[Decimal]:
    amounts = []
    for match in _AMOUNT.findall(text):
        try:
            amounts.append(Decimal(re.sub(r"[\s,]", "", match)))
        except InvalidOperation:
            continue
    return amounts


def _row_text(segments: Sequence[Segment], index: int) -> str:
    """The text on the row of a line up to and with it: the key stands to the left of its amount."""
    box = segments[index].box
    row = [s for s in segments if s.box.left <= box.left and s.box.vertical_overlap(box) >= 0.5]
    return " ".join(s.text for s in sorted(row, key=lambda s: s.box.left))

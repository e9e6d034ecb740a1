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
  stands before it, not as a subtotal, quantity, discount, tax, cash or change. All of them, since one amount
  on two "total" rows is equally right twice. Where no row says so, the last line with the amount
  that no row calls cash, change or the like, or else the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from rapidfuzz import fuzz

from hybrid.document import Segment

from .base import BACKGROUND

_SIMILAR = 80.0
"""Least similarity, in percent, of a place to a company or address that is not there verbatim."""

_PART = 5
"""Least characters of a line that counts as a part of a value by itself."""

_AMOUNT = re.compile(r"(?<![\d.,])\d[\d,]*\s?\.\s?\d{1,2}(?!\d)")
_WHOLE_AMOUNT = re.compile(r"(?<![\d.,])\d[\d,]*(?![\d.,])")
_TOTAL_ROW = re.compile(
    r"t[o0a]tal|\bttl\b|\btl\b|\bdue\b|amount payable|nett? (amt|amount)|amount incl|to be paid|jumlah",
    re.I,
)
_OTHER_ROW = re.compile(
    r"sub[\s-]*t[o0]tal|excl|before|without|disc|saving|change|cash|tender|(?<!to be )paid|credit|visa|master"
    r"|total[\s:]*(no\.? of )?(qty|quantity|item)"
    r"|(gst|tax|vat)[\s:]*(amt|amount)?[\s:]*total|total[\s:]*(gst|tax|vat)\b",
    re.I,
)

_PRECEDENCE = ("address", "company", "total", "date")
"""Later ones overwrite earlier ones."""


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
    unknown = sorted(set(fields) - set(_PRECEDENCE))
    if unknown:
        raise ValueError(f"no rule aligns the field {unknown[0]!r}")
    labels = [BACKGROUND] * len(segments)
    for name in sorted(fields, key=_PRECEDENCE.index):
        finder = {"date": find_date, "total": find_total}.get(name, find_text)
        for k in finder(segments, fields[name]):
            labels[k] = name
    return tuple(labels)


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
    choices = [_parts(lines, wanted)]
    if len(wanted) <= len(joined):
        place = fuzz.partial_ratio_alignment(wanted, joined, score_cutoff=_SIMILAR)
        if place is not None:
            choices.append(_touched(lines, place.dest_start, place.dest_end, len(wanted)))
    return max(choices, key=lambda found: fuzz.ratio("".join(lines[k] for k in found), wanted))


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
    amounts = _amounts(value, _AMOUNT) or _amounts(value, _WHOLE_AMOUNT)
    if not amounts:
        return []
    wanted = amounts[0]
    # Whole numbers are numbers of all kinds: they count only where nothing else does.
    for pattern in (_AMOUNT, _WHOLE_AMOUNT):
        holders = [k for k, s in enumerate(segments) if wanted in _amounts(s.text, pattern)]
        if not holders:
            continue
        keys = {k: _key_of(segments, k, wanted, pattern) for k in holders}
        plain = [k for k in holders if not _OTHER_ROW.search(keys[k])]
        return [k for k in plain if _TOTAL_ROW.search(keys[k])] or (plain or holders)[-1:]
    return []


def _amounts(text: str, pattern: re.Pattern[str]) -> list[Decimal]:
    return [_number(found) for found in pattern.findall(text)]


def _number(text: str) -> Decimal:
    return Decimal(re.sub(r"[\s,]", "", text))


def _key_of(
    segments: Sequence[Segment], index: int, wanted: Decimal, pattern: re.Pattern[str]
) -> str:
    """What stands before an amount on its row, and after the amount before that.

    In "TOTAL SAVING 0.00 TOTAL 77.20" the second amount is a total and no saving. Where no word
    stands between the two, as in "TOTAL 8.49 0.51 9.00", it is all that stands before.
    """
    box = segments[index].box
    row = [s for s in segments if s.box.left <= box.left and s.box.shares_row(box)]
    text = " ".join(s.text for s in sorted(row, key=lambda s: s.box.left))
    matches = list(pattern.finditer(text))
    last = max((k for k, m in enumerate(matches) if _number(m.group()) == wanted), default=None)
    if last is None:  # a box to the left touches the amount and the two were sorted otherwise
        return text
    before = text[: matches[last].start()]
    between = before[matches[last - 1].end() :] if last else before
    return between if re.search(r"[^\W\d_]{2}", between) else before

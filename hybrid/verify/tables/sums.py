"""Sums: the rows of a table that are below its items, or between them, and are none.

A row is told by its name, and where that may be an item's ("Cash handling fee", "VAT return preparation") by
what follows it: more items, or a sum that it is part of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from hybrid.document import Segment
from hybrid.schema import LeafKind
from hybrid.verify.tables.headings import Column, Headings, heading_likeness
from hybrid.verify.tables.rows import Row
from hybrid.verify.values import find_spans

_SUMS = re.compile(
    r"total|balance|summe|gesamt|übertrag|montant|importe|\b(sum|amount due|carried|brought"
    r"|vat|gst|tax|mwst|ust|netto|brutto|cash|change|rounding|discount|paid|payment)\b",
    re.IGNORECASE,
)
"""What stands in the name of a row that is below the items, and is none."""
_SUM_NAME = re.compile(
    r"(?:(?:sub|grand)?-?\s?total|sum|summe|zwischensumme|(?:rechnungs|end|zahl|netto|brutto|gesamt)?betrag"
    r"|warenwert|nett?|gross|net à payer|a pagar|base imponible|zu zahlen|to pay|(?:amount )?payable"
    r"|(?:amount )?due|invoice value|outstanding|importe total|iva|mwst|ust|vat|tva)"
    r"(?:\s*[\d.,]+\s?%)?",
    re.IGNORECASE,
)
"""The whole name of a sum, however many numbers its row has."""
_OF_SUMS = re.compile(
    r"(?:sub|grand|net|nett|gross|total|totals|sum|amount|balance|due|payable|incl|excl|including|excluding"
    r"|inclusive|exclusive|before|after|without|with|inc|exc|ex|of|on|for|at|the|this|all|in|to|and|invoice|order"
    r"|summe|zwischensumme|gesamt|gesamtsumme|gesamtbetrag|betrag|netto|brutto|nettobetrag|bruttobetrag|inkl|exkl"
    r"|zzgl|ohne|der|die|auf|übertrag|montant|hors|taxe|taxes|ttc|ht|à|payer|importe|base|imponible|de|la|le|du"
    r"|vat|gst|sst|hst|pst|tva|iva|mwst|ust|tax|sales|carried|brought|forward|over|page|items|goods"
    r"|eur|usd|gbp|chf|rm|myr|idr){1,4}",
    re.IGNORECASE,
)
"""A word of a name that is a sum's if it has no others: "Total amount due incl. VAT". A few may be run
into one, as OCR does; without an end to them a word such as "nettonetto..." could be read in too many ways."""
_BALANCE = re.compile(
    r"(?:opening|closing|start(?:ing)?|previous|new|old|alter|neuer)\s(?:\w+\s)?(?:balance|kontostand|saldo)"
    r"|(?:kontostand|saldo|solde|übertrag|turnover)\b|balance (?:brought|carried)",
    re.IGNORECASE,
)
"""In the name of a row of a bank's that is no booking, be it the first one."""
_GOES_ON = re.compile(r"\bcarried|\bbrought|continued|übertrag", re.IGNORECASE)
"""What a sum says where the table goes on on the next page."""
_MARKS = " .:：*"


def is_balance(line: Sequence[Segment]) -> bool:
    """Whether a row is called like a balance before or after a bank's bookings."""
    return any(_BALANCE.match(name) for name in _names(line))


def goes_on(line: Sequence[Segment]) -> bool:
    """Whether a sum says that the table goes on on the next page."""
    return any(_GOES_ON.search(segment.text) for segment in line)


def is_sum(row: Row, line: Sequence[Segment], typed: int, other_keys: Sequence[str]) -> bool:
    """Whether a row below items is called like a sum of these, or like another field of the document.

    Args:
        row: With fewer values than the items have; or, where these have one at most, with a name that
            begins as sums do, since items may be called "payment of 3 May".
        line: Its segments; the name is one of the first two.
        typed: Values of an item other than texts.
        other_keys: Of leaves outside lists.
    """
    names = _names(line)
    if any(_SUM_NAME.fullmatch(name) for name in names):
        return True
    if (
        row.typed < typed
        and row.typed + row.elsewhere
        and any(_SUMS.search(name) for name in names)
    ):
        return True
    return (row.typed < typed or typed < 2) and any(
        _SUMS.match(name) or any(heading_likeness(name, key) >= 1.0 for key in other_keys)
        for name in names
    )


def is_called_a_sum(name: str) -> bool:
    """Whether a name alone says that a row is no item: "Total to pay", "VAT 20 %", not "VAT return preparation"."""
    if _SUM_NAME.fullmatch(name):
        return True
    words = re.findall(r"[^\W\d_]+", name)
    return _SUMS.search(name) is not None and all(_OF_SUMS.fullmatch(word) for word in words)


def own_part(line: Sequence[Segment], head: Headings) -> Sequence[Segment]:
    """What of a row is the list's own, where texts of another table stand to the left of its first column.

    The whole row where nothing with letters is left.
    """
    left = min(c.box.left - c.box.height for c in head.columns if c.leaf is not None)
    own = [segment for segment in line if segment.box.right > left]
    others = [segment for segment in line if segment not in own]
    return own if _have_letters(own) and _have_letters(others) else line


def _have_letters(segments: Sequence[Segment]) -> bool:
    return any(c.isalpha() for segment in segments for c in segment.text)


def may_be_item(line: Sequence[Segment]) -> bool:
    """Whether a row that is called like a sum may be an item, as other words of its name say.

    "VAT return preparation" may be one and "VAT 20 % on 300.00" is none.
    """
    name = next((n for n in _names(line) if _SUMS.search(n)), "")
    words = re.findall(r"[^\W\d_]+", name)
    return any(not _OF_SUMS.fullmatch(word) for word in words)


def adds_up(items: Iterable[Row], total: Row, columns: Sequence[Column]) -> bool:
    """Whether the last column of numbers of some rows adds up to that of a sum.

    Args:
        items: With a number each in that column.
        total: The sum's row.
        columns: Of the table, from left to right.
    """
    numbers = [c for c in columns if c.leaf is not None and c.leaf.kind is LeafKind.NUMBER]
    if not numbers:
        return False
    amounts = [_amount(row, numbers[-1]) for row in items]
    known = [amount for amount in amounts if amount is not None]
    return len(known) == len(amounts) and sum(known) == _amount(total, numbers[-1])


def _amount(row: Row, column: Column) -> Decimal | None:
    """The number of a row in a column; None where there is not just one."""
    assert column.leaf is not None
    text = " ".join(cell.text for cell in row.cells.get(column, ()))
    values = {Decimal(str(span.value)) for span in find_spans(text, column.leaf)}
    return values.pop() if len(values) == 1 else None


def _names(line: Sequence[Segment]) -> list[str]:
    return [segment.text.strip(_MARKS) for segment in line[:2]]

"""What a page says of prints that have two readings: "1.699" and "03/02/2026".

By itself "1.699" is thousands (`parse_number`). Where most amounts of the page use that separator for
decimals ("42.50"), and none the other one, it is the decimal's: a price of fuel, not a sum of rupiahs.
By itself "03/02/2026" is the 3rd of February (`find_dates`). Where another date of the page can only
have its month first ("02/25/2026"), and none its day, it is the 2nd of March; and so it is on a page
from the United States.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hybrid.document import Document
from hybrid.extraction import FieldResult
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.dates import numeric_dates
from hybrid.verify.values import find_numbers, find_spans

_CENTS = re.compile(r"\d(?P<mark>[.,])\d{2}$")
_DECIMALS = re.compile(r"(?<![\d.,])(?:0(?P<mark>[.,])\d{3,}|\d+(?P<other>[.,])\d{4,})(?![\d.,])")
_MONTH_FIRST = "month first"
_STATE_AND_ZIP = re.compile(
    r"[A-Za-z.]{2}(?:,\s*|\s+)(?:A[KLRZ]|C[AOT]|DC|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA"
    r"|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])\s+\d{5}(?:-\d{4})?(?![\d-])|,\s*DE\s+19\d{3}(?!\d)"
)
"""City, state and ZIP code; Delaware has the letters of Germany's postal codes."""
_TELEPHONE = re.compile(
    r"(?<![\d-])(?:\+?1[-. ])?(?:\([2-9]\d\d\)\s?|8(?:00|33|44|55|66|77|88)[-.])[2-9]\d\d[-.]\d{4}(?![\d-])"
)
"""North American: "(612) 555-0150" or toll-free."""
_CANADIAN = re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z] \d[A-Z]\d\b")
"""A postal code; in Canada both orders are usual."""
_EITHER = re.compile(r"(?<![\d.,])\d{1,3}(?P<mark>[.,])\d{3}(?![\d.,])")


def decimal_mark(document: Document) -> str | None:
    """The separator of decimals, by what most of a document's amounts say.

    Amounts with two last digits, or with 0 before the separator, say decimals; those that
    could be thousands say thousands, so that a quantity ("1.00 x 45.000") does not outvote the prices.
    A number such as "0.001" or "1.2345" has decimals however many could be thousands.

    Returns:
        "." or ","; None where the amounts say neither, or both.
    """
    said: Counter[str] = Counter()
    told: set[str] = set()
    for segment in document.segments:
        for start, end, value in find_numbers(segment.text):
            text = segment.text[start:end]
            told |= {m["mark"] or m["other"] for m in _DECIMALS.finditer(text)}
            if found := _EITHER.search(text):
                said[found["mark"]] += 1 if abs(value) < 1000 else -1
            elif found := _CENTS.search(text):
                said[found["mark"]] += 1
    marks = list(told) or [mark for mark, count in said.items() if count > 0]
    return marks[0] if len(marks) == 1 else None


def month_first(document: Document) -> bool:
    """Whether a document writes the month first in numeric dates.

    So it is where one of them can only be read so, and none the other way; or where none tells, and
    the page is from the United States by an address, or by its telephone and dollars.
    """
    orders = [pair for s in document.segments for pair in numeric_dates(s.text)]
    if any(first > 12 for first, _ in orders):
        return False
    return any(second > 12 for _, second in orders) or _is_american(document)


def _is_american(document: Document) -> bool:
    """Whether an address of the United States is on a page, or a North American telephone and dollars."""
    texts = [segment.text for segment in document.segments]
    if any(_CANADIAN.search(text) for text in texts):
        return False
    if any(_STATE_AND_ZIP.search(text) for text in texts):
        return True
    dollars = any("$" in text or "USD" in text for text in texts)
    return dollars and any(_TELEPHONE.search(text) for text in texts)


def other_reading(text: str, leaf: Leaf) -> tuple[str, Any] | None:
    """What a print gives that is not read as it would be by itself.

    Args:
        text: Such as "RM 1.699" or "03/02/2026".
        leaf: A field of numbers or dates; integers have no decimals.

    Returns:
        What would have to hold for the page, the separator of its decimals or "month first", and the
        value of the leaf's own type; None where there is only one reading.
    """
    if leaf.kind in (LeafKind.DATE, LeafKind.DATETIME):
        return _other_date(text, leaf)
    numbers = list(find_numbers(text)) if leaf.kind is LeafKind.NUMBER else []
    if len(numbers) != 1:
        return None
    start, end, value = numbers[0]
    found = _EITHER.search(text[start:end])
    # "0.699" is read with decimals anyway.
    if found is None or abs(value) < 1000:
        return None
    try:
        return found["mark"], leaf.typed(value.scaleb(-3))
    except ValueError:
        return None


def _other_date(text: str, leaf: Leaf) -> tuple[str, Any] | None:
    """A numeric date with day and month exchanged."""
    orders, spans = list(numeric_dates(text)), find_spans(text, leaf)
    if len(orders) != 1 or len(spans) != 1 or max(orders[0]) > 12 or len(set(orders[0])) == 1:
        return None
    day = spans[0].value
    try:
        return _MONTH_FIRST, leaf.typed(day.replace(day=day.month, month=day.day))
    except ValueError:  # the model's own constraints refuse it
        return None


def read_as_on_page(
    leaves: Mapping[str, FieldResult], document: Document, schema: FieldSchema
) -> dict[str, FieldResult]:
    """The leaves, with numbers and dates of two readings read as the document's others are written."""
    others = {
        path: other
        for path, leaf in leaves.items()
        if leaf.value is not None
        and (other := other_reading(leaf.text or "", schema.leaf_of(path)))
    }
    needed = {what for what, _ in others.values()}
    holds = {decimal_mark(document)} if needed - {_MONTH_FIRST} else set()
    if _MONTH_FIRST in needed and month_first(document):
        holds.add(_MONTH_FIRST)
    read = {path: value for path, (what, value) in others.items() if what in holds}
    return {
        path: leaf.model_copy(update={"value": read[path]}) if path in read else leaf
        for path, leaf in leaves.items()
    }

"""Which character separates decimals on a page: "1.699" is a price of fuel, or a sum of rupiahs.

Read by itself it is thousands (`parse_number`). Where most amounts of the page use that separator for
decimals ("42.50"), and none the other one, it is the decimal's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hybrid.document import Document
from hybrid.extraction import FieldResult
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.values import find_numbers

_CENTS = re.compile(r"\d(?P<mark>[.,])\d{2}$")
_EITHER = re.compile(r"(?<![\d.,])\d{1,3}(?P<mark>[.,])\d{3}(?![\d.,])")


def decimal_mark(document: Document) -> str | None:
    """The separator of decimals, by what most of a document's amounts say.

    Amounts with two last digits, or with 0 before the separator, say decimals; those that
    could be thousands say thousands, so that a quantity ("1.00 x 45.000") does not outvote the prices.

    Returns:
        "." or ","; None where the amounts say neither, or both.
    """
    said: Counter[str] = Counter()
    for segment in document.segments:
        for start, end, value in find_numbers(segment.text):
            text = segment.text[start:end]
            if found := _EITHER.search(text):
                said[found["mark"]] += 1 if abs(value) < 1000 else -1
            elif found := _CENTS.search(text):
                said[found["mark"]] += 1
    marks = [mark for mark, count in said.items() if count > 0]
    return marks[0] if len(marks) == 1 else None


def other_reading(text: str, leaf: Leaf) -> tuple[str, Any] | None:
    """What a print that is read as thousands gives where its separator is the decimal's.

    Args:
        text: Such as "RM 1.699".
        leaf: A field of numbers; integers have no decimals.

    Returns:
        The separator and the value of the leaf's own type; None where there is only one reading.
    """
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


def read_as_on_page(
    leaves: Mapping[str, FieldResult], document: Document, schema: FieldSchema
) -> dict[str, FieldResult]:
    """The leaves, with numbers that have two readings read as the document's others are written."""
    others = {
        path: other
        for path, leaf in leaves.items()
        if leaf.value is not None
        and (other := other_reading(leaf.text or "", schema.leaf_of(path)))
    }
    mark = decimal_mark(document) if others else None
    read = {path: value for path, (its_mark, value) in others.items() if its_mark == mark}
    return {
        path: leaf.model_copy(update={"value": read[path]}) if path in read else leaf
        for path, leaf in leaves.items()
    }

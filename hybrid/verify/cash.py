"""Cash: where change is given, what was handed over is not what there was to pay.

Of 412 receipts of `fit` documents of SROIE, CORD-r and WildReceipt that give change the cash is labelled
as the total on 1; but where the total cannot be read, the cash is what looks most like it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from hybrid.document import Segment
from hybrid.verify.values import find_numbers

_CASH = re.compile(
    r"\W*(?:cash(?! rounding)|tunai|bayar|tender\w*|paid|payment(?! (?:type|method|mode))|am(?:oun)?t\.?\s?(?:paid|tendered)|bar(?:geld)?|gegeben"
    r"|esp[eè]ces|efectivo)\b",
    re.IGNORECASE,
)
"""How the key of what was handed over begins."""
_CHANGE = re.compile(
    r"\W*(?:change|baki|kembali(?:an)?|r(?:ü|ue)ckgeld|zur(?:ü|ue)ck|rendu|cambio)\b", re.IGNORECASE
)
"""How the key of what was given back begins."""


def cash_given(segments: Sequence[Segment]) -> frozenset[int]:
    """The segments with what was paid in cash, if change was given; else none.

    Args:
        segments: Of a document.

    Returns:
        Their ids.
    """
    change = max((_amount(s) for s in _valued(segments, _CHANGE)), default=Decimal(0))
    # Less than the change it cannot be: on a crooked page amounts stand beside other keys.
    given = [(a, s.id) for s in _valued(segments, _CASH) if (a := _amount(s)) > change > 0]
    # Of "Cash 6.86" and "Tendered 7.00" the larger one was handed over.
    return frozenset(number for amount, number in given if amount == max(given)[0])


def _amount(segment: Segment) -> Decimal:
    """The last number in a segment that has one."""
    return list(find_numbers(segment.text))[-1][2]


def _valued(segments: Sequence[Segment], key: re.Pattern[str]) -> Iterator[Segment]:
    """The segments with a number that such a key begins, or stands to the left of."""
    for own in segments:
        if not key.match(own.text):
            continue
        if any(find_numbers(own.text)):
            yield own
            continue
        right = [
            other
            for other in segments
            if other.page == own.page
            and other.box.left >= own.box.right
            and other.box.shares_row(own.box)
            and any(find_numbers(other.text))
        ]
        yield from sorted(right, key=lambda other: other.box.left)[:1]

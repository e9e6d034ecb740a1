"""Totals of columns: "Totals | 643.00 | 310.30" for `total_charges` under the heading "Charges"."""

from __future__ import annotations

from collections.abc import Callable

from hybrid.schema import Leaf, LeafKind, words_of
from hybrid.schema.vocabulary import bag_of, folded
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.keys.printed_keys import KeyedPages
from hybrid.verify.keys.row_numbers import heading_above, numbers_right_of

_TOTAL = frozenset(
    {"total", "totals", "summe", "gesamt", "gesamtsumme", "totale", "totaal", "suma", "razem"}
)
"""What such a row begins with, and a word of the field's name."""
_BELIEF = 0.6


def column_totals(pages: KeyedPages, leaf: Leaf, is_key: Callable[[str], bool]) -> list[Candidate]:
    """The number in a row of totals whose column is headed by the rest of a field's name.

    Args:
        pages: To be looked through.
        leaf: Outside lists.
        is_key: Whether a text is the key of another field.
    """
    words = bag_of(words_of(leaf.name))
    rest = tuple(word for word in words if word not in _TOTAL)
    if leaf.kind is not LeafKind.NUMBER or not rest or len(rest) == len(words):
        return []
    found: list[Candidate] = []
    for index, segment in enumerate(pages.segments):
        if folded(segment.text) not in _TOTAL:
            continue
        for number in numbers_right_of(pages.straight, index, leaf, is_key):
            heading = set(bag_of(heading_above(pages.straight, number, leaf)))
            if heading and (heading <= set(rest) or heading >= set(rest)):
                found += read_candidates([pages.segments[number]], leaf, _BELIEF)
    return found if len({c.key for c in found}) == 1 else []

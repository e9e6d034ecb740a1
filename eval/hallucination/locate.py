"""Where on a page a value stands: the characters of each printed occurrence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .alignment import amounts_in, index_of, typed_key
from .composed import composed_of_lines, similar_place
from .dates import PrintedDate, printed_dates
from .folding import FoldedTexts, fold
from .numbers import PrintedNumber


@dataclass(frozen=True)
class Piece:
    """Characters `[start, end)` of the text with the index `text`."""

    text: int
    start: int
    end: int


def text_places(texts: FoldedTexts, value: str) -> list[tuple[Piece, ...]]:
    """Every occurrence of a text, letter by letter; over several lines one piece a line.

    Occurrences do not overlap; the first of two that would counts.
    """
    found = []
    behind = 0
    for start, end in texts.find(fold(value)):
        if start >= behind:
            found.append(pieces_of(texts, start, end))
            behind = end
    return found


def pieces_of(texts: FoldedTexts, start: int, end: int) -> tuple[Piece, ...]:
    """The characters that the letters and digits `[start, end)` of the folded texts come from."""
    pieces: list[Piece] = []
    for index in range(start, end):
        place = texts.place(index)
        if pieces and pieces[-1].text == place.text:
            pieces[-1] = Piece(place.text, pieces[-1].start, place.offset + 1)
        else:
            pieces.append(Piece(place.text, place.offset, place.offset + 1))
    return tuple(pieces)


def number_places(text: str, value: Decimal) -> list[tuple[PrintedNumber, Decimal]]:
    """Every printed form of a number in one text, with the reading that equals it."""
    return [(n, r) for n in amounts_in(text) for r in n.readings if r == value]


def date_places(text: str, value: date) -> list[PrintedDate]:
    """Every printed form of a date in one text."""
    return [printed for printed in printed_dates(text) if printed.value == value]


def holders(texts: Sequence[str], value: str, kind: str) -> list[int]:
    """Indices of the texts that belong to an occurrence of a value.

    Those that hold it by themselves, and for texts the lines over which it runs: every place that
    has it letter by letter, or else, where there is none, the lines that it is composed of, or the
    place most like it.

    Args:
        texts: In reading order.
        value: As printed.
        kind: One of `alignment.KINDS`.
    """
    found = {k for k, text in enumerate(texts) if index_of(text).holds(value, None, kind)}
    if not (typed_key(value, kind) or "").startswith("text:"):
        return sorted(found)
    folded = FoldedTexts(texts)
    found |= {piece.text for place in text_places(folded, value) for piece in place}
    if not found:
        wanted = fold(value)
        found |= set(composed_of_lines(wanted, folded) or ())
        similar = similar_place(wanted, folded.joined)
        if not found and similar:
            found |= {piece.text for piece in pieces_of(folded, *similar)}
    return sorted(found)

"""Does the text of these boxes support this value? Plain code, no model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rapidfuzz import fuzz

from hybrid.document import Segment, Word
from hybrid.extraction import Citation, Grounding
from hybrid.schema import Leaf, LeafKind, letters_and_digits
from hybrid.verify.dates import day_orders, find_dates, find_days
from hybrid.verify.second_readings import other_reading
from hybrid.verify.values import find_claimed, find_spans, parse_value

_UNIT = 5
"""Letters of a currency or unit beside a number, at most."""
FUZZY_SCORE = 88.0
"""Least rapidfuzz score (0 to 100) of an OCR-damaged text: one wrong letter in eight."""
_FUZZY_LENGTH = 6


@dataclass(frozen=True)
class Alignment:
    """Where a value stands.

    Attributes:
        text: Verbatim, as recognised.
        words: That hold it, in reading order.
        grounding: How well they support it; never `NONE`.
        value: Typed; None of a text.
    """

    text: str
    words: tuple[Word, ...]
    grounding: Grounding
    value: Any = None


class Passage:
    """Words in reading order as one text that remembers which word each character came from."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.words: tuple[Word, ...] = tuple(w for s in segments for w in s.words)
        self.pages: dict[int, int] = {w.id: s.page for s in segments for w in s.words}
        self._starts: list[int] = []
        position = 0
        for word in self.words:
            self._starts.append(position)
            position += len(word.text) + 1
        self.text = " ".join(w.text for w in self.words)

    def words_in(self, start: int, end: int) -> tuple[Word, ...]:
        """The words that share a character with `[start, end)`."""
        return tuple(
            word
            for word, begin in zip(self.words, self._starts, strict=True)
            if begin < end and begin + len(word.text) > start
        )

    def citations(self, words: Sequence[Word]) -> tuple[Citation, ...]:
        """One citation for each page that the words stand on."""
        pages = dict.fromkeys(self.pages[w.id] for w in words)
        return tuple(
            Citation.of_words(page, [w for w in words if self.pages[w.id] == page])
            for page in pages
        )


def align(claim: str, leaf: Leaf, segments: Sequence[Segment]) -> Alignment | None:
    """Finds what an LLM says it read in the segments that it cites for it.

    Exact first; then typed (the number or date is the same, or letters and digits are); then, for
    texts only, fuzzy with rapidfuzz's partial alignment, in which every digit must still be right:
    a wrong house number is an invention, not a typing error.

    Args:
        claim: The value as the LLM wrote it.
        leaf: What it is for.
        segments: Cited.

    Returns:
        The best alignment, or None where the claim is not supported.
    """
    passage = Passage(segments)
    if not any(c.isalnum() for c in claim) or not passage.words:
        return None
    if leaf.kind is not LeafKind.TEXT:
        return _align_typed(claim, leaf, passage)
    exact = re.search(rf"(?<!\w){re.escape(claim.strip())}(?!\w)", passage.text)
    if exact:
        return _alignment(passage, exact.start(), exact.end(), Grounding.EXACT)
    folded = _folded_span(claim, passage.text)
    if folded:
        return _alignment(passage, *folded, Grounding.NORMALIZED)
    return _align_fuzzy(claim, passage)


def support(value: object, text: str, leaf: Leaf, citations: Sequence[Citation]) -> Grounding:
    """How well the cited text supports a value that is about to be returned.

    The last gate before a result leaves: it looks only at the result's own parts.

    Args:
        value: Typed.
        text: Verbatim text that it was read from.
        leaf: Its field.
        citations: Its boxes.

    Returns:
        `NONE` where the text does not stand in the cited words or does not give the value.
    """
    cited = " ".join(c.text for c in citations)
    if not text or not cited:
        return Grounding.NONE
    verbatim = text in cited
    folded = letters_and_digits(text) in letters_and_digits(cited)
    if leaf.kind is LeafKind.TEXT:
        if str(value) == text and verbatim:
            return Grounding.EXACT
        if folded and letters_and_digits(str(value)) == letters_and_digits(text):
            return Grounding.NORMALIZED
        similar = folded and _similar(str(value), text)
        return Grounding.FUZZY if similar else Grounding.NONE
    read = parse_value(text, leaf) == value
    supported = read and any(span.value == value for span in find_spans(cited, leaf))
    if not supported:
        claimed = [span.value for span in find_claimed(text, leaf)]
        read = read or (bool(claimed) and all(x == value for x in claimed))
        supported = read and any(span.value == value for span in find_claimed(cited, leaf))
    if not supported and verbatim and leaf.kind is LeafKind.DATE:
        # Day and month stand in one place and their year in another; both are cited.
        years = {day.year for c in citations for _, _, day in find_dates(c.text)}
        days = [
            pair
            for start, end, month, day in find_days(text)
            for pair in day_orders(text[start:end], month, day)
        ]
        supported = (
            isinstance(value, date) and value.year in years and (value.month, value.day) in days
        )
    if not supported and folded:
        # The page says which of two readings it is; here one of them has to stand in the boxes.
        other = other_reading(text, leaf)
        supported = other is not None and other[1] == value
    if not supported:
        return Grounding.NONE
    return Grounding.EXACT if verbatim and str(value) == text else Grounding.NORMALIZED


def _alignment(passage: Passage, start: int, end: int, grounding: Grounding) -> Alignment:
    return Alignment(passage.text[start:end], passage.words_in(start, end), grounding)


def _align_typed(claim: str, leaf: Leaf, passage: Passage) -> Alignment | None:
    values = _said_values(claim, leaf)
    if not values or _is_cut_out(claim, leaf, passage):
        return None
    for span in find_claimed(passage.text, leaf):
        text = passage.text[span.start : span.end]
        if span.value == values[0] or (text.endswith("%") and span.value in values):
            grounding = Grounding.EXACT if text == claim.strip() else Grounding.NORMALIZED
            return replace(_alignment(passage, span.start, span.end, grounding), value=span.value)
    return None


def _said_values(claim: str, leaf: Leaf) -> list[Any]:
    """What a claim can mean: "8.875" as it is, and as per cent, of which nothing is thousands."""
    value = parse_value(claim, leaf)
    said = [] if value is None else [value]
    if leaf.kind in (LeafKind.NUMBER, LeafKind.INTEGER):
        for text in (claim, f"{claim.strip()} %"):
            found = find_claimed(text, leaf)
            said += [found[0].value] if len(found) == 1 else []
    return said


def _is_cut_out(claim: str, leaf: Leaf, passage: Passage) -> bool:
    """Whether a number is only a part of what was claimed, and the whole is not there: "Item 77"."""
    if leaf.kind not in (LeafKind.NUMBER, LeafKind.INTEGER):
        return False
    letters = sum(c.isalpha() for c in claim)
    return letters > _UNIT and letters_and_digits(claim) not in letters_and_digits(passage.text)


def _folded_span(claim: str, text: str) -> tuple[int, int] | None:
    """Character span of `claim` in `text` when only letters and digits count."""
    positions: list[int] = []
    folded = ""
    for index, character in enumerate(text):
        for part in character.casefold():
            if part.isalnum():
                folded += part
                positions.append(index)
    needle = letters_and_digits(claim)
    at = folded.find(needle)
    while at >= 0:
        start, end = positions[at], positions[at + len(needle) - 1] + 1
        # Not in the middle of a longer word or number: "9" is no part of "29".
        before = text[start - 1 : start].isalnum()
        after = text[end : end + 1].isalnum()
        if not before and not after:
            return start, end
        at = folded.find(needle, at + 1)
    return None


def _align_fuzzy(claim: str, passage: Passage) -> Alignment | None:
    if len(claim) < _FUZZY_LENGTH:
        return None
    found = fuzz.partial_ratio_alignment(claim.casefold(), passage.text.casefold())
    if found is None or found.score < FUZZY_SCORE:
        return None
    words = passage.words_in(found.dest_start, found.dest_end)
    text = " ".join(w.text for w in words)
    if not words or not _similar(claim, text):
        return None
    return Alignment(text, words, Grounding.FUZZY)


def _similar(claim: str, text: str) -> bool:
    digits = re.findall(r"\d", claim) == re.findall(r"\d", text)
    return digits and fuzz.ratio(claim.casefold(), text.casefold()) >= FUZZY_SCORE

"""Likeness of a printed text and a key: "12b Our order No. (see overleaf)" is "order number"."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz

from hybrid.schema.vocabulary import bag_of, folded

_SAME_KEY = 86.0
_SAME_WORDS = 97.0
"""Of the same words in another order: "Date of agreement" for "agreement date"."""
_A_WORD_MORE = 88.0
"""Of the words of a key and another one: "Ending account value" for "ending value"."""
_BOX_NUMBER = re.compile(r"\s*[(\[]?\d{1,2}[a-z]?[)\].]?\s+(?=[^\W\d_]{2})", re.IGNORECASE)
"""A box's number before its key: "12b Employer's name"."""
_IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]")
_RATE = re.compile(r"\s*[@–-]?\s*\d{1,2}(?:[.,]\d+)?\s?%")
"""A rate in a key: "VAT @ 20%"."""
_DAY = re.compile(
    r"\s+(?:vom|per|am|zum|as (?:of|at)|on|at|du|au|del|al)\s+\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\.?$",
    re.IGNORECASE,
)
"""A day behind a key: "Old balance on 28.02.2026"."""
WHOSE = (
    r"(?:(?:our|your|unsere?|ihre?|notre|votre|nuestr[oa]|su|vostr[oa]|nostr[oa]|uw|ons|onze)\s+)?"
    r"(?:(?:zzgl|zuzüglich|abzgl|abzüglich|plus|add|less|davon|dont|di cui|inkl|incl)\b\.?\s+)?"
    r"(?:\d{1,2}(?:[.,]\d{1,2})?\s?%\s+)?"
)
"""Before a key: whose it is, that it is added or taken off, and a rate ("zzgl. 19 % MwSt.")."""
_WHOSE = re.compile(rf"\s*{WHOSE}", re.IGNORECASE)
_IN_OTHER_WORDS = re.compile(r"\s+/\s*|\s*/\s+|\s*[|·]\s*")
"""Between the names of one key in two languages, or of two values in one box."""


def likeness(text: str, key: str) -> float:
    """How far a printed text is a key: 0 to 1, 0 below the threshold.

    Args:
        text: With what forms add: the number of a box, what is in brackets, "our", a rate, the same in
            another language after a stroke.
        key: Of a leaf.
    """
    ours, words = folded(key), bag_of(key)
    score = 0.0
    for theirs, bag, is_part in _printed(text):
        score = max(score, _score(ours, theirs, whole=not is_part))
        if len(words) > 1 and bag == words:
            score = max(score, _SAME_WORDS)
        elif (
            len(words) > 1 and len(bag) == len(words) + 1 and set(words) < set(bag) and not is_part
        ):
            score = max(score, _A_WORD_MORE)
    return score / 100 if score >= _SAME_KEY and not _other_side(key, text) else 0.0


def names_in(text: str) -> list[str]:
    """The parts of a caption that names one thing in two languages, or two things: "Vessel / Voyage"."""
    return [part for part in _IN_OTHER_WORDS.split(text) if part.strip()]


def without_brackets(text: str) -> str:
    """A text without what stands in brackets."""
    return _IN_BRACKETS.sub(" ", text)


def after_box_number(text: str) -> int:
    """Where the key begins in "12b Employer's name", in characters; 0 where no number is before it."""
    number = _BOX_NUMBER.match(text)
    return number.end() if number else 0


@lru_cache(maxsize=8192)
def _printed(text: str) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    """What a text may be without what forms add: its letters and digits, its words, whether it is a part of it."""
    bare = _DAY.sub("", text)
    bare = _RATE.sub("", without_brackets(_BOX_NUMBER.sub("", bare)))
    found = dict.fromkeys([text, bare, _WHOSE.sub("", bare, count=1)], False)
    parts = names_in(bare)
    if len(parts) > 1:
        found |= dict.fromkeys(parts, True)
    return tuple((folded(x), bag_of(x), is_part) for x, is_part in found.items())


def _score(ours: str, theirs: str, *, whole: bool) -> float:
    if not ours or not theirs or len(theirs) > 2 * len(ours) + 12:
        return 0.0
    if theirs == ours:
        return 100.0
    if not whole:
        return 0.0
    return 95.0 if theirs.startswith(ours) else fuzz.ratio(ours, theirs, score_cutoff=_SAME_KEY)


@lru_cache(maxsize=16_384)
def _other_side(key: str, text: str) -> bool:
    """Whether a text names the other one of two: "employee" where the key is "employer"."""
    ours, theirs = (re.findall(r"[^\W\d_]+", x.casefold()) for x in (key, text))
    return any(
        {a[-2:], b[-2:]} in ({"er", "ee"}, {"or", "ee"}) and a[:-2] == b[:-2]
        for a, b in zip(ours, theirs, strict=False)
    )

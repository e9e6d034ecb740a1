"""Values found by the key that is printed beside them: "Invoice no.: 12", or a key above its value.

This is how a checkpoint that only knows questions and answers fills a schema that it never saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from rapidfuzz import fuzz

from hybrid.document import Document, Segment
from hybrid.schema import Leaf, LeafKind
from hybrid.verify.candidates import Candidate, NodeProbabilities, read_candidates
from hybrid.verify.values import letters_and_digits

_SAME_KEY = 86.0
_KEY_IN_LINE = 0.4
"""Belief in what follows a key in its line where no model has looked at either."""
_PLAINLY_IN_LINE = 0.6
"""Least belief in "Key: value" and "Key 12.50": plain, whatever a model takes the line for."""


class Place(Enum):
    """Where a segment stands from a key."""

    RIGHT = "right"
    BELOW = "below"
    BELOW_ANOTHER = "below, and another stands to the right"


_PLACE_WEIGHTS = {Place.RIGHT: 1.0, Place.BELOW: 1.0, Place.BELOW_ANOTHER: 0.8}
"""Times what a model says of the two segments."""
_PLACE_BELIEFS = {
    Place.RIGHT: (0.65, 0.8),
    Place.BELOW: (0.55, 0.7),
    Place.BELOW_ANOTHER: (0.1, 0.6),
}
"""Of a text, and of what reads as a number or date, where no model has looked: how often such a
segment is the answer on the `fit` forms of FUNSD and XFUND (German), rounded."""


def key_candidates(
    document: Document,
    leaf: Leaf,
    predictions: NodeProbabilities,
    other_keys: Iterable[str] = (),
) -> list[Candidate]:
    """Values beside the segments that read like one of the leaf's keys.

    Args:
        document: Segments to look through.
        leaf: With its keys.
        predictions: Used where they have labels `question` and `answer`: the probability is the
            geometric mean of both times the likeness of the key; else it is how often a segment
            that stands so is the answer.
        other_keys: Of the schema's other leaves. Without such labels no value begins with one of
            them, or ends with a colon.

    Returns:
        Candidates, unsorted.
    """
    segments = document.segments
    question = _column(predictions, "question")
    answer = _column(predictions, "answer")
    found: list[Candidate] = []
    for index, segment in enumerate(segments):
        match = max((_likeness(segment.text, key) for key in leaf.keys), default=0.0)
        if match > 0:
            places = beside(segments, index)
            if question is not None and answer is not None:
                asked = float(question[index])
                beliefs = [(asked * answer[k]) ** 0.5 * _PLACE_WEIGHTS[p] for k, p in places]
            else:
                places = _without_keys(segments, places, other_keys)
                beliefs = [_PLACE_BELIEFS[p][leaf.kind is not LeafKind.TEXT] for _, p in places]
            for (other, _), belief in zip(places, beliefs, strict=True):
                found += read_candidates([segments[other]], leaf, match * float(belief))
        inline = _inline(segment, leaf)
        if inline is not None:
            candidate, between = inline
            colon = between.lstrip().startswith((":", "："))
            if question is not None and answer is not None:
                belief = max(float(question[index]), float(answer[index]))
                plain = colon
            else:
                belief = _KEY_IN_LINE
                plain = colon or (not between.strip(" .#") and leaf.kind is not LeafKind.TEXT)
            found.append(candidate.with_gcn(max(belief, _PLAINLY_IN_LINE if plain else 0.0)))
    return found


def _without_keys(
    segments: tuple[Segment, ...], places: list[tuple[int, Place]], keys: Iterable[str]
) -> list[tuple[int, Place]]:
    """The places at which no key stands; with a key to the right, what is below stands alone."""
    begins = [re.compile(rf"\s*{re.escape(key)}(?!\w)", re.IGNORECASE) for key in keys]
    kept = [
        (other, place)
        for other, place in places
        if not segments[other].text.rstrip().endswith((":", "："))
        and not any(pattern.match(segments[other].text) for pattern in begins)
    ]
    if [place for _, place in kept] == [Place.BELOW_ANOTHER]:
        return [(kept[0][0], Place.BELOW)]
    return kept


def _column(predictions: NodeProbabilities, label: str):  # type: ignore[no-untyped-def]
    if label not in predictions.labels:
        return None
    return predictions.probabilities[:, predictions.labels.index(label)]


def _likeness(text: str, key: str) -> float:
    """0 to 1; 0 below the threshold. "Invoice No." is "invoice number"."""
    ours, theirs = _folded(key), _folded(text)
    if not ours or not theirs or len(theirs) > 2 * len(ours) + 12:
        return 0.0
    score = max(fuzz.ratio(ours, theirs), 95.0 * theirs.startswith(ours))
    return score / 100 if score >= _SAME_KEY else 0.0


def _folded(text: str) -> str:
    text = re.sub(r"\b(number|nummer|num|nr|no)\b\.?|#", "no", text.casefold())
    return letters_and_digits(text)


def _inline(segment: Segment, leaf: Leaf) -> tuple[Candidate, str] | None:
    """The value after a key in the same segment, and what stands between the two."""
    for key in leaf.keys:
        match = re.match(rf"\s*{re.escape(key)}", segment.text, re.IGNORECASE)
        if match is None:
            continue
        for candidate in read_candidates([segment], leaf, None):
            start = segment.text.find(candidate.text)
            if start >= match.end():
                return candidate, segment.text[match.end() : start]
    return None


def beside(segments: tuple[Segment, ...], index: int) -> list[tuple[int, Place]]:
    """The nearest segment to the right on the row, and the nearest below.

    Args:
        segments: Of a document.
        index: Of the key among them.

    Returns:
        Their indices and where they stand, the right one first; at most two.
    """
    key = segments[index]
    right: tuple[float, int] | None = None
    below: tuple[float, int] | None = None
    for other, segment in enumerate(segments):
        if other == index or segment.page != key.page:
            continue
        if segment.box.left >= key.box.center[0] and segment.box.vertical_overlap(key.box) >= 0.5:
            right = min(right or (1e9, -1), (segment.box.left - key.box.right, other))
        gap = segment.box.top - key.box.bottom
        under = segment.box.horizontal_overlap(key.box) > 0.3 and -0.5 * key.box.height < gap
        if under and gap < 3 * key.box.height and segment.box.center[1] > key.box.bottom:
            below = min(below or (1e9, -1), (gap, other))
    found = [(right[1], Place.RIGHT)] if right else []
    if below:
        found.append((below[1], Place.BELOW_ANOTHER if right else Place.BELOW))
    return found

"""Values found by the key that is printed beside them: "Invoice no.: 12", or a key above its value.

This is how a checkpoint that only knows questions and answers fills a schema that it never saw.
"""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from hybrid.document import Document, Segment
from hybrid.schema import Leaf
from hybrid.verify.candidates import Candidate, NodeProbabilities, read_candidates
from hybrid.verify.values import letters_and_digits

_SAME_KEY = 86.0
_KEY_ONLY_PRIOR = 0.4
"""Belief in a value beside its key where no model has looked at either."""
_KEY_AND_COLON = 0.6
"""Least belief in "Key: value" on one line: that is plain, whatever a model takes the line for."""


def key_candidates(
    document: Document, leaf: Leaf, predictions: NodeProbabilities
) -> list[Candidate]:
    """Values beside the segments that read like one of the leaf's keys.

    Args:
        document: Segments to look through.
        leaf: With its keys.
        predictions: Used where they have labels `question` and `answer`: the probability is the
            geometric mean of both times the likeness of the key; else it is a low prior.

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
            for other, place in beside(segments, index):
                asked = float(question[index]) if question is not None else _KEY_ONLY_PRIOR
                given = float(answer[other]) if answer is not None else _KEY_ONLY_PRIOR
                belief = match * place * (asked * given) ** 0.5
                found += read_candidates([segments[other]], leaf, belief)
        inline = _inline(segment, leaf)
        if inline is not None:
            candidate, sure = inline
            given = float(answer[index]) if answer is not None else _KEY_ONLY_PRIOR
            if question is not None:
                given = max(given, float(question[index]))
            found.append(candidate.with_gcn(max(given, _KEY_AND_COLON if sure else 0.0)))
    return found


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


def _inline(segment: Segment, leaf: Leaf) -> tuple[Candidate, bool] | None:
    """The value after a key in the same segment, and whether a colon stands between the two."""
    for key in leaf.keys:
        match = re.match(
            rf"\s*{re.escape(key)}\s*([:：])?[.#]?\s*(?=\S)", segment.text, re.IGNORECASE
        )
        if match:
            after = [
                c
                for c in read_candidates([segment], leaf, None)
                if segment.text.find(c.text) >= match.end()
            ]
            if after:
                return after[0], match[1] is not None
    return None


def beside(segments: tuple[Segment, ...], index: int) -> list[tuple[int, float]]:
    """The nearest segment to the right on the row, and the nearest below.

    Args:
        segments: Of a document.
        index: Of the key among them.

    Returns:
        Indices with weights from 0 to 1; at most two.
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
    found = [(right[1], 1.0)] if right else []
    return found + ([(below[1], 0.8 if right else 1.0)] if below else [])

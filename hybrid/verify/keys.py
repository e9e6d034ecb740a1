"""Values found by the key that is printed beside them: "Invoice no.: 12", or a key above its value.

This is how a checkpoint that only knows questions and answers fills a schema that it never saw.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from hybrid.document import Document, Segment, segment_of
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.candidates import Candidate, NodeProbabilities, read_candidates
from hybrid.verify.skew import straightened
from hybrid.verify.values import letters_and_digits
from hybrid.verify.wrapped import lines_on

_SAME_KEY = 86.0
_NUMBER = r"(?:number|nummer|num|nr|no|#)"
_COLONS = (":", "：")
_NOTHING = re.compile(r"n/?a\.?|nil|none|[-–—./]+", re.IGNORECASE)
"""What is written where there is no value."""
_KEY_IN_LINE = 0.4
"""Belief in what follows a key in its line where no model has looked at either."""
_RUNS_ON = 0.3
"""Times what a model says of a line in which words follow the key: "Bank charges", "VAT ID GB 284"."""
_PLAINLY_IN_LINE = 0.6
"""Least belief in "Key: value" and "Key 12.50": plain, whatever a model takes the line for."""


class Place(Enum):
    """Where a segment stands from a key."""

    RIGHT = "right"
    BELOW = "below"
    FAR_BELOW = "more than one and a half lines below"


_BESIDE_ANOTHER = 0.8
"""Times what a model says of a segment below a key that has one to its right."""
_FAR = 0.5
"""Times what a model says of a segment far below a key."""
_PLACE_BELIEFS = {Place.RIGHT: (0.65, 0.8), Place.BELOW: (0.55, 0.7), Place.FAR_BELOW: (0.25, 0.3)}
"""Of a text, and of what reads as a number or date, where no model has looked: how often such a
segment is the answer on the `fit` forms of FUNSD and XFUND (German), rounded."""
_GOES_ON = {Place.RIGHT: 0.7, Place.BELOW: 0.85, Place.FAR_BELOW: 0.85}
"""How often a line that begins below the answer's first one belongs to it: 29 of 41 to the right of
the question, 177 of 215 below it, on the same forms."""
_ONE_LINE = frozenset(
    [
        "name",
        "names",
        "company",
        "firm",
        "firma",
        "person",
        "contact",
        "title",
        "number",
        "no",
        "nr",
        "id",
        "code",
        "ref",
        "reference",
        "city",
        "town",
        "country",
        "phone",
        "telephone",
        "tel",
        "fax",
        "email",
        "mail",
        "iban",
        "bic",
        "swift",
        "currency",
        "nummer",
        "ort",
        "land",
        "telefon",
        "kunde",
    ]
)
"""In the name of a field: it has one line, though an address may follow below ("Bill to" of `buyer_name`)."""
_ANSWER_GOES_ON = 0.9
"""The same where that line is an answer."""
_BELIEFS_BESIDE_ANOTHER = (0.1, 0.6)
"""The same, below a key that has a segment to its right."""


@dataclass(frozen=True)
class KeyedPages:
    """A document as it is looked through for keys, made once for all leaves.

    Attributes:
        segments: As they are printed.
        straight: The same as they stand on the straight page.
        parts: Of each, begun anew at each key inside it.
        headings: Ids of the segments that name columns of tables, which are passed over as keys.
    """

    segments: tuple[Segment, ...]
    straight: Sequence[Segment]
    parts: Sequence[Sequence[Segment]]
    headings: Collection[int]

    @classmethod
    def of(
        cls, document: Document, schema: FieldSchema, headings: Collection[int] = ()
    ) -> KeyedPages:
        """A document, to be looked through for the keys of a schema."""
        keys = {key for leaf in schema.leaves for key in leaf.keys}
        longest_first = sorted((_printed(key).pattern for key in keys), key=len, reverse=True)
        any_key = re.compile("|".join(f"(?:{p})" for p in longest_first), re.IGNORECASE)
        segments = document.segments
        parts = [_parts(segment, any_key) for segment in segments]
        return cls(segments, straightened(document), parts, headings)


def key_candidates(
    pages: KeyedPages,
    leaf: Leaf,
    predictions: NodeProbabilities,
    other_keys: Iterable[str] = (),
) -> list[Candidate]:
    """Values beside the segments that read like one of the leaf's keys.

    Args:
        pages: The document to look through.
        leaf: With its keys.
        predictions: Used where they have labels `question` and `answer`: the probability is the
            geometric mean of both times the likeness of the key; else it is how often a segment
            that stands so is the answer.
        other_keys: Of the schema's other leaves. No value begins with one of them, or ends with a
            colon.

    Returns:
        Candidates, unsorted.
    """
    segments, standing = pages.segments, pages.straight
    seen = _questions_and_answers(predictions)
    own = [_printed(key) for key in leaf.keys]
    others = [_printed(key) for key in other_keys]
    found: list[Candidate] = []
    is_key = _KeyTest(others)
    for index, segment in enumerate(segments):
        if segment.id in pages.headings:
            continue
        match = max((_likeness(segment.text, key) for key in leaf.keys), default=0.0)
        if match > 0:
            places = [(o, p) for o, p in beside(standing, index) if not is_key(segments[o].text)]
            for other, place in places:
                second = place is not Place.RIGHT and len(places) > 1
                if seen is not None:
                    belief = float(seen[0][index] * seen[1][other]) ** 0.5
                    belief *= _BESIDE_ANOTHER if second else 1.0
                    belief *= _FAR if place is Place.FAR_BELOW else 1.0
                else:
                    beliefs = _BELIEFS_BESIDE_ANOTHER if second else _PLACE_BELIEFS[place]
                    belief = beliefs[leaf.kind is not LeafKind.TEXT]
                belief *= match
                on: list[int] = []
                if leaf.kind is LeafKind.TEXT and not _is_one_line(leaf):
                    beyond = place is Place.RIGHT
                    on = lines_on(standing, other, [index], is_key, alone=beyond)
                if on:
                    goes_on = _GOES_ON[place]
                    if seen is not None:
                        goes_on = _ANSWER_GOES_ON * float(seen[1][on].min())
                    lines = [segments[k] for k in (other, *on)]
                    found += read_candidates(lines, leaf, belief * goes_on)
                    belief *= 1.0 - goes_on
                found += read_candidates([segments[other]], leaf, belief)
        for candidate, plain, follows in _inline(pages.parts[index], leaf, own):
            if seen is not None:
                belief = float(seen[:, index].max())
                is_words = leaf.kind is LeafKind.TEXT and not any(map(str.isdigit, candidate.text))
                if not plain and (is_words or not follows):
                    belief *= _RUNS_ON
            else:
                belief = _KEY_IN_LINE
                plain = plain or (follows and leaf.kind is not LeafKind.TEXT)
            found.append(candidate.with_gcn(max(belief, _PLAINLY_IN_LINE if plain else 0.0)))
    return [c for c in found if not _NOTHING.fullmatch(c.text)]


def key_beside(segments: Sequence[Segment], index: int, leaf: Leaf) -> bool:
    """Whether a segment begins with one of the leaf's keys, or stands beside a segment that is one."""
    if any(_printed(key).match(segments[index].text) for key in leaf.keys):
        return True
    return any(
        index in (k for k, _ in beside(segments, number))
        for number, segment in enumerate(segments)
        if any(_likeness(segment.text, key) for key in leaf.keys)
    )


class _KeyTest:
    """Whether a text is one of the given keys, or ends with a colon as other keys do."""

    def __init__(self, keys: Sequence[re.Pattern[str]]) -> None:
        self._keys = keys

    def __call__(self, text: str) -> bool:
        return text.rstrip().endswith(_COLONS) or any(key.match(text) for key in self._keys)


def _is_one_line(leaf: Leaf) -> bool:
    return not _ONE_LINE.isdisjoint(re.findall(r"[A-Za-z][a-z]*", leaf.name.lower()))


def _questions_and_answers(predictions: NodeProbabilities) -> NDArray[np.floating[Any]] | None:
    """The probabilities of both labels, `[2, segments]`; None where the checkpoint lacks one."""
    names = list(predictions.labels)
    if not {"question", "answer"} <= set(names):
        return None
    return predictions.probabilities[:, [names.index("question"), names.index("answer")]].T


def _likeness(text: str, key: str) -> float:
    """0 to 1; 0 below the threshold. "Invoice No." is "invoice number"."""
    ours, theirs = _folded(key), _folded(text)
    if not ours or not theirs or len(theirs) > 2 * len(ours) + 12:
        return 0.0
    score = max(fuzz.ratio(ours, theirs), 95.0 * theirs.startswith(ours))
    return score / 100 if score >= _SAME_KEY else 0.0


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    text = re.sub(r"\b(number|nummer|num|nr|no)\b\.?|#", "no", text.casefold())
    return letters_and_digits(text)


@lru_cache(maxsize=1024)
def _printed(key: str) -> re.Pattern[str]:
    """A key at the start of a text, as it may be printed: "Order no." or "ORDERNO" for "order number"."""
    words = re.findall(r"\w+|[^\w\s.]", key)
    parts = [_NUMBER if re.fullmatch(_NUMBER, w, re.IGNORECASE) else re.escape(w) for w in words]
    if not parts:
        return re.compile(r"(?!)")  # a key of dots alone stands nowhere
    spaced = r"\s*".join(["", *parts])
    return re.compile(rf"{spaced}(?![^\W\d_])\.?", re.IGNORECASE)


def _inline(
    parts: Sequence[Segment], leaf: Leaf, own: Sequence[re.Pattern[str]]
) -> Iterator[tuple[Candidate, bool, bool]]:
    """Values after a key in the same segment.

    With each come whether it plainly is the key's, after a colon or as the digits after "No.", and
    whether nothing stands between the two.
    """
    for place, part in enumerate(parts):
        match = next((m for key in own if (m := key.match(part.text))), None)
        if match is None:
            continue
        marks = len(part.text[match.end() :]) - len(part.text[match.end() :].lstrip(" .:：#"))
        after = read_candidates([part], leaf, None, start=match.end() + marks)
        if after:
            between = part.text[match.end() : part.text.find(after[0].text, match.end())]
            follows = not between.strip(" .:：#")
            numbered = re.search(rf"{_NUMBER}\.?$", match[0], re.IGNORECASE) is not None
            plain = between.lstrip(" .").startswith(_COLONS)
            # In the midst of a line "see invoice no. 12" may be running text.
            plain |= place == 0 and follows and numbered and any(map(str.isdigit, after[0].text))
            yield after[0], plain, follows


def _parts(segment: Segment, any_key: re.Pattern[str]) -> list[Segment]:
    """A segment that begins anew at each key inside it, as OCR runs columns into one line.

    In the midst of a line a key is one where a colon follows it, or a word with a digit: "Bank: HSBC
    IBAN GB29 NWBK 6016".
    """
    starts, offset = [0], 0
    for number, word in enumerate(segment.words):
        match = any_key.match(segment.text, offset) if number else None
        after = segment.text[match.end() :].lstrip() if match else ""
        if after.startswith(_COLONS) or any(map(str.isdigit, after.partition(" ")[0])):
            starts.append(number)
        offset += len(word.text) + 1
    if len(starts) == 1:
        return [segment]
    parts = [segment.words[a:b] for a, b in pairwise([*starts, len(segment.words)])]
    return [segment_of(segment.id, segment.page, words) for words in parts]


def beside(segments: Sequence[Segment], index: int) -> list[tuple[int, Place]]:
    """The nearest segment to the right on the row, and the nearest below.

    Args:
        segments: Of a document, straight.
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
        far = below[0] >= 1.5 * key.box.height
        found.append((below[1], Place.FAR_BELOW if far else Place.BELOW))
    return found

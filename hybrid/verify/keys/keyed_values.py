"""Values found by the key that is printed beside them: "Invoice no.: 12", or a key above its value.

This is how a checkpoint that only knows questions and answers fills a schema that it never saw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hybrid.document import Segment, segment_of
from hybrid.schema import Leaf, LeafKind
from hybrid.schema.vocabulary import folded, meanings_of
from hybrid.verify.candidates import Candidate, NodeProbabilities, read_candidates
from hybrid.verify.keys.inline import PLAINLY_IN_LINE, values_in_line
from hybrid.verify.keys.likeness import likeness, names_in
from hybrid.verify.keys.options import (
    first_option,
    is_mark_elsewhere,
    is_ticked,
    own_mark,
    ticked,
    ticked_beside,
)
from hybrid.verify.keys.places import Place, beside
from hybrid.verify.keys.printed_keys import (
    LONE_DATE,
    KeyedPages,
    is_a_key,
    printed_key,
)
from hybrid.verify.keys.row_numbers import numbers_on_row
from hybrid.verify.keys.totals_row import column_totals
from hybrid.verify.keys.wrapped import is_unfinished, lines_on, lines_without_room
from hybrid.verify.values import asks_for_a_rate

Scores = NDArray[np.floating[Any]]
_VALUE_BEHIND = re.compile(r"\s*[:：]\s*\w")
_OF_A_NUMBER = re.compile(r"(?:number|nummer|_nr|_no)$", re.IGNORECASE)
"""At the end of the name of a field whose value has a digit."""
_STROKES = ("/", "|", "·")
"""Words between two values in one box."""
_NOTHING = re.compile(r"n/?a\.?|nil|none|[-–—./]+|\(\d{1,2}\)", re.IGNORECASE)
"""What is written where there is no value, or only the number of a box."""
_ONE_OF_SEVERAL = 0.7
"""Times the belief in several numbers beside a key, which they share: not enough for any of them."""
_TICKED = 0.8
"""Belief in a yes that is a tick before the field's key, in a list of boxes to tick."""
_BESIDE_ANOTHER = 0.8
"""Times what a model says of a segment below a key that has one to its right."""
_FAR = 0.5
"""Times what a model says of a segment far below a key."""
_BY_LAYOUT = (Place.IN_BOX, Place.ABOVE)
_TOLD_BY_LAYOUT = 0.7
"""Least belief in what the layout of the whole page says is a key's value."""
_EXACT = 0.97
_QUESTION = 0.5
_BESIDE_EXACT = {Place.RIGHT: 0.6, Place.BELOW: 0.5}
"""Least belief in what stands beside a key that is printed as it is written, unless a model takes that for a question: of
such that `forms` believed with less than .5 on the `dev` forms of FUNSD and XFUND (German), 143 of 158 were the answer."""
_PLACE_BELIEFS = {
    Place.RIGHT: (0.65, 0.8),
    Place.BELOW: (0.55, 0.7),
    Place.FAR_BELOW: (0.25, 0.3),
    Place.IN_BOX: (0.55, 0.7),
    Place.ABOVE: (0.55, 0.7),
}
"""Of a text, and of what reads as a number or date, where no model has looked: how often such a
segment is the answer on the `fit` forms of FUNSD and XFUND (German), rounded."""
_GOES_ON = {
    Place.RIGHT: 0.7, Place.BELOW: 0.85, Place.FAR_BELOW: 0.85, Place.IN_BOX: 0.85, Place.ABOVE: 0.0,
}  # fmt: skip
"""How often a line that begins below the answer's first one belongs to it: 29 of 41 to the right of
the question, 177 of 215 below it, on the same forms."""
_SEVERAL_LINES = re.compile(
    r"address|adress|anschrift|adresse|direcci|indirizzo|remark|bemerkung|notes?(?:_|$)|comment|instruction"
    r"|description|beschreibung|reason|terms|details|message|_to$",
    re.IGNORECASE,
)
"""In the name of a field: its text goes on below more often than not. Others have one line, as the name above an
address has: the same forms do not tell, since their answers are not asked for by name."""
_NOT_IN_NAME = 0.3
"""Instead of these shares, of other fields."""
_UNFINISHED = 0.4
"""Times the belief in a text that ends with a comma, above a line that may belong to it or to another key."""
_ANSWER_GOES_ON = 0.9
"""The same where that line is an answer."""
_BELIEFS_BESIDE_ANOTHER = (0.1, 0.6)
"""The same, below a key that has a segment to its right."""


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
    seen = _questions_and_answers(predictions)
    own = [printed_key(key) for key in leaf.keys]
    if leaf.path == pages.dated:
        own.append(LONE_DATE)
    others = list(other_keys)
    rivals = [printed_key(key) for key in others]
    meanings = meanings_of(leaf)
    foreign = [printed_key(t.text) for t in pages.terms if meanings and t.meaning not in meanings]

    def is_key(text: str) -> bool:
        return is_a_key(text, rivals) or folded(text) in pages.meanings

    found: list[Candidate] = []
    for index, segment in enumerate(pages.segments):
        if segment.id in pages.headings:
            continue
        alike = pages.likenesses[index]
        match = max((alike.get(key, 0.0) for key in leaf.keys), default=0.0)
        if leaf.path == pages.dated and LONE_DATE.fullmatch(segment.text.rstrip(" .:：")):
            match = 1.0
        # "Employee ID" is like "employee", and more like the key of a field with that name.
        if (
            match
            and not _has_value(segment.text, own)
            and all(alike.get(key, 0.0) <= match for key in others)
            and (match == 1.0 or not pages.means_otherwise(segment.text, meanings))
        ):
            found += _beside(pages, index, leaf, match, seen, is_key)
        scores = None if seen is None else seen[:, index]
        found += values_in_line(pages, index, leaf, own, [*rivals, *foreign], scores, is_key)
    found = found or column_totals(pages, leaf, is_key)
    found = [c for c in found if not _NOTHING.fullmatch(c.text)]
    if leaf.kind is LeafKind.NUMBER and not asks_for_a_rate(leaf):
        amounts = [c for c in found if not _is_a_rate(c, pages)]
        found = amounts or found  # of "Surcharge 8% | 56.24" the amount
    if leaf.kind is LeafKind.TEXT and _OF_A_NUMBER.search(leaf.name):
        found = [c for c in found if any(map(str.isdigit, c.text))]
    return ticked(pages, leaf, found, is_key)


def _is_a_rate(candidate: Candidate, pages: KeyedPages) -> bool:
    """Whether a per cent sign stands at the end of a candidate, or right behind it."""
    last = candidate.words[-1]
    words = [word for s in pages.segments if s.id in candidate.segments for word in s.words]
    behind = words[words.index(last) + 1 :][:1] if last in words else []
    return last.text.rstrip(").,").endswith("%") or any(w.text.startswith("%") for w in behind)


def _has_value(text: str, own: Sequence[re.Pattern[str]]) -> bool:
    """Whether a text is a key with its value behind a colon, which looks for none beside it."""
    matches = (key.match(text) for key in own)
    return any(m is not None and _VALUE_BEHIND.match(text, m.end()) is not None for m in matches)


def _beside(
    pages: KeyedPages,
    index: int,
    leaf: Leaf,
    match: float,
    seen: Scores | None,
    is_key: Callable[[str], bool],
) -> Iterator[Candidate]:
    """Values to the right of a segment, or below it, that is one of the leaf's keys with this likeness."""
    segments = pages.segments
    if leaf.kind is LeafKind.BOOLEAN and (mark := own_mark(pages, index)) is not None:
        if is_ticked(segments[mark].text):
            yield from read_candidates([segments[mark]], leaf, _TICKED * match)
        return
    around = beside(pages.straight, index)
    if index in pages.boxes:
        around = [(value, Place.IN_BOX) for value in pages.boxes[index][:1]]
    elif index in pages.captions:
        above = pages.captions[index]
        around = [] if above is None else [(above, Place.ABOVE)]
    near = [(o, p) for o, p in around if o not in pages.boxes and not is_key(segments[o].text)]
    if leaf.kind is LeafKind.BOOLEAN:
        near = [(o, p) for o, p in near if not is_mark_elsewhere(pages, o, on_row=p is Place.RIGHT)]
    option = first_option(pages, index, leaf, is_key)
    if option is not None:
        near = [(segments.index(option), Place.RIGHT)]
        if not read_candidates([option], leaf, None):
            yield from ticked_beside(pages, near[0][0], leaf, is_key)
            return
    shares = numbers_on_row(pages.straight, index, leaf, is_key)
    if shares and around and around[0][1] is Place.RIGHT:
        near = [(o, Place.RIGHT) for o in shares] + [x for x in near if x[1] is not Place.RIGHT]
    for other, place in near:
        second = place is not Place.RIGHT and near[0][1] is Place.RIGHT
        if seen is not None:
            belief = float(seen[0][index] * seen[1][other]) ** 0.5
            belief *= _BESIDE_ANOTHER if second else 1.0
            belief *= _FAR if place is Place.FAR_BELOW else 1.0
        else:
            beliefs = _BELIEFS_BESIDE_ANOTHER if second else _PLACE_BELIEFS[place]
            belief = beliefs[leaf.kind is not LeafKind.TEXT]
        if leaf.kind is LeafKind.CHOICE and place is Place.RIGHT:
            # One of a few words that are allowed, right beside the key: whatever a model takes it for.
            said = segments[other].text.strip(" .")
            alone = any(c.text == said for c in read_candidates([segments[other]], leaf, None))
            belief = max(belief, PLAINLY_IN_LINE if alone else 0.0)
        if place in _BY_LAYOUT:
            belief = max(belief, _TOLD_BY_LAYOUT)
        is_question = seen is not None and float(seen[0][other]) >= _QUESTION
        if match >= _EXACT and not (second or is_question):
            belief = max(belief, _BESIDE_EXACT.get(place, 0.0))
        belief *= match * shares.get(other, 1.0)
        on: list[int] = []
        if leaf.kind is LeafKind.TEXT:
            on = lines_on(pages.straight, other, [index], is_key, alone=place is Place.RIGHT)
        if on:
            goes_on = _GOES_ON[place]
            if seen is not None:
                goes_on = _ANSWER_GOES_ON * float(seen[1][on].min())
            if not _SEVERAL_LINES.search(leaf.name):
                forced = lines_without_room(
                    pages.straight, other, [index], is_key, alone=place is Place.RIGHT
                )
                goes_on = _ANSWER_GOES_ON if forced else min(goes_on, _NOT_IN_NAME)
                on = forced or on
            lines = [segments[k] for k in (other, *on)]
            yield from read_candidates(lines, leaf, belief * goes_on)
            belief *= 1.0 - goes_on
        elif leaf.kind is LeafKind.TEXT and is_unfinished(pages.straight, other):
            belief *= _UNFINISHED
        value = _own_part(segments[index].text, segments[other], leaf)
        yield from _one_of(read_candidates([value], leaf, belief), value)


def _own_part(caption: str, value: Segment, leaf: Leaf) -> Segment:
    """What is a leaf's of two values in one box, "EVER SUMMIT / 0412E" below "Vessel / Voyage"."""
    names = names_in(caption)
    own = [k for k, name in enumerate(names) if any(likeness(name, key) for key in leaf.keys)]
    ends = [n for n, word in enumerate(value.words) if word.text in _STROKES]
    if len(names) < 2 or len(own) != 1 or len(ends) != len(names) - 1:
        return value
    starts, stops = [0, *(end + 1 for end in ends)], [*ends, len(value.words)]
    words = value.words[starts[own[0]] : stops[own[0]]]
    return segment_of(value.id, value.page, words) if words else value


def _one_of(read: Sequence[Candidate], segment: Segment) -> Iterator[Candidate]:
    """The numbers of a segment, none of which is given where there are several: "12 to 15", "2 x 5.00".

    Of "1,200.00 (200.00 of it tax)" the first is the value.
    """
    several = len({c.key for c in read})
    if several < 2 or not isinstance(read[0].value, (int, float, Decimal)):
        yield from read
        return
    rest = segment.text.partition(read[0].text)[2].lstrip()
    if rest.startswith("("):
        yield read[0]
    else:
        yield from (c.with_gcn(_ONE_OF_SEVERAL * (c.gcn or 0.0) / several) for c in read)


def key_beside(segments: Sequence[Segment], index: int, leaf: Leaf) -> bool:
    """Whether a segment begins with one of the leaf's keys, or stands beside a segment that is one."""
    if any(printed_key(key).match(segments[index].text) for key in leaf.keys):
        return True
    return any(
        index in (k for k, _ in beside(segments, number))
        for number, segment in enumerate(segments)
        if any(likeness(segment.text, key) for key in leaf.keys)
    )


def _questions_and_answers(predictions: NodeProbabilities) -> Scores | None:
    """The probabilities of both labels, `[2, segments]`; None where the checkpoint lacks one."""
    names = list(predictions.labels)
    if not {"question", "answer"} <= set(names):
        return None
    return predictions.probabilities[:, [names.index("question"), names.index("answer")]].T

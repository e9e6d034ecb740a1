"""Values found by the key that is printed beside them: "Invoice no.: 12", or a key above its value.

This is how a checkpoint that only knows questions and answers fills a schema that it never saw.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hybrid.document import Segment, segment_of
from hybrid.schema import Leaf, LeafKind
from hybrid.verify.candidates import Candidate, NodeProbabilities, read_candidates
from hybrid.verify.keys.options import (
    first_option,
    is_mark_elsewhere,
    is_ticked,
    own_mark,
    ticked,
    ticked_beside,
)
from hybrid.verify.keys.places import COLONS, Place, beside
from hybrid.verify.keys.printed_keys import (
    LONE_DATE,
    NUMBER,
    KeyedPages,
    after_box_number,
    is_a_key,
    likeness,
    printed_key,
)
from hybrid.verify.keys.row_numbers import numbers_on_row
from hybrid.verify.keys.wrapped import lines_on

Scores = NDArray[np.floating[Any]]
_MARKS = " .:：#_…·"
"""Between a key and its value in a line: leaders are dots or a line."""
_VALUE_BEHIND = re.compile(r"\s*[:：]\s*\w")
_OF_A_NUMBER = re.compile(r"(?:number|nummer|_nr|_no)$", re.IGNORECASE)
"""At the end of the name of a field whose value has a digit."""
_NOTHING = re.compile(r"n/?a\.?|nil|none|[-–—./]+", re.IGNORECASE)
"""What is written where there is no value."""
_KEY_IN_LINE = 0.4
"""Belief in what follows a key in its line where no model has looked at either."""
_RUNS_ON = 0.3
"""Times what a model says of a line in which words follow the key: "Bank charges", "VAT ID GB 284"."""
_COUNT_BEFORE_AMOUNT = 0.35
"""Times that belief in 91 of "Standing charge 91 days at 46.36", or in 3 of "Total 3 items 12.00"."""
_UNIT_BEHIND = re.compile(r"\s*(?:[^\W\d_]+|[x×])(?!\w)")
_AMOUNT = re.compile(r"[.,]\d\d(?!\d)")
_IN_A_SENTENCE = 0.5
"""Least belief in "about your policy number HX-4471902": given where nothing else is."""
_CODE = re.compile(r"(?=[^\d\s]*\d)(?=[^A-Z\s]*[A-Z])[A-Z0-9/.-]{3,}")
_TELLING = 4
"""Digits of such a value, at least."""
_PLAINLY_IN_LINE = 0.6
"""Least belief in "Key: value" and "Key 12.50": plain, whatever a model takes the line for."""


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
_ANSWER_GOES_ON = 0.9
"""The same where that line is an answer."""
_BELIEFS_BESIDE_ANOTHER = (0.1, 0.6)
"""The same, below a key that has a segment to its right."""


class _Inline(NamedTuple):
    """A value after a key in the same segment.

    Attributes:
        candidate: The value.
        plain: It plainly is the key's: after a colon, or as the digits after "No.".
        follows: Nothing stands between the two.
        is_count: A bare number before an amount.
        has_unit: A number with a word behind it, "12 months".
        in_sentence: Several digits right after the key, as there are in sentences.
        in_midst: Other words stand before the key.
    """

    candidate: Candidate
    plain: bool
    follows: bool
    is_count: bool
    has_unit: bool
    in_sentence: bool
    in_midst: bool


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
    is_key = partial(is_a_key, keys=rivals)
    found: list[Candidate] = []
    for index, segment in enumerate(pages.segments):
        if segment.id in pages.headings:
            continue
        match = max((likeness(segment.text, key) for key in leaf.keys), default=0.0)
        if leaf.path == pages.dated and LONE_DATE.fullmatch(segment.text.rstrip(" .:：")):
            match = 1.0
        # "Employee ID" is like "employee", and more like the key of a field with that name.
        if (
            match
            and not _has_value(segment.text, own)
            and all(likeness(segment.text, key) <= match for key in others)
        ):
            found += _beside(pages, index, leaf, match, seen, is_key)
        scores = None if seen is None else seen[:, index]
        found += _in_line(pages, index, leaf, own, rivals, scores)
    found = [c for c in found if not _NOTHING.fullmatch(c.text)]
    if leaf.kind is LeafKind.TEXT and _OF_A_NUMBER.search(leaf.name):
        found = [c for c in found if any(map(str.isdigit, c.text))]
    return ticked(pages, leaf, found, is_key)


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
            belief = max(belief, _PLAINLY_IN_LINE if alone else 0.0)
        if place in _BY_LAYOUT:
            belief = max(belief, _TOLD_BY_LAYOUT)
        belief *= match * shares.get(other, 1.0)
        on: list[int] = []
        if leaf.kind is LeafKind.TEXT:
            on = lines_on(pages.straight, other, [index], is_key, alone=place is Place.RIGHT)
        if on:
            goes_on = _GOES_ON[place]
            if seen is not None:
                goes_on = _ANSWER_GOES_ON * float(seen[1][on].min())
            if not _SEVERAL_LINES.search(leaf.name):
                goes_on = min(goes_on, _NOT_IN_NAME)
            lines = [segments[k] for k in (other, *on)]
            yield from read_candidates(lines, leaf, belief * goes_on)
            belief *= 1.0 - goes_on
        yield from _one_of(read_candidates([segments[other]], leaf, belief), segments[other])


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


def _in_line(
    pages: KeyedPages,
    index: int,
    leaf: Leaf,
    own: Sequence[re.Pattern[str]],
    rivals: Sequence[re.Pattern[str]],
    seen: Scores | None,
) -> Iterator[Candidate]:
    """Values that follow one of the leaf's keys in its own segment."""
    for found in _inline(pages.parts[index], leaf, own, rivals):
        plain = found.plain
        is_count = found.is_count or (found.has_unit and _is_before_amount(pages, index))
        if seen is not None:
            belief = float(seen.max())
            is_words = leaf.kind is LeafKind.TEXT and not any(
                map(str.isdigit, found.candidate.text)
            )
            if not plain and (is_words or not found.follows):
                belief *= _RUNS_ON
        else:
            belief = _KEY_IN_LINE
            plain |= found.follows and leaf.kind is not LeafKind.TEXT
        belief = max(belief, _PLAINLY_IN_LINE if plain else 0.0)
        belief = max(belief, _IN_A_SENTENCE if found.in_sentence else 0.0)
        if found.in_midst:
            # What a model takes the line for, it takes its beginning for.
            belief = min(belief, _PLAINLY_IN_LINE if plain else _IN_A_SENTENCE)
        yield found.candidate.with_gcn(belief * (_COUNT_BEFORE_AMOUNT if is_count else 1.0))


def _is_before_amount(pages: KeyedPages, index: int) -> bool:
    """Whether the next text on a segment's row is an amount: "Base price 12 months | 156.00"."""
    right = [other for other, place in beside(pages.straight, index) if place is Place.RIGHT]
    return any(_AMOUNT.search(pages.segments[other].text) for other in right)


def key_beside(segments: Sequence[Segment], index: int, leaf: Leaf) -> bool:
    """Whether a segment begins with one of the leaf's keys, or stands beside a segment that is one."""
    if any(printed_key(key).match(segments[index].text) for key in leaf.keys):
        return True
    return any(
        index in (k for k, _ in beside(segments, number))
        for number, segment in enumerate(segments)
        if any(likeness(segment.text, key) for key in leaf.keys)
    )


def _begins_with_digits(candidate: Candidate) -> bool:
    return any(map(str.isdigit, candidate.text.partition(" ")[0]))


def _without_sentence(part: Segment, start: int) -> Segment:
    """A part of a line up to the last word in a row with digits or in capitals: "policy no. HX 4471 was".

    Args:
        part: That begins with a key.
        start: Where the value begins, in characters.
    """
    end, place = 0, 0
    for number, word in enumerate(part.words, start=1):
        place += len(word.text) + 1
        if place > start + 1:
            if not (any(map(str.isdigit, word.text)) or word.text.isupper()):
                break
            end = number
    return segment_of(part.id, part.page, part.words[:end]) if end else part


def _questions_and_answers(predictions: NodeProbabilities) -> Scores | None:
    """The probabilities of both labels, `[2, segments]`; None where the checkpoint lacks one."""
    names = list(predictions.labels)
    if not {"question", "answer"} <= set(names):
        return None
    return predictions.probabilities[:, [names.index("question"), names.index("answer")]].T


def _inline(
    parts: Sequence[Segment],
    leaf: Leaf,
    own: Sequence[re.Pattern[str]],
    rivals: Sequence[re.Pattern[str]],
) -> Iterator[_Inline]:
    """Values after a key in the same segment."""
    for place, part in enumerate(parts):
        begin = after_box_number(part.text) if place == 0 else 0
        match = next((m for key in own if (m := key.match(part.text, begin))), None)
        if match is None:
            continue
        if any((m := key.match(part.text, begin)) and m.end() > match.end() for key in rivals):
            continue
        marks = len(part.text[match.end() :]) - len(part.text[match.end() :].lstrip(_MARKS))
        if place and leaf.kind is LeafKind.TEXT:
            part = _without_sentence(part, match.end() + marks)
        after = read_candidates([part], leaf, None, start=match.end() + marks)
        if after:
            between = part.text[match.end() : part.text.find(after[0].text, match.end())]
            follows = not between.strip(_MARKS)
            numbered = re.search(rf"{NUMBER}\.?$", match[0], re.IGNORECASE) is not None
            plain = between.lstrip(" ").startswith((*COLONS, "..", "…", "__"))
            plain |= between.lstrip(" .").startswith(COLONS)
            # In the midst of a line "see invoice no. 12" may be running text.
            plain |= place == 0 and follows and numbered and any(map(str.isdigit, after[0].text))
            # "BIC COLSDE33XXX", and nothing else in the line.
            rest = part.text[match.end() :].strip(_MARKS)
            plain |= place == 0 and _CODE.fullmatch(rest) is not None
            digits = sum(map(str.isdigit, after[0].text))
            is_count = leaf.kind is LeafKind.NUMBER and after[0].text.isdigit()
            is_count &= any(_AMOUNT.search(later.text) for later in after[1:])
            behind = part.text[part.text.find(after[0].text, match.end()) + len(after[0].text) :]
            has_unit = leaf.kind is LeafKind.NUMBER and _UNIT_BEHIND.match(behind) is not None
            yield _Inline(
                after[0],
                plain,
                follows,
                is_count,
                has_unit,
                in_sentence=follows
                and digits >= _TELLING
                and (place > 0 or leaf.kind is LeafKind.TEXT)
                and _begins_with_digits(after[0]),
                in_midst=place > 0,
            )

"""Values after a key in its own segment: "Invoice no.: 12", "Labour cost ...... 375.00", "BIC COLSDE33"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hybrid.document import Segment, segment_of
from hybrid.schema import Leaf, LeafKind
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.keys.likeness import after_box_number
from hybrid.verify.keys.places import COLONS, Place, beside
from hybrid.verify.keys.printed_keys import NUMBER, KeyedPages
from hybrid.verify.keys.wrapped import lines_without_room

_MARKS = " .:：#_…·"
"""Between a key and its value in a line: leaders are dots or a line."""
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
_CODE = re.compile(
    r"(?=[^\d\s]*\d)(?=[^A-Z\s]*[A-Z])[A-Z0-9/.-]{3,}|[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?"
)
"""A word of digits and capitals, or a BIC (ISO 9362), which may have no digit."""
_TELLING = 4
"""Digits of such a value, at least."""
_REST_OF_KEY = re.compile(rf"\s*{NUMBER}\.?\s*(?=[:：]\s*\S)", re.IGNORECASE)
"""What a key may have behind its words: "Contador n.º: E17"."""
_SEPARATORS = frozenset("·•|–-")
_ANOTHER_KEY = re.compile(
    rf"\s*(?:[^\W\d_][\w.]*\s+){{0,3}}(?:[^\W\d_][\w.]*\s*[:：]|{NUMBER}\.?\s)", re.IGNORECASE
)
_MASK = re.compile(r"[*•xX·]{2,}")
"""Instead of digits that nobody is to read: "DE75 **** 4417"."""
_WRAPPED = 0.9
"""Share of the belief of a value that goes on below, since its next word had no room."""
PLAINLY_IN_LINE = 0.6
"""Least belief in "Key: value" and "Key 12.50": plain, whatever a model takes the line for."""


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
        to_end: The value is all that follows the key.
    """

    candidate: Candidate
    plain: bool
    follows: bool
    is_count: bool
    has_unit: bool
    in_sentence: bool
    in_midst: bool
    to_end: bool


def values_in_line(
    pages: KeyedPages,
    index: int,
    leaf: Leaf,
    own: Sequence[re.Pattern[str]],
    rivals: Sequence[re.Pattern[str]],
    seen: NDArray[np.floating[Any]] | None,
    is_key: Callable[[str], bool],
) -> Iterator[Candidate]:
    """Values that follow one of the leaf's keys in its own segment.

    Args:
        pages: To be looked through.
        index: Of the segment.
        leaf: With its keys.
        own: These as they may be printed.
        rivals: The keys of other leaves.
        seen: What a model says of the segment, `[question, answer]`; None where none has looked.
        is_key: Whether a text is the key of another field, and thus no second line of a value.
    """
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
        belief = max(belief, PLAINLY_IN_LINE if plain else 0.0)
        belief = max(belief, _IN_A_SENTENCE if found.in_sentence else 0.0)
        if found.in_midst:
            # What a model takes the line for, it takes its beginning for.
            belief = min(belief, PLAINLY_IN_LINE if plain else _IN_A_SENTENCE)
        belief *= _COUNT_BEFORE_AMOUNT if is_count else 1.0
        if leaf.kind is LeafKind.TEXT and not found.in_midst and found.to_end:
            on = lines_without_room(pages.straight, index, [], is_key)
            lines = [pages.segments[k] for k in (index, *on)]
            if on:
                start = pages.segments[index].text.rfind(found.candidate.text)
                yield from read_candidates(lines, leaf, _WRAPPED * belief, start=start)
                belief *= 1.0 - _WRAPPED
        yield found.candidate.with_gcn(belief)


def _is_before_amount(pages: KeyedPages, index: int) -> bool:
    """Whether the next text on a segment's row is an amount: "Base price 12 months | 156.00"."""
    right = [other for other, place in beside(pages.straight, index) if place is Place.RIGHT]
    return any(_AMOUNT.search(pages.segments[other].text) for other in right)


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
        if part.text[match.end() :].lstrip().startswith("/"):
            continue  # the key's name in another language
        more = _REST_OF_KEY.match(part.text, match.end())
        end = more.end() if more else match.end()
        marks = len(part.text[end:]) - len(part.text[end:].lstrip(_MARKS))
        if leaf.kind is LeafKind.TEXT:
            part = _up_to_separator(part, end + marks)
            part = _without_sentence(part, end + marks) if place else part
        after = read_candidates([part], leaf, None, start=end + marks)
        if after:
            between = part.text[end : part.text.find(after[0].text, end)]
            follows = not between.strip(_MARKS)
            numbered = (
                re.search(rf"{NUMBER}\.?$", part.text[begin:end].rstrip(" .:："), re.IGNORECASE)
                is not None
            )
            plain = between.lstrip(" ").startswith((*COLONS, "..", "…", "__"))
            plain |= between.lstrip(" .").startswith(COLONS)
            # In the midst of a line "see invoice no. 12" may be running text.
            plain |= place == 0 and follows and numbered and any(map(str.isdigit, after[0].text))
            # "BIC COLSDE33XXX", and nothing else in the line.
            rest = part.text[end:].strip(_MARKS)
            plain |= place == 0 and _CODE.fullmatch(rest) is not None
            digits = sum(map(str.isdigit, after[0].text))
            is_count = leaf.kind is LeafKind.NUMBER and after[0].text.isdigit()
            is_count &= any(_AMOUNT.search(later.text) for later in after[1:])
            behind = part.text[part.text.find(after[0].text, end) + len(after[0].text) :]
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
                to_end=len(parts) == 1 and part.text.endswith(after[0].text),
            )


def _begins_with_digits(candidate: Candidate) -> bool:
    return any(map(str.isdigit, candidate.text.partition(" ")[0]))


def _up_to_separator(part: Segment, start: int) -> Segment:
    """A part of a line up to what follows after a dot or stroke in the middle: "No. 0882 · VAT No. GB 417".

    Only before another key, with a colon or a number; an address may have such a dot.
    """
    place = 0
    for number, word in enumerate(part.words):
        rest = part.text[place + len(word.text) :]
        if place > start and word.text in _SEPARATORS and _ANOTHER_KEY.match(rest):
            return segment_of(part.id, part.page, part.words[:number])
        place += len(word.text) + 1
    return part


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
            if not (
                any(map(str.isdigit, word.text))
                or word.text.isupper()
                or _MASK.fullmatch(word.text)
            ):
                break
            end = number
    return segment_of(part.id, part.page, part.words[:end]) if end else part

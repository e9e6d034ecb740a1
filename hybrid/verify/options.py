"""Options: of answers that are printed side by side, "[ ] Single [x] Married", the ticked one.

Where no tick can be read (a cross that is drawn by lines, "Yes / No" to strike out) nobody can say which
it is: the first one is as wrong as the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from hybrid.document import Segment
from hybrid.schema import Leaf, LeafKind
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.places import left_aligned, line_below
from hybrid.verify.printed_keys import KeyedPages
from hybrid.verify.values import FALSE, TRUE, find_spans

_TICKED = re.compile(r"(?:[\[(]\s*[x×✓✔]\s*[\])]|[☑☒✓✔×]|(?<!\w)x)\s*$", re.IGNORECASE)
_BOX = re.compile(r"(?:[\[(]\s*[\])]|[☐□])\s*$")
_WORDS = [w for w in TRUE | FALSE if w.isalpha() and len(w) > 1]
_YES_OR_NO = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS))})\b", re.IGNORECASE)
_PLAINLY = 0.8
"""Least belief in the only option that is ticked, whatever a model takes the line for."""
_SPACE = 1.5
"""Line heights between two lines of options, at most."""
_MOST_LINES = 12


class _Option(NamedTuple):
    value: Any
    segment: int
    is_ticked: bool


def ticked(
    pages: KeyedPages,
    leaf: Leaf,
    candidates: Sequence[Candidate],
    is_key: Callable[[str], bool],
) -> list[Candidate]:
    """Candidates of a choice or of yes and no, less those that are only one of several options.

    Args:
        pages: That they stand on.
        leaf: Of any kind; candidates of others stay as they are.
        candidates: Found beside a key.
        is_key: Whether a text begins with another key, after which options are no longer the leaf's.

    Returns:
        In place of a candidate among options the ticked one, or none where not just one is.
    """
    if leaf.kind not in (LeafKind.CHOICE, LeafKind.BOOLEAN):
        return list(candidates)
    places = {segment.id: place for place, segment in enumerate(pages.segments)}
    kept: list[Candidate] = []
    for candidate in candidates:
        options = list(_options(pages, places[candidate.segments[0]], leaf, is_key))
        if len({option.value for option in options}) < 2:
            kept.append(candidate)
            continue
        chosen = [option for option in options if option.is_ticked]
        if len({option.value for option in chosen}) == 1:
            belief = max(candidate.gcn or 0.0, _PLAINLY)
            read = read_candidates([pages.segments[chosen[0].segment]], leaf, belief)
            kept += [c for c in read if c.value == chosen[0].value][:1]
    return kept


def first_option(
    pages: KeyedPages, key: int, leaf: Leaf, is_key: Callable[[str], bool]
) -> Segment | None:
    """The nearest segment with an option to the right of a key, past boxes to tick; None without one."""
    if leaf.kind in (LeafKind.CHOICE, LeafKind.BOOLEAN):
        for number in right_of(pages.straight, key):
            text = pages.segments[number].text
            if is_key(text):
                return None
            if any(_values(text, leaf)):
                return pages.segments[number]
    return None


def _options(
    pages: KeyedPages, place: int, leaf: Leaf, is_key: Callable[[str], bool]
) -> Iterator[_Option]:
    """The options on the row of a segment, and on the lines below that begin where it does."""
    lines = [place, *_below(pages.straight, place)]
    for line in lines:
        before = _before(pages, line)
        for segment in (line, *right_of(pages.straight, line)):
            text = pages.segments[segment].text
            if segment != place and is_key(text):
                break
            for start, value in _values(text, leaf):
                row = f"{before} {text[:start]}" if before else text[:start]
                yield _Option(value, segment, _TICKED.search(row) is not None)
            before = f"{before} {text}"


def _values(text: str, leaf: Leaf) -> Iterator[tuple[int, Any]]:
    if leaf.kind is LeafKind.CHOICE:
        yield from ((span.start, span.value) for span in find_spans(text, leaf))
    else:
        for match in _YES_OR_NO.finditer(text):
            yield match.start(), match[0].casefold() in TRUE


def _before(pages: KeyedPages, place: int) -> str:
    """A tick that is a segment of its own, to the left of the first option."""
    own = pages.straight[place].box
    near = [
        number
        for number, other in enumerate(pages.straight)
        if number != place
        and other.page == pages.straight[place].page
        and other.box.vertical_overlap(own) >= 0.5
        and 0 <= own.left - other.box.right <= _SPACE * own.height
    ]
    text = pages.segments[near[0]].text if near else ""
    return text if _TICKED.search(text) or _BOX.search(text) else ""


def right_of(segments: Sequence[Segment], place: int) -> list[int]:
    """Indices of the segments to the right on the row, from left to right."""
    own = segments[place]
    right = [
        number
        for number, other in enumerate(segments)
        if other.page == own.page
        and other.box.left >= own.box.right
        and other.box.vertical_overlap(own.box) >= 0.5
    ]
    return sorted(right, key=lambda number: segments[number].box.left)


def _below(segments: Sequence[Segment], place: int) -> list[int]:
    lines = [place]
    while len(lines) <= _MOST_LINES:
        following = line_below(segments, lines[-1], lines, _SPACE, left_aligned(1.0))
        if following is None:
            break
        lines.append(following)
    return lines[1:]

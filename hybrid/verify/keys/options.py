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
from hybrid.verify.keys.places import left_aligned, left_of, line_below, right_of
from hybrid.verify.keys.printed_keys import KeyedPages
from hybrid.verify.values import FALSE, TRUE, find_spans

_TICK = r"[\[(]\s*[x×✓✔•*]\s*[\])]|[☑☒✓✔×]|(?<!\w)x(?!\w)"
_BOX = r"[\[(]\s*[\])]|[☐□]|(?<!\w)_+(?!\w)"
_MARK = re.compile(rf"(?P<tick>{_TICK})|(?:{_BOX})", re.IGNORECASE)
_WORDS = [w for w in TRUE | FALSE if w.isalpha() and len(w) > 1]
_YES_OR_NO = re.compile(rf"\b(?:{'|'.join(sorted(_WORDS))})\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\b(?:or|oder|ou|o)\b|[\s/|,;·-]+", re.IGNORECASE)
"""What stands between options, and says nothing."""
_PLAINLY = 0.8
"""Least belief in the only option that is ticked, whatever a model takes the line for."""
_SPACE = 1.5
"""Line heights between two lines of options, at most."""
_MOST_LINES = 12


class _Option(NamedTuple):
    """With whether it is ticked; None where it has no box."""

    value: Any
    segment: int
    is_ticked: bool | None


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
            # An empty box is an answer that was not given.
            if not any(option.is_ticked is False for option in options):
                kept.append(candidate)
            continue
        kept += _chosen(pages, leaf, options, max(candidate.gcn or 0.0, _PLAINLY))
    return kept


def ticked_beside(
    pages: KeyedPages, option: int, leaf: Leaf, is_key: Callable[[str], bool]
) -> list[Candidate]:
    """The ticked one of the options that begin with a segment, or none: "☐ Yes" is itself no answer.

    Args:
        pages: To be looked through.
        option: Index of the segment.
        leaf: A choice, or yes and no.
        is_key: As for `ticked`.
    """
    return _chosen(pages, leaf, list(_options(pages, option, leaf, is_key)), _PLAINLY)


def _chosen(
    pages: KeyedPages, leaf: Leaf, options: Sequence[_Option], belief: float
) -> list[Candidate]:
    chosen = [option for option in options if option.is_ticked]
    if len({option.value for option in chosen}) != 1:
        return []
    read = read_candidates([pages.segments[chosen[0].segment]], leaf, belief)
    return [c for c in read if c.value == chosen[0].value][:1]


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


def own_mark(pages: KeyedPages, key: int) -> int | None:
    """The segment that holds a mark before a text, as in "[x] Newsletter": its own or the one to its left."""
    if _MARK.match(pages.segments[key].text):
        return key
    left = left_of(pages.straight, key)
    if left is None or not _is_mark(pages.segments[left].text):
        return None
    own = pages.straight[key].box
    return left if own.left - pages.straight[left].box.right <= _SPACE * own.height else None


def is_mark_elsewhere(pages: KeyedPages, place: int, *, on_row: bool) -> bool:
    """Whether a segment is a mark that is no "yes" to what is printed beside it.

    Args:
        pages: To be looked through.
        place: Of the segment.
        on_row: It stands to the right of the key. A mark below it is another line's, and so is one in a
            column that is headed "No".
    """
    if not _is_mark(pages.segments[place].text):
        return False
    own = pages.straight[place].box
    return not on_row or any(
        other.page == pages.straight[place].page
        and other.box.bottom <= own.top
        and other.box.horizontal_overlap(own) > 0
        and pages.segments[number].text.strip(" .:").casefold() in FALSE
        for number, other in enumerate(pages.straight)
    )


def is_ticked(text: str) -> bool:
    """Whether a text begins with a ticked mark."""
    match = _MARK.match(text)
    return match is not None and match["tick"] is not None


def _is_mark(text: str) -> bool:
    return _MARK.fullmatch(text.strip()) is not None


def _options(
    pages: KeyedPages, place: int, leaf: Leaf, is_key: Callable[[str], bool]
) -> Iterator[_Option]:
    """The options on the row of a segment, and on the lines below that begin where it does."""
    begin = _with_mark(pages, place)
    for line in [begin, *_below(pages, begin, _left_edge(pages, begin, leaf))]:
        segments = [line]
        for number in right_of(pages.straight, line):
            text = pages.segments[number].text
            if is_key(text):
                break
            if number == place or _is_mark(text) or _has_only_options(text, leaf):
                segments.append(number)
        yield from _row([(n, pages.segments[n].text) for n in segments], leaf)


def _with_mark(pages: KeyedPages, place: int) -> int:
    """Where an option begins: the mark to its left, or itself."""
    left = left_of(pages.straight, place)
    return left if left is not None and _is_mark(pages.segments[left].text) else place


def _row(segments: Sequence[tuple[int, str]], leaf: Leaf) -> Iterator[_Option]:
    """The options of a row; marks stand before them all, or after them all, or in their own segments."""
    found: list[tuple[int, int, Any]] = []
    marks: list[tuple[int, bool]] = []
    offset = 0
    for number, text in segments:
        found += [(offset + start, number, value) for start, value in _values(text, leaf)]
        marks += [(offset + m.start(), m["tick"] is not None) for m in _MARK.finditer(text)]
        offset += len(text) + 1
    if not found:
        return
    first, last = min(found)[0], max(found)[0]
    before = any(at < first for at, _ in marks)
    after = any(at > last for at, _ in marks)
    for start, number, value in found:
        own = next(text for n, text in segments if n == number)
        if before != after:
            near = [(at, tick) for at, tick in marks if (at < start) == before]
            others = [at for at, _, _ in found if at != start]
            mark = (max if before else min)(near, default=None)
            is_own = mark is not None and not any(
                min(mark[0], start) < at < max(mark[0], start) for at in others
            )
            yield _Option(value, number, mark[1] if mark and is_own else None)
        else:
            ticks = not after and is_ticked(own)
            yield _Option(value, number, True if ticks else None)


def _has_only_options(text: str, leaf: Leaf) -> bool:
    """Whether nothing but options, marks and what is between them is in a text."""
    if not any(_values(text, leaf)):
        return False
    if leaf.kind is LeafKind.CHOICE:
        for choice in sorted(leaf.choices, key=len, reverse=True):
            text = re.sub(re.escape(choice), " ", text, flags=re.IGNORECASE)
    else:
        text = _YES_OR_NO.sub(" ", text)
    return not any(map(str.isalnum, _BETWEEN.sub(" ", _MARK.sub(" ", text))))


def _values(text: str, leaf: Leaf) -> Iterator[tuple[int, Any]]:
    if leaf.kind is LeafKind.CHOICE:
        yield from ((span.start, span.value) for span in find_spans(text, leaf))
    else:
        for match in _YES_OR_NO.finditer(text):
            yield match.start(), match[0].casefold() in TRUE


def _left_edge(pages: KeyedPages, place: int, leaf: Leaf) -> float:
    """Where the column of an option begins that is one of a leaf's: at its key, if that is further left."""
    own = pages.straight[place]
    above = [
        segment.box
        for segment, alike in zip(pages.straight, pages.likenesses, strict=True)
        if segment.page == own.page
        and segment.box.left <= own.box.left + own.box.height
        and segment.box.center[1] <= own.box.bottom
        and any(key in alike for key in leaf.keys)
    ]
    nearest = max(above, key=lambda box: (box.center[1], box.left), default=own.box)
    return min(nearest.left, own.box.left)


def _below(pages: KeyedPages, place: int, edge: float) -> list[int]:
    """The lines below that begin where a segment does, down to one that has another text before it.

    Args:
        pages: To be looked through.
        place: Of the segment.
        edge: Left edge of the column; what ends before it is of another one.
    """
    lines = [place]
    while len(lines) <= _MOST_LINES:
        following = line_below(pages.straight, lines[-1], lines, _SPACE, left_aligned(1.0))
        if following is None or _has_text_before(pages, following, edge):
            break
        lines.append(_with_mark(pages, following))
    return lines[1:]


def _has_text_before(pages: KeyedPages, place: int, edge: float) -> bool:
    left = left_of(pages.straight, place)
    return (
        left is not None
        and pages.straight[left].box.right > edge
        and not _is_mark(pages.segments[left].text)
    )

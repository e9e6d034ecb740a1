"""Ranges of dates: "Billing period 1 June 2026 - 30 June 2026" for `period_start` and `period_end`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from hybrid.document import Segment
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.dates import find_dates
from hybrid.verify.keys.places import left_of
from hybrid.verify.keys.printed_keys import KeyedPages
from hybrid.verify.parties.titles import spaced

Side = Literal["start", "end"]

_SIDES: dict[str, Side] = {
    **dict.fromkeys(("start", "from", "begin", "begins", "starts", "von", "ab", "debut", "début"), "start"),
    **dict.fromkeys(("inicio", "desde", "inizio", "dal", "van", "od", "starting"), "start"),
    **dict.fromkeys(("end", "to", "until", "till", "through", "ends", "bis", "fin", "hasta"), "end"),
    **dict.fromkeys(("fine", "al", "tot", "do", "ending"), "end"),
}  # fmt: skip
"""Words of names of fields for the first and for the last day."""
_NO_WORDS = frozenset({"date", "datum", "fecha", "data", "day", "on"})
_JOINED = re.compile(
    r"\s*(?:[-–—]|to|until|till|through|thru|and|bis(?: zum)?|au|al|a|hasta(?: el)?|t/m|tot(?: en met)?|do|til)\s*",
    re.IGNORECASE,
)
"""Between the two dates."""
_PERIOD = re.compile(
    r"period|zeitraum|p[eé]riode|periodo|período|okres|\bterm\b|valid|g[uü]ltig|\bfrom\b|\bvo[mn]\b|\bdu\b|\bdal\b"
    r"|\bdel\b|\bdesde\b|coverage|insurance|statement|billing",
    re.IGNORECASE,
)
"""In a key of a range, whatever a field is called."""
_WITH_KEY = 0.7
"""Belief in a range whose key speaks of it."""
_ALONE = 0.5
"""Belief in the only range on the pages."""


class _Range(NamedTuple):
    """Two dates: index of the segment, and how many dates stand before them in it."""

    segment: int
    before: int
    key: str


def range_candidates(pages: KeyedPages, schema: FieldSchema, leaf: Leaf) -> list[Candidate]:
    """One end of the range that a document gives for a pair of fields.

    Args:
        pages: To be looked through.
        schema: That has the other end as well.
        leaf: Outside lists.

    Returns:
        A candidate; none where the ranges that may be meant are different ones.
    """
    asked = _asked(leaf)
    if asked is None or not _has_other_end(schema, leaf, asked):
        return []
    whose, side = asked
    ranges = list(_ranges(pages.segments, pages.straight))
    keyed = [r for r in ranges if whose & set(spaced(r.key).split()) or _PERIOD.search(r.key)]
    found: list[Candidate] = []
    for own in keyed or ranges:
        read = read_candidates([pages.segments[own.segment]], leaf, _WITH_KEY if keyed else _ALONE)
        place = own.before + (side == "end")
        if place < len(read):
            found.append(read[place])
    return found[:1] if len({c.key for c in found}) == 1 else []


def _asked(leaf: Leaf) -> tuple[frozenset[str], Side] | None:
    """Of what a leaf asks for an end, in words, and which; None for any other."""
    if leaf.kind not in (LeafKind.DATE, LeafKind.DATETIME) or leaf.list_path is not None:
        return None
    words = spaced(leaf.name).split()
    sides = {_SIDES[word] for word in words if word in _SIDES}
    if len(sides) != 1:
        return None
    return frozenset(w for w in words if w not in _SIDES and w not in _NO_WORDS), sides.pop()


def _has_other_end(schema: FieldSchema, leaf: Leaf, asked: tuple[frozenset[str], Side]) -> bool:
    parent = leaf.path.rpartition(".")[0]
    return any(
        (other := _asked(x)) is not None and other[0] == asked[0] and other[1] != asked[1]
        for x in schema.leaves
        if x.path.rpartition(".")[0] == parent
    )


def _ranges(segments: Sequence[Segment], straight: Sequence[Segment]) -> Iterator[_Range]:
    for index, segment in enumerate(segments):
        dates = sorted(find_dates(segment.text))
        for number in range(len(dates) - 1):
            (start, end, first), (following, _, second) = dates[number : number + 2]
            if first < second and _JOINED.fullmatch(segment.text, end, following):
                before = segment.text[:start].strip()
                yield _Range(index, number, before or _left_or_above(straight, index))


def _left_or_above(segments: Sequence[Segment], index: int) -> str:
    """The nearest text to the left on the row, else above; "" where there is none."""
    own = segments[index]
    left = left_of(segments, index)
    if left is not None:
        return segments[left].text
    above = [
        (s.box.bottom, s.text)
        for s in segments
        if s.page == own.page
        and s.box.center[1] < own.box.top
        and s.box.horizontal_overlap(own.box) > 0.3
        and own.box.top - s.box.bottom < own.box.height
    ]
    return max(above)[1] if above else ""

"""Read cells: where the cells of lists stand that an LLM read.

Of long lists small models cite no line, or another cell of the same row. What they read stands there all
the same, and is looked for where only one place can be meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hybrid.document import Document, Segment
from hybrid.verify.candidates import Candidate
from hybrid.verify.extract import Reading, candidate_of, cited, supported
from hybrid.verify.partial_dates import WholeDates
from hybrid.verify.repeated_items import ITEM
from hybrid.verify.replies import Claim

_SAME_ROW = 0.5
"""Part of its height that a segment shares with another one of its row."""


def cells_of(reading: Reading, document: Document) -> dict[str, Candidate]:
    """What the page supports of what was read of lists, by concrete path.

    A cell stands where it is cited, or on the rows of what is cited of its item, or anywhere on the
    pages; but there only if it stands there once.
    """
    dates = WholeDates(document)
    found: dict[str, Candidate] = {}
    for claims in _items(reading.claims):
        places = {claim.path: candidate_of(claim, document, dates=dates) for claim in claims}
        anchors = [s for claim in claims for s in cited(claim, document)]
        anchors += [s for s in document.segments if s.id in _segments_of(places.values())]
        row = [s for s in document.segments if any(_share_row(s, anchor) for anchor in anchors)]
        for claim in claims:
            place = places[claim.path] or _only(claim, row) or _only(claim, document.segments)
            if place is not None:
                found[claim.path] = place
    return found


def _items(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """The claims of each item of an outermost list."""
    items: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if match := ITEM.match(claim.path):
            items.setdefault((match[1], match[2]), []).append(claim)
    yield from items.values()


def _segments_of(places: Iterable[Candidate | None]) -> set[int]:
    return {number for place in places if place is not None for number in place.segments}


def _share_row(segment: Segment, anchor: Segment) -> bool:
    return segment.page == anchor.page and segment.box.vertical_overlap(anchor.box) >= _SAME_ROW


def _only(claim: Claim, segments: Sequence[Segment]) -> Candidate | None:
    """The one place where a value stands, or None where it stands nowhere or twice."""
    place = supported(claim, segments)
    if place is None:
        return None
    others = [s for s in segments if s.id not in place.segments]
    return place if supported(claim, others) is None else None

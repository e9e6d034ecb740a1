"""Read cells: where the cells of lists stand that an LLM read.

Of long lists small models cite no line, or another cell of the same row. What they read stands there all
the same, and is looked for where only one place can be meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hybrid.document import Document, Segment
from hybrid.schema import letters_and_digits
from hybrid.verify.candidates import Candidate
from hybrid.verify.extract import Reading, candidate_of, cited, supported
from hybrid.verify.partial_dates import WholeDates
from hybrid.verify.repeated_items import ITEM
from hybrid.verify.replies import Claim

_MOST_HOLDERS = 20
"""Segments that hold a value's letters and digits; of more, as of "2", one is hardly the only place."""


def cells_of(reading: Reading, document: Document) -> dict[str, Candidate]:
    """What the page supports of what was read of lists, by concrete path.

    A cell stands where it is cited, or on the rows of what is cited of its item, or anywhere on the
    pages; but there only if it stands there once.
    """
    dates = WholeDates(document)
    folded = [(segment, letters_and_digits(segment.text)) for segment in document.segments]
    found: dict[str, Candidate] = {}
    for claims in _items(reading.claims):
        places = {claim.path: candidate_of(claim, document, dates=dates) for claim in claims}
        missing = [claim for claim in claims if claim.value and places[claim.path] is None]
        row = _rows_of(claims, places.values(), document) if missing else []
        for claim in missing:
            places[claim.path] = _only(claim, row) or _only(claim, _holders(claim, folded))
        found |= {path: place for path, place in places.items() if place is not None}
    return found


def _items(claims: Iterable[Claim]) -> Iterator[list[Claim]]:
    """The claims of each item of an outermost list."""
    items: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        if match := ITEM.match(claim.path):
            items.setdefault((match[1], match[2]), []).append(claim)
    yield from items.values()


def _rows_of(
    claims: Iterable[Claim], places: Iterable[Candidate | None], document: Document
) -> list[Segment]:
    """The segments on the rows of what is cited of an item."""
    anchors = {s.id: s for claim in claims for s in cited(claim, document)}
    held = {number for place in places if place is not None for number in place.segments}
    anchors |= {s.id: s for s in document.segments if s.id in held}
    return [s for s in document.segments if any(_share_row(s, a) for a in anchors.values())]


def _share_row(segment: Segment, anchor: Segment) -> bool:
    return segment.page == anchor.page and segment.box.shares_row(anchor.box)


def _holders(claim: Claim, folded: Iterable[tuple[Segment, str]]) -> list[Segment]:
    """The segments that may be the one place of a value: none where too many hold its letters."""
    key = letters_and_digits(claim.value or "")
    holders = [segment for segment, text in folded if key in text] if key else []
    return holders if len(holders) <= _MOST_HOLDERS else []


def _only(claim: Claim, segments: Sequence[Segment]) -> Candidate | None:
    """The one place where a value stands, or None where it stands nowhere or twice."""
    place = supported(claim, segments)
    if place is None:
        return None
    others = [s for s in segments if s.id not in place.segments]
    return place if supported(claim, others) is None else None

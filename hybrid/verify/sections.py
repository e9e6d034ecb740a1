"""Sections: which of several like objects a value is of, as "VAT no." stands under "Bill to" and under "Ship to".

Objects of one class have fields with the same keys. What is printed under the name of one of them is its
own; what stands under none is of the only one whose name is not printed, or of nobody can say which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hybrid.document import BoundingBox, Document
from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.candidates import Candidate
from hybrid.verify.headings import SAME, heading_likeness

_FARTHEST = 14.0
"""Line heights from a section's name to the last value in it."""


def siblings_of(schema: FieldSchema, leaf: Leaf) -> list[Leaf]:
    """Leaves outside lists with the same keys in other objects: `ship_to.vat_no` of `bill_to.vat_no`."""
    parent = _parent(leaf)
    return [
        other
        for other in schema.leaves
        if parent
        and other.list_path is None
        and (other.name, other.keys) == (leaf.name, leaf.keys)
        and _parent(other) not in ("", parent)
    ]


def own_candidates(
    document: Document, leaf: Leaf, siblings: Sequence[Leaf], candidates: Sequence[Candidate]
) -> list[Candidate]:
    """Those of the candidates that may be the leaf's, not one of its siblings'.

    Args:
        document: That they stand in.
        leaf: Of an object.
        siblings: Of the leaf, at least one.
        candidates: Found by keys that all of them have.

    Returns:
        What stands in the leaf's own section; and what stands in none, where no other can have it. Where
        no section is named on the page, all, with the belief shared.
    """
    parents = [_parent(x) for x in (leaf, *siblings)]
    named = {parent: found for parent in parents if (found := _named(document, parent))}
    pages = {word.id: s.page for s in document.segments for word in s.words}
    kept: list[Candidate] = []
    for candidate in candidates:
        if not named:
            kept.append(candidate.with_gcn((candidate.gcn or 0.0) / len(parents)))
            continue
        box, page = candidate.words[0].box, pages[candidate.words[0].id]
        section = _section(box, page, named)
        unnamed = [parent for parent in parents if parent not in named]
        if section == parents[0] or (section is None and unnamed == parents[:1]):
            kept.append(candidate)
    return kept


def _parent(leaf: Leaf) -> str:
    return leaf.path.rpartition(".")[0]


def _named(document: Document, parent: str) -> list[tuple[int, BoundingBox]]:
    """Pages and boxes of the segments that begin a section."""
    name = parent.rpartition(".")[2].replace("_", " ")
    return [
        (segment.page, segment.box)
        for segment in document.segments
        if heading_likeness(segment.text.rstrip(":： "), name) >= SAME
    ]


def _section(
    box: BoundingBox, page: int, named: Mapping[str, Sequence[tuple[int, BoundingBox]]]
) -> str | None:
    """The section whose name is the nearest one above a box, in its column or to its left."""
    height = max(box.height, 1e-6)
    found: list[tuple[float, str]] = []
    for parent, places in named.items():
        for number, name in places:
            down = box.center[1] - name.center[1]
            in_reach = number == page and -0.5 * height <= down <= _FARTHEST * height
            aside = max(name.left - box.right, box.left - name.right, 0.0)
            if in_reach and name.left <= box.left + 2 * height:
                found.append((down + aside, parent))
    return min(found)[1] if found else None

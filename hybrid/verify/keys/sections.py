"""Sections: which of several like objects a value is of, as "VAT no." stands under "Bill to" and under "Ship to".

Objects of one class have fields with the same keys. What is printed under the name of one of them is its
own; what stands under none is of the only one whose name is not printed, or of nobody can say which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hybrid.document import BoundingBox, Document, Segment
from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.candidates import Candidate
from hybrid.verify.keys.places import Place, beside
from hybrid.verify.parties.roles import role_in, titles_of
from hybrid.verify.parties.titles import SENDS, is_title, spaced

_ANYWHERE = 1e9
"""To the right of every page."""
NOBODY_CAN_SAY = 0.34
"""Belief at most where the page names none of the objects: a value that two of them would have is abstained."""
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


@dataclass(frozen=True)
class Sections:
    """Where the objects of a schema are named on a document, looked for once for all leaves.

    Attributes:
        document: To be looked through.
        schema: Of the objects.
    """

    document: Document
    schema: FieldSchema

    def own_candidates(
        self, leaf: Leaf, siblings: Sequence[Leaf], candidates: Sequence[Candidate]
    ) -> list[Candidate]:
        """Those of the candidates that may be the leaf's, not one of its siblings'.

        Args:
            leaf: Of an object.
            siblings: Of the leaf, at least one.
            candidates: Found by keys that all of them have.

        Returns:
            What stands in the leaf's own section; and what stands in none, where no other can have it: that
            of who sends the document, whose block seldom has a name. Where no section is named on the page,
            all, with the belief shared: that abstains, and an LLM may tell.
        """
        parents = [_parent(x) for x in (leaf, *siblings)]
        sends = [p for p in parents if role_in(self.schema, spaced(_name(p))) == SENDS]
        named = {parent: self._named[parent] for parent in parents if parent in self._named}
        kept: list[Candidate] = []
        for candidate in candidates:
            if not named:
                share = (candidate.gcn or 0.0) / len(parents)
                kept.append(candidate.with_gcn(min(share, NOBODY_CAN_SAY)))
                continue
            box, page = candidate.words[0].box, self._pages[candidate.words[0].id]
            section = _section(box, page, named)
            unnamed = [p for p in sends or parents if p not in named]
            if section == parents[0] or (section is None and unnamed == parents[:1]):
                kept.append(candidate)
        return kept

    @cached_property
    def _pages(self) -> dict[int, int]:
        """Word id to the page that it stands on."""
        return {word.id: s.page for s in self.document.segments for word in s.words}

    @cached_property
    def _named(self) -> dict[str, list[tuple[int, BoundingBox]]]:
        """Pages and boxes of the segments that begin a section, by the path of its object."""
        paths = {_parent(leaf) for leaf in self.schema.leaves if leaf.list_path is None} - {""}
        segments = self.document.segments
        found: dict[str, list[tuple[int, BoundingBox]]] = {}
        for parent in paths:
            titles = titles_of(_name(parent), self.schema)
            for index, segment in enumerate(segments):
                if is_title(segment.text, titles):
                    found.setdefault(parent, []).append((segment.page, _column(segments, index)))
        return found


def _parent(leaf: Leaf) -> str:
    return leaf.path.rpartition(".")[0]


def _name(parent: str) -> str:
    return parent.rpartition(".")[2]


def _column(segments: Sequence[Segment], index: int) -> BoundingBox:
    """A section's name as far to the right as its column goes.

    Where lines follow below the name, what stands to its right begins another column; else it is the
    section's own, and the page's width is its column.
    """
    name = segments[index]
    near = dict(reversed([(place, other) for other, place in beside(segments, index)]))
    box, right = name.box, _ANYWHERE
    if Place.BELOW in near and Place.RIGHT in near:
        right = segments[near[Place.RIGHT]].box.left
    return BoundingBox(left=box.left, top=box.top, right=max(right, box.right), bottom=box.bottom)


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
            aside = max(name.left - box.right, 0.0)
            if in_reach and name.left - 2 * height <= box.left < name.right:
                found.append((down + aside, parent))
    return min(found)[1] if found else None

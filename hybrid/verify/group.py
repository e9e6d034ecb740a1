"""Group: labelled segments become the items of a list, by where they stand on the page.

The list's first leaf that was found (an item's name, a form's question) is the anchor; every other
entity joins the anchor that it is linked to, where the GCN has learned links between the two, and else
the one that it is nearest to, as `distance` measures it. Texts of one leaf become
one value only where they follow each other: a value that is put together from afar stands nowhere
on the page. A question with answers in several places therefore has several pairs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from hybrid.document import BoundingBox, Document, Segment
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.candidates import Candidate, NodeProbabilities, read_candidates
from hybrid.verify.distance import FARTHEST, distance_in_item, distance_in_pair
from hybrid.verify.propose import label_columns

if TYPE_CHECKING:
    from hybrid.gcn.pairing import Links

_BETWEEN = 4
"""Segments of other texts that may stand between two pieces of one, in reading order: the lines of
an address beside another column. Chosen with true labels on the training documents of FUNSD and
XFUND (German) without `dev`."""
_BETWEEN_ALL = 8
"""The same for all pieces of one text together."""

_MARKS = frozenset({"x", "v", "✓", "✔", "✗", "☒", "☑", "■", "●"})


@dataclass(frozen=True)
class Entity:
    """Neighbouring segments with the same label.

    Attributes:
        leaf: That the label feeds.
        segments: On one row, left to right, or the lines of one text.
        probability: Mean over the segments.
    """

    leaf: Leaf
    segments: tuple[Segment, ...]
    probability: float

    @cached_property
    def box(self) -> BoundingBox:
        """Around all its segments."""
        return BoundingBox.union_of(s.box for s in self.segments)

    @cached_property
    def line_height(self) -> float:
        """Of its lowest segment, in page units; never 0."""
        return max(min(s.box.height for s in self.segments), 1e-6)

    @cached_property
    def is_mark(self) -> bool:
        """A cross or a tick in a box."""
        text = "".join(s.text for s in self.segments)
        return text.casefold().strip(" []().|_") in _MARKS


def group_lists(
    document: Document, schema: FieldSchema, predictions: NodeProbabilities
) -> dict[str, Candidate]:
    """The items of every list in the schema, as far as the labels go.

    Args:
        document: Its segments are the graph's nodes.
        schema: Only its leaves inside lists count; lists in lists are left to the LLM.
        predictions: `[segments, labels]`.

    Returns:
        Concrete path ("menu[2].price") to candidate; items in the order of their anchors.
    """
    found: dict[str, Candidate] = {}
    lists = dict.fromkeys(leaf.list_path for leaf in schema.leaves if leaf.list_path)
    for path in lists:
        if path is None or "[]" in path:
            continue
        leaves = [leaf for leaf in schema.leaves if leaf.list_path == path]
        entities = _entities(document.segments, leaves, predictions)
        places = {segment.id: place for place, segment in enumerate(document.segments)}
        items = _items(entities, leaves, places, _links_between(leaves, predictions))
        for number, item in enumerate(items):
            for leaf, candidate in item.items():
                found[leaf.path.replace("[]", f"[{number}]", 1)] = candidate
    return found


def _entities(
    segments: Sequence[Segment], leaves: Sequence[Leaf], predictions: NodeProbabilities
) -> list[Entity]:
    if not segments:
        return []
    best = predictions.probabilities.argmax(axis=1)
    columns = {leaf: label_columns(leaf, predictions) for leaf in leaves}
    entities: list[Entity] = []
    for index, segment in enumerate(segments):
        for leaf in leaves:
            if best[index] not in columns[leaf]:
                continue
            probability = float(predictions.probabilities[index, columns[leaf]].sum())
            entity = Entity(leaf, (segment,), probability)
            if entities and _continues(entities[-1], entity):
                previous = entities.pop()
                entity = _joined([previous, entity])
            entities.append(entity)
    return entities


def _joined(entities: Sequence[Entity]) -> Entity:
    segments = tuple(s for e in entities for s in e.segments)
    weighted = sum(e.probability * len(e.segments) for e in entities)
    return Entity(entities[0].leaf, segments, weighted / len(segments))


def _continues(first: Entity, second: Entity) -> bool:
    """The next words of the same text on the same row."""
    if first.leaf != second.leaf or first.leaf.kind is not LeafKind.TEXT:
        return False
    a, b = first.segments[-1], second.segments[0]
    same_row = a.page == b.page and a.box.shares_row(b.box)
    return same_row and b.box.left - a.box.left >= 0 and b.box.left - a.box.right < a.box.height


def _links_between(leaves: Sequence[Leaf], predictions: NodeProbabilities) -> Links | None:
    """The links, if they are between the leaves of this list."""
    links = predictions.links
    if links is None:
        return None
    fed = {predictions.labels[k] for leaf in leaves for k in label_columns(leaf, predictions)}
    return links if {links.question, links.answer} <= fed else None


def _items(
    entities: list[Entity],
    leaves: Sequence[Leaf],
    places: Mapping[int, int],
    links: Links | None,
) -> list[dict[Leaf, Candidate]]:
    anchor_leaf = next((x for x in leaves if any(e.leaf == x for e in entities)), None)
    anchors = [e for e in entities if e.leaf == anchor_leaf]
    items: list[list[Entity]] = [[anchor] for anchor in anchors]
    alone: list[list[Entity]] = []
    are_pairs = all(leaf.kind is LeafKind.TEXT for leaf in leaves)
    others = [e for e in entities if e.leaf != anchor_leaf]
    if are_pairs:  # from top to bottom, so that an answer can follow the one above it
        others.sort(key=lambda e: (e.segments[0].page, e.box.top, e.box.left))
    for entity in others:
        home = (
            _linked(items, entity, places, links) if links else _nearest(items, entity, are_pairs)
        )
        if home is None:
            alone.append([entity])
        else:
            home.append(entity)
    if are_pairs:
        items = [part for item in items for part in _parted(item, places)]
    read = [item for item in (_read(item, places) for item in [*items, *alone]) if item]
    if not are_pairs and any(len(item) > 1 for item in read):
        # Among items with amounts, a lone name is a greeting or a clerk, a lone amount a stray.
        return [item for item in read if len(item) > 1]
    return read


def _linked(
    items: Sequence[list[Entity]], entity: Entity, places: Mapping[int, int], links: Links
) -> list[Entity] | None:
    """The item whose anchor is likelier the entity's question than any other, and than none."""
    own = [places[s.id] for s in entity.segments]
    shares = [links.between([places[s.id] for s in item[0].segments], own) for item in items]
    best = max(range(len(items)), key=shares.__getitem__)
    return items[best] if shares[best] > 1.0 - sum(shares) else None


def _nearest(items: Sequence[list[Entity]], entity: Entity, are_pairs: bool) -> list[Entity] | None:
    """The item whose anchor is nearest, unless that is too far."""
    distances = [_distance(item, entity, are_pairs) for item in items]
    nearest = min(range(len(distances)), key=distances.__getitem__)
    return items[nearest] if distances[nearest] <= FARTHEST else None


def _distance(item: Sequence[Entity], entity: Entity, are_pairs: bool) -> float:
    """How far an entity is from an item, whose first entity is the anchor."""
    anchor = item[0]
    if anchor.segments[0].page != entity.segments[0].page:
        return math.inf
    if not are_pairs:
        return distance_in_item(anchor.box, entity.box, anchor.line_height)
    return distance_in_pair(
        anchor.box,
        entity.box,
        min(anchor.line_height, entity.line_height),
        [e.box for e in item[1:]],
        is_mark=entity.is_mark,
    )


def _parted(pair: Sequence[Entity], places: Mapping[int, int]) -> list[list[Entity]]:
    """A question with each of its answers; one pair where there is no answer or one."""
    anchor, *answers = pair
    return [[anchor, *text] for text in _texts(answers, places)] or [[anchor]]


def _texts(entities: Sequence[Entity], places: Mapping[int, int]) -> list[list[Entity]]:
    """Entities in reading order, parted where one does not follow the last."""
    texts: list[list[Entity]] = []
    end = between = 0
    for entity in sorted(entities, key=lambda e: places[e.segments[0].id]):
        gap = places[entity.segments[0].id] - end
        between += gap
        if texts and gap <= _BETWEEN and between <= _BETWEEN_ALL:
            texts[-1].append(entity)
        else:
            texts.append([entity])
            between = 0
        end = places[entity.segments[-1].id] + 1
    return texts


def _read(item: Sequence[Entity], places: Mapping[int, int]) -> dict[Leaf, Candidate]:
    """One candidate a leaf: of a text the pieces that follow each other, of an amount the surest.

    Where an item has a text in several places, the place of the surest piece counts.
    """
    found: dict[Leaf, Candidate] = {}
    for leaf in dict.fromkeys(e.leaf for e in item):
        entities = [e for e in item if e.leaf == leaf]
        if leaf.kind is LeafKind.TEXT:
            surest = max(entities, key=lambda e: e.probability)
            entities = [_joined(text) for text in _texts(entities, places) if surest in text]
        candidates = [
            candidate
            for entity in sorted(entities, key=lambda e: -e.probability)
            for candidate in read_candidates(entity.segments, leaf, entity.probability)
        ]
        if candidates:
            found[leaf] = candidates[0]
    return found

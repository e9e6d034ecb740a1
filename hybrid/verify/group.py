"""Group: labelled segments become the items of a list, by where they stand on the page.

One rule serves receipts and forms. The list's first leaf that was found (an item's name, a form's
question) is the anchor; every other entity joins the anchor that it most plausibly belongs to: on
the same row first, else the nearest one above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybrid.document import BoundingBox, Document, Segment
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.candidates import Candidate, NodeProbabilities, read_candidates
from hybrid.verify.propose import label_columns

_FARTHEST = 6.0
"""In line heights: an entity farther below every anchor than this stays alone."""


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

    @property
    def box(self) -> BoundingBox:
        """Around all its segments."""
        return BoundingBox.union_of(s.box for s in self.segments)


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
        for number, item in enumerate(_items(entities, leaves)):
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
    same_row = a.page == b.page and a.box.vertical_overlap(b.box) >= 0.5
    return same_row and b.box.left - a.box.left >= 0 and b.box.left - a.box.right < a.box.height


def _items(entities: list[Entity], leaves: Sequence[Leaf]) -> list[dict[Leaf, Candidate]]:
    anchor_leaf = next((x for x in leaves if any(e.leaf == x for e in entities)), None)
    anchors = [e for e in entities if e.leaf == anchor_leaf]
    items: list[list[Entity]] = [[anchor] for anchor in anchors]
    alone: list[list[Entity]] = []
    for entity in entities:
        if entity.leaf == anchor_leaf:
            continue
        costs = [_cost(anchor, entity) for anchor in anchors]
        nearest = min(range(len(costs)), key=costs.__getitem__)
        if costs[nearest] <= _FARTHEST:
            items[nearest].append(entity)
        else:
            alone.append([entity])
    read = [item for item in (_read(item) for item in [*items, *alone]) if item]
    if any(leaf.kind is not LeafKind.TEXT for leaf in leaves) and any(len(i) > 1 for i in read):
        # Among items with amounts, a lone name is a greeting or a clerk, a lone amount a stray.
        return [item for item in read if len(item) > 1]
    return read


def _cost(anchor: Entity, entity: Entity) -> float:
    """How far an entity is from an anchor, in line heights; infinite where it cannot belong."""
    if anchor.segments[0].page != entity.segments[0].page:
        return float("inf")
    a, e = anchor.box, entity.box
    height = max(min(s.box.height for s in anchor.segments), 1e-6)
    if a.vertical_overlap(e) >= 0.5:
        to_the_right = max(e.left - a.right, 0.0) / height
        to_the_left = max(a.left - e.right, 0.0) / height
        # On its row even a far column belongs to the anchor; left of it (a count) a little less.
        return min(0.05 * to_the_right + 0.15 * to_the_left, 3.0)
    gap = (e.top - a.bottom) / height
    if gap < -0.5:
        return float("inf")
    aside = 0.0 if a.horizontal_overlap(e) > 0 else min(abs(e.left - a.left) / height * 0.1, 2.0)
    return 1.0 + max(gap, 0.0) * 1.5 + aside


def _read(item: Sequence[Entity]) -> dict[Leaf, Candidate]:
    """One candidate a leaf: texts are joined in reading order, of typed ones the surest is kept."""
    found: dict[Leaf, Candidate] = {}
    for leaf in dict.fromkeys(e.leaf for e in item):
        entities = [e for e in item if e.leaf == leaf]
        if leaf.kind is LeafKind.TEXT:
            entities = [_joined(entities)]
        candidates = [
            candidate
            for entity in sorted(entities, key=lambda e: -e.probability)
            for candidate in read_candidates(entity.segments, leaf, entity.probability)
        ]
        if candidates:
            found[leaf] = candidates[0]
    return found

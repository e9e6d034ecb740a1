"""Samples with other segments: ids, labels, links, entities and gold stay consistent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hybrid.document import BoundingBox, Document, Page, Segment, Word

from ..datasets.base import BACKGROUND, Entity, GoldValue, Sample


@dataclass(frozen=True)
class Node:
    """A segment of the new document and the one that it comes from.

    Attributes:
        segment: Its id is given anew; its page is that of the new document.
        source: Index into the original document's segments; None for a segment that is new.
    """

    segment: Segment
    source: int | None


def nodes_of(sample: Sample) -> list[Node]:
    """The segments as they are."""
    return [Node(segment, k) for k, segment in enumerate(sample.document.segments)]


def rebuild(
    sample: Sample,
    nodes: Sequence[Node],
    *,
    document_id: str | None = None,
    pages: Sequence[Page] | None = None,
    values: Sequence[GoldValue] | None = None,
    words: Mapping[int, tuple[int, ...]] | None = None,
    image_path: Path | None = None,
    retype_entities: bool = False,
    keep_tree: bool = True,
) -> Sample:
    """A sample with the segments given; all that refers to them follows.

    Args:
        sample: The original.
        nodes: In reading order, ordered by page. New segments get the background as label, and
            numbers above all others as released ids.
        document_id: Of the result; None for the same.
        pages: Frames of the result's pages, whose segments do not count; None for the same.
        values: The gold, with segment ids of the original; None for the same.
        words: Word id in the original to ids in the result, where they differ.
        image_path: The picture that shows the result.
        retype_entities: Entities take the texts of their words where these are others, and then
            have no characters in the release any more; else their gold text stays.
        keep_tree: Whether the gold of the task `structure` still holds.

    Returns:
        Segments have ids from 0. Links and entities that lost an end, or all their words, are gone,
        and gold values lose the ids of segments that are.
    """
    original = sample.document
    segments: list[Segment] = []
    new_id: dict[int, int] = {}
    for number, node in enumerate(nodes):
        segments.append(node.segment.model_copy(update={"id": number}))
        if node.source is not None:
            new_id[original.segments[node.source].id] = number
    frames = original.pages if pages is None else pages
    document = Document(
        id=original.id if document_id is None else document_id,
        source=original.source,
        sha256=original.sha256,
        pages=tuple(
            Page(
                number=frame.number,
                width=frame.width,
                height=frame.height,
                unit=frame.unit,
                source=frame.source,
                segments=tuple(s for s in segments if s.page == frame.number),
                image=frame.image if image_path else None,
            )
            for frame in frames
        ),
        warnings=original.warnings,
        seconds=original.seconds,
    )
    kept = sample.values if values is None else tuple(values)
    return Sample(
        document=document,
        labels=_labels(sample, nodes),
        values=None if kept is None else tuple(_moved(value, new_id) for value in kept),
        tree=sample.tree if keep_tree else None,
        links=tuple((new_id[a], new_id[b]) for a, b in sample.links if a in new_id and b in new_id),
        entities=_entities(sample, segments, words or {}, retype_entities),
        released_ids=_released_ids(sample, nodes),
        image_path=image_path,
    )


def _labels(sample: Sample, nodes: Sequence[Node]) -> tuple[str, ...] | None:
    labels = sample.labels
    if labels is None:
        return None
    return tuple(BACKGROUND if n.source is None else labels[n.source] for n in nodes)


def _released_ids(sample: Sample, nodes: Sequence[Node]) -> tuple[int, ...]:
    if not sample.released_ids:
        return ()
    fresh = max(sample.released_ids) + 1
    found = []
    for node in nodes:
        if node.source is None:
            found.append(fresh)
            fresh += 1
        else:
            found.append(sample.released_ids[node.source])
    return tuple(found)


def _moved(value: GoldValue, new_id: Mapping[int, int]) -> GoldValue:
    ids = tuple(new_id[k] for k in value.segment_ids if k in new_id)
    return value.model_copy(update={"segment_ids": ids})


def _entities(
    sample: Sample,
    segments: Sequence[Segment],
    words: Mapping[int, tuple[int, ...]],
    retype_entities: bool,
) -> tuple[Entity, ...]:
    before = {w.id: w.text for s in sample.document.segments for w in s.words}
    after = {w.id: w.text for s in segments for w in s.words}
    found = []
    for entity in sample.entities:
        ids = [new for old in entity.word_ids for new in words.get(old, (old,))]
        ids = list(dict.fromkeys(k for k in ids if k in after))
        if not ids:
            continue
        update: dict[str, object] = {"word_ids": tuple(ids)}
        if retype_entities and [before[k] for k in entity.word_ids] != [after[k] for k in ids]:
            update |= {"text": " ".join(after[k] for k in ids), "character_ids": ()}
        found.append(entity.model_copy(update=update))
    return tuple(found)


def next_word_id(sample: Sample) -> int:
    """The first id above those of all words."""
    return max((w.id for s in sample.document.segments for w in s.words), default=-1) + 1


def share_out(texts: Sequence[str], box: BoundingBox) -> list[BoundingBox]:
    """Cuts a line's box among its words, from left to right, by their shares of its characters.

    Args:
        texts: The words; every character, and the blank between two words, is equally wide.
        box: Around all of them.
    """
    length = max(len(" ".join(texts)), 1)
    boxes = []
    position = 0
    for text in texts:
        left = box.left + box.width * position / length
        right = box.left + box.width * min(position + len(text), length) / length
        boxes.append(BoundingBox(left=left, top=box.top, right=right, bottom=box.bottom))
        position += len(text) + 1
    return boxes


def retype(segment: Segment, text: str, first: int, last: int, next_id: int) -> Segment:
    """A segment with another text in place of some of its words.

    Args:
        segment: The original; its box is kept.
        text: Its whole new text; what it shares with the old one are whole words.
        first: Index of the first word that changes.
        last: Index of the last word that changes.
        next_id: Above all ids of the document's words, for words that are more than before.

    Returns:
        The segment with its words. As many words as before keep their boxes; else the boxes of the
        changed words are shared out among the new ones.
    """
    before, after = segment.words[:first], segment.words[last + 1 :]
    old = segment.words[first : last + 1]
    tokens = text.split()
    changed = tokens[len(before) : len(tokens) - len(after)]
    boxes = [w.box for w in old]
    if len(changed) != len(old):
        boxes = share_out(changed, BoundingBox.union_of(boxes))
    ids = [w.id for w in old] + list(range(next_id, next_id + len(changed)))
    fresh = tuple(
        Word(id=word_id, text=token, box=box, confidence=old[0].confidence)
        for word_id, token, box in zip(ids, changed, boxes, strict=False)
    )
    words = (*before, *fresh, *after)
    return segment.model_copy(update={"text": " ".join(w.text for w in words), "words": words})

"""Documents of one's own to learn from: which segments hold their gold values.

The gold of the dataset `own` says what is on a document, not where. A network that is trained on it
needs a label for each segment; an LLM, the lines that it should cite.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hybrid.document import Segment
from hybrid.errors import DatasetError, unknown_name
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.keys.keyed_values import key_beside
from hybrid.verify.propose import labels_of

from .datasets.base import BACKGROUND, GoldValue, Sample
from .datasets.registry import read_dataset
from .hallucination.locate import holders

OWN = "own"


def read_to_learn(
    name: str,
    root: Path | None,
    split: str,
    schema: FieldSchema | None = None,
    limit: int | None = None,
) -> list[Sample]:
    """A split of a dataset; documents of one's own with a label for each segment.

    Args:
        name: A key of `DATASETS`.
        root: Folder of its release; None for one that is drawn.
        split: One of its splits.
        schema: Of the dataset `own`; others have their own.
        limit: Of the first so many documents.

    Raises:
        DatasetError: If the dataset is unknown, missing or broken, its own schema is missing, or
            the gold has a field that the schema has not.
    """
    if name != OWN:
        return read_dataset(name, root, split, limit=limit)
    if schema is None:
        raise DatasetError(f"dataset {OWN} has no schema of its own: give one with --schema")
    samples = read_dataset(name, root, split, cache=True, limit=limit)
    return [with_labels(sample, schema) for sample in samples]


def known_labels(name: str, labels: Sequence[str], schema: FieldSchema | None) -> tuple[str, ...]:
    """The labels of a dataset; of documents of one's own those of the schema's fields."""
    if name != OWN or schema is None:
        return tuple(labels)
    return tuple(dict.fromkeys((BACKGROUND, *(labels_of(leaf)[0] for leaf in schema.leaves))))


def with_labels(sample: Sample, schema: FieldSchema) -> Sample:
    """A document whose segments are labelled by the gold values that stand in them.

    Where several segments hold a value, the one beside one of its field's keys is taken; else the
    first, and of amounts outside lists the last, as totals stand below what they sum up. A text may
    run over lines. A segment that holds several values is the first one's, typed ones before texts.

    Args:
        sample: With values whose labels are paths of the schema without indices.
        schema: Says of which type they are.

    Raises:
        DatasetError: If a value is of no field of the schema.
    """
    segments = sample.document.segments
    leaves = {leaf.path.replace("[]", ""): leaf for leaf in schema.leaves}
    labels = [BACKGROUND] * len(segments)
    placed: dict[int, tuple[int, ...]] = {}
    values = list(sample.values or ())
    unknown = sorted({value.label for value in values} - leaves.keys())
    if unknown:
        raise DatasetError(
            f"the gold of document {sample.id} names an {unknown_name('field', unknown[0], leaves)}"
        )
    by_kind = sorted(
        range(len(values)), key=lambda k: leaves[values[k].label].kind is LeafKind.TEXT
    )
    for number in by_kind:
        value = values[number]
        leaf = leaves[value.label]
        free = [k for k, label in enumerate(labels) if label == BACKGROUND]
        places = _places([segments[k] for k in free], value, leaf)
        placed[number] = tuple(segments[free[k]].id for k in places)
        for k in places:
            labels[free[k]] = labels_of(leaf)[0]
    return sample.model_copy(
        update={
            "labels": tuple(labels),
            "values": tuple(
                value.model_copy(update={"segment_ids": placed[k]})
                for k, value in enumerate(values)
            ),
        }
    )


def _places(segments: Sequence[Segment], value: GoldValue, leaf: Leaf) -> list[int]:
    """Indices of the segments that hold a value: one, or the lines of a text."""
    texts = [segment.text for segment in segments]
    found = holders(texts, value.text, str(leaf.kind))
    alone = [k for k in found if holders([texts[k]], value.text, str(leaf.kind))]
    if leaf.kind is LeafKind.TEXT and len(alone) != len(found):
        return found  # over several lines
    keyed = [k for k in alone if key_beside(segments, k, leaf)]
    last = leaf.kind is LeafKind.NUMBER and leaf.list_path is None
    return (keyed or (alone[-1:] if last else alone))[:1]

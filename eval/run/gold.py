"""The gold of a sample as rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hybrid.schema import LeafKind

from ..datasets.base import BACKGROUND, Sample
from ..hallucination.alignment import is_spelled_out
from ..hallucination.folding import FoldedTexts
from ..metrics.spans import entity_key
from ..records import fold
from ..tasks import Task
from .rows import Asked, Place, item_row, released_ids_of, union_of_segments, value_columns

Row = dict[str, Any]


def gold_rows(
    sample: Sample, place: Place, task: Task, asked: Asked | None, spans: bool
) -> Iterator[Row]:
    """The rows of one task.

    Args:
        sample: With gold for the task; without any there are no rows.
        place: Of the document.
        task: What is asked.
        asked: The fields, for all tasks but `label`.
        spans: Entities of words are the items of `label`.
    """
    if task.task == "label":
        yield from _span_rows(sample, place) if spans else _label_rows(sample, place)
    elif task.task == "link":
        yield from _link_rows(sample, place)
    elif asked is not None and task.task == "field":
        yield from _value_rows(sample, place, asked)
    elif asked is not None:
        for path, label, text in leaves_of_tree(sample.tree or {}):
            kind = asked.kinds().get(label, LeafKind.TEXT)
            columns = value_columns(text, None, kind)
            yield item_row(place, "structure", path=path, label=label, text=text, **columns)


def _label_rows(sample: Sample, place: Place) -> Iterator[Row]:
    numbers = released_ids_of(sample)
    for segment, label in zip(sample.document.segments, sample.labels or (), strict=False):
        if label != BACKGROUND:
            path = numbers[segment.id]
            yield item_row(
                place,
                "label",
                path=path,
                label=label,
                text=segment.text,
                key=path,
                box=(segment.page, segment.box),
            )


def _span_rows(sample: Sample, place: Place) -> Iterator[Row]:
    numbers = released_ids_of(sample)
    segment_of = {w.id: s for s in sample.document.segments for w in s.words}
    for entity in sample.entities:
        ids = [segment_of[w].id for w in entity.word_ids]
        yield item_row(
            place,
            "label",
            path=" ".join(numbers[k] for k in ids),
            label=entity.label,
            text=entity.text,
            key=entity_key(entity, sample.document, sample.released_ids),
            box=union_of_segments(sample, ids),
        )


def _link_rows(sample: Sample, place: Place) -> Iterator[Row]:
    numbers = released_ids_of(sample)
    texts = {s.id: s for s in sample.document.segments}
    for question, answer in sample.links_between("question", "answer"):
        path = f"{numbers[question]}->{numbers[answer]}"
        target = texts[answer]
        yield item_row(
            place,
            "link",
            path=path,
            label="link",
            text=target.text,
            key=path,
            box=(target.page, target.box),
        )


def _value_rows(sample: Sample, place: Place, asked: Asked) -> Iterator[Row]:
    if asked.only is not None and not any(v.path == asked.only for v in sample.values or ()):
        # Asked for, and absent: an answer to it is invented.
        yield item_row(
            place, "field", path=asked.only, label=_without_indices(asked.only), text=None, key=None
        )
        return
    kinds = asked.kinds()
    read = FoldedTexts([segment.text for segment in sample.document.segments], fold)
    for value in sample.values or ():
        if asked.only is not None and value.path != asked.only:
            continue
        label = fold(value.label) if asked.is_form else value.label
        columns = value_columns(value.text, None, kinds.get(label, LeafKind.TEXT))
        box = union_of_segments(sample, value.segment_ids)
        columns["on_page"] = is_spelled_out(columns["key"], read)
        yield item_row(
            place, "field", path=value.path, label=label, text=value.text, box=box, **columns
        )


def _without_indices(path: str) -> str:
    return "".join(part.partition("]")[2] if i else part for i, part in enumerate(path.split("[")))


def leaves_of_tree(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str, str]]:
    """Path, path without indices, and text of each leaf of a nested receipt."""
    for name, child in tree.items():
        here = f"{path}.{name}" if path else name
        for number, entry in enumerate(child if isinstance(child, list) else [child]):
            concrete = f"{here}[{number}]" if isinstance(child, list) else here
            if isinstance(entry, Mapping):
                yield from leaves_of_tree(entry, concrete)
            elif entry is not None:
                yield concrete, _without_indices(concrete), str(entry)

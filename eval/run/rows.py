"""What gold and predicted rows have in common: which leaf is compared by which name and type."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from hybrid.document import BoundingBox
from hybrid.schema import FieldSchema, Leaf, LeafKind

from ..datasets.base import Sample
from ..hallucination.alignment import typed_key
from ..hallucination.numbers import strip_currency
from ..records import ITEM_SCHEMA, fold
from ..tasks import TaskDataset, load_tasks

NUMBERS = (LeafKind.NUMBER, LeafKind.INTEGER)


@dataclass(frozen=True)
class Place:
    """Where rows belong: the columns that all rows of a document share."""

    dataset: str
    split: str
    condition: str
    document_id: str


@dataclass(frozen=True)
class Asked:
    """What is asked for on a dataset, and how answers are compared.

    Attributes:
        schema: The fields.
        label: As in `TaskDataset`.
        only: Path of the one field that counts, in counterfactual documents; None for all.
    """

    schema: FieldSchema
    label: str
    only: str | None = None

    @property
    def is_form(self) -> bool:
        """Items are pairs of a question and its answer."""
        return self.label == "question"

    def compared_label(self, leaf: Leaf) -> str:
        """The name by which a leaf's values are compared."""
        if self.label == "gcn_label" and leaf.labels:
            return leaf.labels[0]
        return leaf.path.replace("[]", "")

    def compared_path(self, path: str, leaf: Leaf) -> str:
        """A concrete path in the names that the gold has: "menu[0].name" is "menu[0].nm"."""
        label = self.compared_label(leaf)
        head = re.match(r"(.+\[\d+\])\.", path)
        if self.label != "gcn_label" or head is None or leaf.list_path is None:
            return path if self.label != "gcn_label" else label
        return f"{head[1]}.{label.removeprefix(leaf.list_path.replace('[]', '') + '.')}"

    def kinds(self) -> dict[str, LeafKind]:
        """Compared label to type; empty for forms, whose values are texts."""
        if self.is_form:
            return {}
        return {self.compared_label(leaf): leaf.kind for leaf in self.schema.leaves}


def asked_on(task: TaskDataset, given: FieldSchema | None, only: str | None = None) -> Asked:
    """What a task asks on a dataset; the user's own schema wins."""
    return Asked(task.schema_for(given), task.label, only)


def asked_of_all(dataset: str, given: FieldSchema | None = None) -> Asked | None:
    """What every document of a dataset is asked for; None where it has no fixed fields, as forms.

    Args:
        dataset: A key of `DATASETS`.
        given: Of a dataset that has no schema of its own.
    """
    task = load_tasks()["field"].datasets.get(dataset)
    if task is None or task.label == "question":
        return None
    own = given if task.schema_name is None else None
    return None if task.schema_name is None and own is None else asked_on(task, own)


def item_row(
    place: Place,
    task: str,
    *,
    path: str,
    label: str,
    text: str | None,
    key: str | None,
    system: str = "",
    box: tuple[int, BoundingBox] | None = None,
    **columns: Any,
) -> dict[str, Any]:
    """A row of `predictions.parquet` with all its columns.

    Args:
        place: Of the document.
        task: Name of the task.
        path: Of the item.
        label: By which it is compared.
        text: Verbatim.
        key: What decides whether two items are the same.
        system: "" for gold.
        box: Page and box, where there is a place.
        columns: Others of `ITEM_SCHEMA`; what is missing is null.
    """
    row: dict[str, Any] = dict.fromkeys(ITEM_SCHEMA)
    row |= {
        "dataset": place.dataset,
        "split": place.split,
        "condition": place.condition,
        "document_id": place.document_id,
        "task": task,
        "system": system,
        "origin": "prediction" if system else "gold",
        "path": path,
        "label": label,
        "text": text,
        "key": key,
    }
    if box is not None:
        page, where = box
        left, top, right, bottom = (round(v, 2) for v in where.as_tuple())
        row |= {"page": page, "left": left, "top": top, "right": right, "bottom": bottom}
    return row | columns


def value_columns(text: str, value: str | None, kind: LeafKind) -> dict[str, Any]:
    """`text`, `value`, `key` and `typed_key` of a value of that type.

    A currency beside an amount is no part of what is compared: releases print "9.00" and "RM9.00"
    for the same total.
    """
    shown = strip_currency(text) if kind in NUMBERS else text
    key = typed_key(value, kind.value, is_value=True) if value else typed_key(text, kind.value)
    return {"value": value, "key": fold(shown), "typed_key": key}


def plain_value(value: Any) -> str | None:
    """A typed value as text: ISO 8601, a plain decimal, or the text itself."""
    if value is None:
        return None
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float, Decimal)):
        number = Decimal(str(value))
        return format(number.normalize(), "f") if number else "0"
    return str(value)


def union_of_segments(sample: Sample, ids: Sequence[int]) -> tuple[int, BoundingBox] | None:
    """Page and box around segments, of those on the first one's page; None for no segments."""
    wanted = set(ids)
    found = [s for s in sample.document.segments if s.id in wanted]
    if not found:
        return None
    page = found[0].page
    return page, BoundingBox.union_of(s.box for s in found if s.page == page)


def released_ids_of(sample: Sample) -> dict[int, str]:
    """Of each segment the release's own number, or ours where the release has none."""
    ids = [s.id for s in sample.document.segments]
    return {k: str(number) for k, number in zip(ids, sample.released_ids or ids, strict=True)}

"""Notices: what a schema asks for that a checkpoint cannot give, said once for each document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hybrid.errors import unknown_name
from hybrid.extraction import FieldResult
from hybrid.schema import FieldSchema

_NAMED = 3
"""Fields that a warning names."""


def unread_lists(
    unknown: Iterable[str], fields: Mapping[str, FieldResult], way_out: str
) -> list[str]:
    """A warning for each list that nothing could fill: without it, it would look like an empty one.

    Args:
        unknown: Lists that the checkpoint does not know.
        fields: What was found.
        way_out: What would fill them.
    """
    return [
        f"{path}: the checkpoint knows none of the fields of this list and no table's headings are "
        f"like their names or Keys, so it is left empty; {way_out}"
        for path in unknown
        if not any(found.startswith(f"{path}[") for found in fields)
    ]


def unknown_labels(schema: FieldSchema, known: Sequence[str]) -> list[str]:
    """A warning about fields whose labels are all unknown: without it, a slip in one goes unseen.

    Args:
        schema: Of the documents.
        known: The checkpoint's labels, its background first.
    """
    lacking = [x for x in schema.leaves if x.labels and not set(x.labels) & set(known)]
    if not lacking:
        return []
    paths = ", ".join(leaf.path for leaf in lacking[:_NAMED])
    more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
    return [
        f"the checkpoint knows no label of {paths}{more}, so keys are looked for instead: "
        f"{unknown_name('label', lacking[0].labels[0], known[1:])}"
    ]

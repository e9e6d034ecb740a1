"""Which shipped checkpoint serves a schema that names none."""

from __future__ import annotations

from hybrid.schema import FieldSchema

_FORM_LABELS = {"question", "answer", "header"}


def default_checkpoint(schema: FieldSchema) -> str:
    """The shipped checkpoint that fits a schema.

    `forms` finds answers by the words beside them, so it also serves a schema without any labels.
    """
    labels = {label for leaf in schema.leaves for label in leaf.labels}
    return "forms" if labels <= _FORM_LABELS else "receipts"

"""What is used where nothing is named: a checkpoint that fits the schema; of LLMs there is none."""

from __future__ import annotations

from hybrid.errors import UnknownModelError
from hybrid.schema import FieldSchema

_FORM_LABELS = {"question", "answer", "header"}


def default_checkpoint(schema: FieldSchema) -> str:
    """The shipped checkpoint that fits a schema.

    `forms` finds answers by the words beside them, so it also serves a schema without any labels.
    """
    labels = {label for leaf in schema.leaves for label in leaf.labels}
    return "forms" if labels <= _FORM_LABELS else "receipts"


def named_llm(llm: str | None, way_out: str) -> str:
    """An LLM's name, where one is needed.

    Args:
        llm: As a program gives it; None and "none", as on the command line, name none.
        way_out: What does without, for the error.

    Raises:
        UnknownModelError: If none is named.
    """
    if llm is None or llm == "none":
        raise UnknownModelError(f"an LLM is asked for, not {llm!r}; without one: {way_out}")
    return llm

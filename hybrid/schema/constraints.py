"""Constraints: what a model demands of one field's value, such as `gt=0` or a pattern.

They belong to the field's type when a text is read: a reading that breaks them is none. Validators
are not among them: they may change a value, or look at other fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Annotated, Any

from annotated_types import BaseMetadata, GroupedMetadata
from pydantic import FailFast, Strict, StringConstraints
from pydantic.fields import FieldInfo


def constrained(annotation: Any, metadata: Iterable[Any]) -> Any:
    """A type with those of its marks that are constraints.

    Args:
        annotation: Without `Annotated` and `None`.
        metadata: What a model's field has in its `Annotated` and `Field`.
    """
    kept = tuple(_constraints(metadata))
    return Annotated[annotation, *kept] if kept else annotation


def _constraints(metadata: Iterable[Any]) -> Iterator[Any]:
    for mark in metadata:
        if isinstance(mark, FieldInfo):  # Annotated[Decimal, Field(lt=100)] | None
            yield from _constraints(mark.metadata)
        elif isinstance(mark, StringConstraints):
            # Neither letters are changed, so that a value is what stands on the page, nor types told.
            checks = replace(mark, strict=None, to_upper=None, to_lower=None)
            if checks != StringConstraints():
                yield checks
        elif isinstance(mark, (Strict, FailFast)) or hasattr(mark, "union_mode"):
            continue  # about Python types: what is read from text is made the right one
        elif isinstance(mark, (BaseMetadata, GroupedMetadata)):
            yield mark

"""Kinds: what the text of a field is read as, by the field's type."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from pydantic import AnyUrl, EmailStr

from hybrid.errors import SchemaError
from hybrid.schema.nodes import LeafKind

_SIMPLE = {
    bool: LeafKind.BOOLEAN,
    int: LeafKind.INTEGER,
    float: LeafKind.NUMBER,
    Decimal: LeafKind.NUMBER,
    datetime: LeafKind.DATETIME,
    date: LeafKind.DATE,
    time: LeafKind.TIME,
    str: LeafKind.TEXT,
}
_CHECKED_TEXTS = (AnyUrl, UUID)


def kind_of(annotation: Any, path: str) -> tuple[LeafKind, tuple[str, ...]]:
    """What a type's text is read as, and the texts of an enum or a literal.

    Args:
        annotation: Without `Annotated` and `None`.
        path: Of the field, for the error.

    Raises:
        SchemaError: If no text can fill it.
    """
    if get_origin(annotation) is Literal:
        return LeafKind.CHOICE, tuple(str(a) for a in get_args(annotation))
    if isinstance(annotation, type):
        if issubclass(annotation, Enum):
            return LeafKind.CHOICE, tuple(str(member.value) for member in annotation)
        # bool before int and datetime before date: each is the other's subclass.
        for base, kind in _SIMPLE.items():
            if issubclass(annotation, base):
                return kind, ()
        # Classes of pydantic's own, or without one among `str`'s: the type checks the text.
        if annotation is EmailStr or issubclass(annotation, _CHECKED_TEXTS):
            return LeafKind.TEXT, ()
    raise SchemaError(
        f"schema field {path}: {annotation!r} cannot be filled from text; use str, int, float, "
        "Decimal, date, datetime, time, bool, UUID, an address (AnyUrl, EmailStr), an enum, a Literal, "
        "a model, or a list of these"
    )

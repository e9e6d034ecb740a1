"""A user's pydantic model as the fields to fill: leaf paths, types, and the labels that feed them.

A *leaf* is a field that holds one value. Its path names it as one would write it in Python:
`total`, `sub_total.tax`, `menu[].price`; in a result the brackets hold an index, `menu[0].price`.
"""

from __future__ import annotations

import re
import types
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from hybrid.errors import SchemaError

_MAX_DEPTH = 8


@dataclass(frozen=True, init=False)
class Labels:
    """Marks a leaf with the GCN labels that feed it: `Annotated[str | None, Labels("company")]`."""

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


@dataclass(frozen=True, init=False)
class Keys:
    """Marks a leaf with words that stand beside its value on the page: `Keys("Amount due")`.

    The field's own name is always one of them. They let a checkpoint that knows questions and
    answers, such as `forms`, fill a schema that it was not trained for.
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


class LeafKind(StrEnum):
    """What a leaf's text is read as."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True)
class Leaf:
    """One field that holds a value.

    Attributes:
        path: Such as "menu[].price".
        name: The field's own name, "price".
        kind: What its text is read as.
        annotation: The type as the model declares it, without `None`.
        description: From the model, or "".
        labels: GCN labels that feed it; empty where the schema names none.
        keys: Words that stand beside its value, the field's name among them.
        choices: Allowed texts of an enum or a literal, else empty.
        required: The model does not allow None.
    """

    path: str
    name: str
    kind: LeafKind
    annotation: Any = field(hash=False)
    description: str = ""
    labels: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    required: bool = False

    @property
    def list_path(self) -> str | None:
        """Path of the innermost list around it ("menu" for "menu[].price"), or None."""
        head, bracket, _ = self.path.rpartition("[]")
        return head if bracket else None

    def typed(self, value: Any) -> Any:
        """The value as the model's own type, validated.

        Raises:
            ValueError: If the model does not take it.
        """
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(f"{self.path}: {error.errors()[0]['msg']}") from None

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        """Made once: it takes longer than to check a value."""
        return TypeAdapter(self.annotation)


@dataclass(frozen=True)
class ObjectNode:
    """A nested model: name to child, in the model's order."""

    fields: dict[str, Node]
    model: type[BaseModel]


@dataclass(frozen=True)
class ListNode:
    """A list of models or of values."""

    item: Node
    description: str = ""


Node = ObjectNode | ListNode | Leaf


class FieldSchema:
    """The leaves of a pydantic model, and how to fill it from them.

    Args:
        model: Any pydantic model of nested models, lists and values.

    Raises:
        SchemaError: If a field has a type that no text can fill; the message names the field.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model
        self.name = model.__name__
        self.root = _object_node(model, "", 0)
        self.leaves: tuple[Leaf, ...] = tuple(leaves_of(self.root))
        if not self.leaves:
            raise SchemaError(f"schema {self.name}: it has no fields to fill")

    @cached_property
    def by_path(self) -> dict[str, Leaf]:
        """Leaf path (with empty brackets) to leaf."""
        return {leaf.path: leaf for leaf in self.leaves}

    @property
    def is_flat(self) -> bool:
        """True where no leaf stands in a list: then nothing needs to be structured."""
        return all(leaf.list_path is None for leaf in self.leaves)

    def leaf_of(self, path: str) -> Leaf:
        """The leaf of a concrete path such as "menu[3].price".

        Raises:
            KeyError: If the schema has no such leaf.
        """
        return self.by_path[re.sub(r"\[\d+\]", "[]", path)]

    def fill(self, values: Mapping[str, Any]) -> tuple[BaseModel, list[str]]:
        """The model with these values; what has none is None, and lists have the items given.

        Args:
            values: Concrete path to typed value or None.

        Returns:
            The instance, and a warning for each field that the model's own validation refuses
            (the instance is then built without validation, so that no result is lost).
        """
        data = _assemble(self.root, "", values)
        try:
            # Values are by the fields' names; their aliases are for other people's JSON.
            return self.model.model_validate(data, by_name=True, by_alias=False), []
        except ValidationError as error:
            warnings = [
                f"{f'field {place}' if place else f'schema {self.name}'}: {item['msg']}"
                for item in error.errors()
                for place in [".".join(str(part) for part in item["loc"])]
            ]
            return _construct(self.root, data), warnings


def leaves_of(node: Node) -> Iterator[Leaf]:
    """All leaves below a node, in the model's order."""
    if isinstance(node, Leaf):
        yield node
    elif isinstance(node, ListNode):
        yield from leaves_of(node.item)
    else:
        for child in node.fields.values():
            yield from leaves_of(child)


def part_of(node: ObjectNode, paths: Collection[str]) -> ObjectNode:
    """A schema with some of its leaves outside lists only, in the same order.

    Args:
        node: Of the whole schema.
        paths: Of the leaves that are kept.
    """
    fields: dict[str, Node] = {}
    for name, child in node.fields.items():
        if isinstance(child, Leaf) and child.path in paths:
            fields[name] = child
        elif isinstance(child, ObjectNode) and (part := part_of(child, paths)).fields:
            fields[name] = part
    return ObjectNode(fields, node.model)


def _object_node(model: type[BaseModel], prefix: str, depth: int) -> ObjectNode:
    if depth > _MAX_DEPTH:
        raise SchemaError(f"schema field {prefix}: models nest deeper than {_MAX_DEPTH} levels")
    fields: dict[str, Node] = {}
    for name, info in model.model_fields.items():
        path = f"{prefix}.{name}" if prefix else name
        fields[name] = _node(info.annotation, info, path, name, depth)
    return ObjectNode(fields, model)


def _node(annotation: Any, info: FieldInfo, path: str, name: str, depth: int) -> Node:
    metadata: list[Any] = list(info.metadata)
    annotation, nullable, inner = _strip(annotation)
    metadata += inner
    if get_origin(annotation) in (list, tuple, set, frozenset):
        item, _, item_metadata = _strip(get_args(annotation)[0] if get_args(annotation) else str)
        item_path = f"{path}[]"
        if isinstance(item, type) and issubclass(item, BaseModel):
            return ListNode(_object_node(item, item_path, depth + 1), info.description or "")
        leaf = _leaf(item, metadata + item_metadata, info, item_path, name, nullable=False)
        return ListNode(leaf, info.description or "")
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _object_node(annotation, path, depth + 1)
    return _leaf(annotation, metadata, info, path, name, nullable)


def _strip(annotation: Any) -> tuple[Any, bool, list[Any]]:
    """Takes `Annotated` and `None` off; returns the rest, whether None was allowed, and metadata."""
    metadata: list[Any] = []
    nullable = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *extra = get_args(annotation)
            metadata += extra
        elif origin in (Union, types.UnionType):
            rest = [a for a in get_args(annotation) if a is not type(None)]
            nullable = nullable or len(rest) < len(get_args(annotation))
            if len(rest) != 1:
                return annotation, nullable, metadata
            annotation = rest[0]
        else:
            return annotation, nullable, metadata


def _leaf(
    annotation: Any, metadata: list[Any], info: FieldInfo, path: str, name: str, nullable: bool
) -> Leaf:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    labels = [n for m in metadata if isinstance(m, Labels) for n in m.names]
    keys = [n for m in metadata if isinstance(m, Keys) for n in m.names]
    kind, choices = _kind(annotation, path)
    return Leaf(
        path=path,
        name=name,
        kind=kind,
        annotation=annotation,
        description=info.description or "",
        labels=tuple(labels + _strings(extra.get("labels"))),
        keys=tuple(dict.fromkeys([*keys, *_strings(extra.get("keys")), name.replace("_", " ")])),
        choices=choices,
        required=not nullable and info.is_required(),
    )


def _strings(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, (list, tuple)) else []


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


def _kind(annotation: Any, path: str) -> tuple[LeafKind, tuple[str, ...]]:
    if get_origin(annotation) is Literal:
        return LeafKind.CHOICE, tuple(str(a) for a in get_args(annotation))
    if isinstance(annotation, type):
        if issubclass(annotation, Enum):
            return LeafKind.CHOICE, tuple(str(member.value) for member in annotation)
        # bool before int and datetime before date: each is the other's subclass.
        for base, kind in _SIMPLE.items():
            if issubclass(annotation, base):
                return kind, ()
    raise SchemaError(
        f"schema field {path}: {annotation!r} cannot be filled from text; use str, int, float, "
        "Decimal, date, datetime, time, bool, an enum, a Literal, a model, or a list of these"
    )


def _assemble(node: ObjectNode, prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, child in node.fields.items():
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(child, Leaf):
            data[name] = values.get(path)
        elif isinstance(child, ObjectNode):
            data[name] = _assemble(child, path, values)
        else:
            indices = {
                int(match.group(1))
                for key in values
                if (match := re.match(re.escape(path) + r"\[(\d+)\]", key))
            }
            data[name] = [_item(child.item, f"{path}[{i}]", values) for i in sorted(indices)]
    return data


def _item(node: Node, path: str, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ObjectNode):
        return _assemble(node, path, values)
    return values.get(path)


def _construct(node: ObjectNode, data: Mapping[str, Any]) -> BaseModel:
    """The model without validation of the whole, nested models included."""
    values: dict[str, Any] = {}
    for name, child in node.fields.items():
        if isinstance(child, ObjectNode):
            values[name] = _construct(child, data[name])
        elif isinstance(child, ListNode) and isinstance(child.item, ObjectNode):
            item = child.item
            values[name] = [_construct(item, entry) for entry in data[name]]
        else:
            values[name] = data[name]
    return node.model.model_construct(**values)

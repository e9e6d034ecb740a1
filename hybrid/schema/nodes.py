"""The parts of a schema: leaves that hold one value each, models around them, and lists.

A *leaf*'s path names it as one would write it in Python: `total`, `sub_total.tax`, `menu[].price`; in
a result the brackets hold an index, `menu[0].price`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError


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
        annotation: The type as the model declares it, without `None`, with the constraints of its
            own (`gt=0`, a pattern).
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
    def plain_type(self) -> Any:
        """The type without its constraints."""
        constrained = get_origin(self.annotation) is Annotated
        return get_args(self.annotation)[0] if constrained else self.annotation

    @property
    def constraints(self) -> tuple[str, ...]:
        """What the model demands of a value beside its type, the same in every run."""
        constrained = get_origin(self.annotation) is Annotated
        marks = get_args(self.annotation)[1:] if constrained else ()
        # A function is written with its address in memory.
        return tuple(re.sub(r" at 0x[0-9a-f]+", "", repr(mark)) for mark in marks)

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
        if self.choices and isinstance(value, str):
            value = self._members.get(value, value)
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            raise ValueError(f"{self.path}: {error.errors()[0]['msg']}") from None

    @cached_property
    def plain_adapter(self) -> TypeAdapter[Any]:
        """Validates the type without its constraints."""
        return TypeAdapter(self.plain_type)

    @cached_property
    def _members(self) -> dict[str, Any]:
        """What each choice's text stands for: 2 for the "2" of `Literal[1, 2]` or an `IntEnum`."""
        plain = self.plain_type
        if get_origin(plain) is Literal:
            return {str(choice): choice for choice in get_args(plain)}
        return {str(member.value): member for member in plain}

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
    """A schema with some of its fields only, in the same order.

    Args:
        node: Of the whole schema.
        paths: Of the leaves outside lists that are kept, and of the outermost lists.
    """
    fields: dict[str, Node] = {}
    for name, child in node.fields.items():
        if (isinstance(child, Leaf) and child.path in paths) or (
            isinstance(child, ListNode)
            and any(outermost_list(x) in paths for x in leaves_of(child))
        ):
            fields[name] = child
        elif isinstance(child, ObjectNode) and (part := part_of(child, paths)).fields:
            fields[name] = part
    return ObjectNode(fields, node.model)


def outermost_list(leaf: Leaf) -> str | None:
    """Path of the outermost list around a leaf ("menu" for "menu[].parts[].name"), or None."""
    head, bracket, _ = leaf.path.partition("[]")
    return head if bracket else None


def with_keys(node: ObjectNode, more: Mapping[str, Sequence[str]]) -> ObjectNode:
    """A schema of which some leaves have more keys.

    Args:
        node: Of the whole schema.
        more: Leaf path (with empty brackets) to keys, which come after those it has.
    """
    return ObjectNode({n: _with_keys(child, more) for n, child in node.fields.items()}, node.model)


def _with_keys(node: Node, more: Mapping[str, Sequence[str]]) -> Node:
    if isinstance(node, ObjectNode):
        return with_keys(node, more)
    if isinstance(node, ListNode):
        return replace(node, item=_with_keys(node.item, more))
    added = more.get(node.path, ())
    return replace(node, keys=tuple(dict.fromkeys([*node.keys, *added]))) if added else node

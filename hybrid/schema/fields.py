"""A user's pydantic model as the fields to fill: leaf paths, types, and the labels that feed them."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from hybrid.errors import SchemaError
from hybrid.schema.constraints import constrained
from hybrid.schema.fill import assembled, filled
from hybrid.schema.kinds import kind_of
from hybrid.schema.nodes import (
    Leaf,
    ListNode,
    Node,
    ObjectNode,
    leaves_of,
    outermost_list,
    with_keys,
)
from hybrid.schema.words import without_unit, words_of

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

    The field's own name and its alias are always among them, "payDate" as "pay date". Without any of your own, what
    business documents call such a field is looked for too (`hybrid/schema/vocabulary.toml`). They let a
    checkpoint that knows questions and answers, such as `forms`, fill a schema that it was not
    trained for.
    """

    names: tuple[str, ...]

    def __init__(self, *names: str) -> None:
        object.__setattr__(self, "names", names)


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

    @property
    def outermost_lists(self) -> list[str]:
        """Paths of the lists that stand in no other list, in order."""
        return list(dict.fromkeys(filter(None, map(outermost_list, self.leaves))))

    def leaf_of(self, path: str) -> Leaf:
        """The leaf of a concrete path such as "menu[3].price".

        Raises:
            KeyError: If the schema has no such leaf.
        """
        return self.by_path[re.sub(r"\[\d+\]", "[]", path)]

    def with_keys(self, more: Mapping[str, Sequence[str]]) -> FieldSchema:
        """The same schema, of which some leaves have more keys.

        Args:
            more: Leaf path (with empty brackets) to keys, which come after those it has.
        """
        made = object.__new__(FieldSchema)
        made.model, made.name = self.model, self.name
        made.root = with_keys(self.root, more)
        made.leaves = tuple(leaves_of(made.root))
        return made

    def fill(self, values: Mapping[str, Any]) -> tuple[BaseModel, list[str]]:
        """The model with these values; what has none is None, and lists have the items given.

        Args:
            values: Concrete path to typed value or None.

        Returns:
            The instance, and a warning for each field that the model's own validation refuses
            (the instance is then built without validation, so that no result is lost).
        """
        return filled(self.root, assembled(self.root, "", values))


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
        leaf = _leaf(item, metadata, item_metadata, info, item_path, name, nullable=False)
        return ListNode(leaf, info.description or "")
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _object_node(annotation, path, depth + 1)
    return _leaf(annotation, [], metadata, info, path, name, nullable)


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
    annotation: Any,
    of_list: list[Any],
    own: list[Any],
    info: FieldInfo,
    path: str,
    name: str,
    nullable: bool,
) -> Leaf:
    """A leaf; labels and keys may also stand at the list around it, constraints there are the list's."""
    metadata = of_list + own
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    labels = [n for m in metadata if isinstance(m, Labels) for n in m.names]
    keys = [n for m in metadata if isinstance(m, Keys) for n in m.names]
    kind, choices = kind_of(annotation, path)
    return Leaf(
        path=path,
        name=name,
        kind=kind,
        annotation=constrained(annotation, own),
        description=info.description or "",
        labels=tuple(labels + _strings(extra.get("labels"))),
        keys=tuple(dict.fromkeys([*keys, *_strings(extra.get("keys")), *_names(name, info)])),
        choices=choices,
        required=not nullable and info.is_required(),
    )


def _strings(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, (list, tuple)) else []


def _names(name: str, info: FieldInfo) -> list[str]:
    """Words of a field's name, of its aliases, which are often the better names, and without its unit."""
    aliases = (info.alias, info.validation_alias)
    names = [words_of(x) for x in (name, *aliases) if isinstance(x, str)]
    return [*names, words_of(without_unit(name))]

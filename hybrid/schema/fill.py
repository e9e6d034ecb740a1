"""Values become the model that they were read for, also where it does not take all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from hybrid.schema.nodes import Leaf, ListNode, Node, ObjectNode

_NOT_NONE = ("_type", "enum", "literal_error")
"""How the names of pydantic's errors end that say that None has the wrong type."""


def filled(root: ObjectNode, data: Mapping[str, Any]) -> tuple[BaseModel, list[str]]:
    """The model of a schema with its data.

    Args:
        root: The schema.
        data: A value for each field by name, objects as mappings, lists as lists.

    Returns:
        The instance, and a warning for each field that the model's own validation refuses
        (the instance is then built of its fields, each validated by itself and taken as it is where
        that fails too, so that no result is lost).
    """
    try:
        # Values are by the fields' names; their aliases are for other people's JSON.
        return root.model.model_validate(data, by_name=True, by_alias=False), []
    except ValidationError as error:
        return _constructed(root, data), [_warning(root, item) for item in error.errors()]


def _warning(root: ObjectNode, item: ErrorDetails) -> str:
    """What a model's validation refuses, as a person reads it."""
    place = ".".join(str(part) for part in item["loc"])
    if not place:
        return f"schema {root.model.__name__}: {item['msg']}"
    if item["input"] is None and item["type"].endswith(_NOT_NONE):
        leaf = _leaf_at(root, item["loc"])
        if leaf is None:
            return f"field {place}: no value was found"
        plain = leaf.plain_type
        kind = plain.__name__ if isinstance(plain, type) else "..."
        return f"field {place}: no value was found; `{leaf.name}: {kind} | None = None` allows that"
    return f"field {place}: {item['msg']}"


def _leaf_at(node: Node, place: Sequence[str | int]) -> Leaf | None:
    """The leaf at a place as pydantic names it; None where it is a list's item or no field at all."""
    for step in place:
        if isinstance(node, ListNode):
            node = node.item
        elif isinstance(node, ObjectNode) and step in node.fields:
            node = node.fields[str(step)]
        else:
            return None
    return node if isinstance(node, Leaf) and "[]" not in node.path[-2:] else None


def assembled(node: ObjectNode, prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by concrete path as nested data, with None where there is none."""
    data: dict[str, Any] = {}
    for name, child in node.fields.items():
        path = f"{prefix}.{name}" if prefix else name
        if isinstance(child, Leaf):
            data[name] = values.get(path)
        elif isinstance(child, ObjectNode):
            data[name] = assembled(child, path, values)
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
        return assembled(node, path, values)
    return values.get(path)


def _constructed(node: ObjectNode, data: Mapping[str, Any]) -> BaseModel:
    """The model without validation of the whole, nested models included."""
    values = {
        name: _part(child, node.model.model_fields[name], data[name])
        for name, child in node.fields.items()
    }
    return node.model.model_construct(**values)


def _part(node: Node, info: FieldInfo, value: Any) -> Any:
    """A field by itself, so that another one's fault does not undo what its type makes of a value.

    The model's `field_validator`s have no part in it: they may look at the other fields.
    """
    try:
        return _adapter(info).validate_python(value, by_name=True, by_alias=False)
    except ValidationError:
        if isinstance(node, ObjectNode) and isinstance(value, Mapping):
            return _constructed(node, value)
        if isinstance(node, ListNode) and isinstance(node.item, ObjectNode):
            return [filled(node.item, entry)[0] for entry in value]
        return value


def _adapter(info: FieldInfo) -> TypeAdapter[Any]:
    annotation: Any = info.annotation
    marks = tuple(info.metadata)
    return TypeAdapter(Annotated[annotation, *marks] if marks else annotation)

"""Values become the model that they were read for, also where it does not take all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from hybrid.schema_nodes import Leaf, ListNode, Node, ObjectNode


def filled(root: ObjectNode, data: Mapping[str, Any]) -> tuple[BaseModel, list[str]]:
    """The model of a schema with its data.

    Args:
        root: The schema.
        data: A value for each field by name, objects as mappings, lists as lists.

    Returns:
        The instance, and a warning for each field that the model's own validation refuses
        (the instance is then built without validation, so that no result is lost).
    """
    try:
        # Values are by the fields' names; their aliases are for other people's JSON.
        return root.model.model_validate(data, by_name=True, by_alias=False), []
    except ValidationError as error:
        warnings = [
            f"{f'field {place}' if place else f'schema {root.model.__name__}'}: {item['msg']}"
            for item in error.errors()
            for place in [".".join(str(part) for part in item["loc"])]
        ]
        return _constructed(root, data), warnings


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
    values: dict[str, Any] = {}
    for name, child in node.fields.items():
        if isinstance(child, ObjectNode):
            values[name] = _constructed(child, data[name])
        elif isinstance(child, ListNode) and isinstance(child.item, ObjectNode):
            item = child.item
            values[name] = [_constructed(item, entry) for entry in data[name]]
        else:
            values[name] = data[name]
    return node.model.model_construct(**values)

"""Reading back: the model out of what was written of it, also where it does not validate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from hybrid.errors import SchemaError
from hybrid.schema import FieldSchema
from hybrid.schema.fill import filled
from hybrid.schema.nodes import Leaf, ListNode, Node, ObjectNode


class _OtherTypeError(ValueError):
    """A value has another type than the schema says: this was not written of it."""


def read_back(model: type[BaseModel], data: Mapping[str, Any], *, is_json: bool) -> BaseModel:
    """The model of a stored result.

    Where it was built without validation, it is so again: by the same code, of the same values.

    Args:
        model: That it was made for.
        data: By name or by alias.
        is_json: It was JSON, in which strict models take texts for dates.

    Raises:
        ValidationError: If fields are missing or have another type, so that this is no data of the
            model; as pydantic says it.
    """
    try:
        if is_json:
            return model.model_validate_json(json.dumps(data), by_alias=True, by_name=True)
        return model.model_validate(data, by_alias=True, by_name=True)
    except ValidationError as error:
        if any(item["type"] == "missing" for item in error.errors()):
            raise
        try:
            root = FieldSchema(model).root
            return filled(root, _typed_object(root, data))[0]
        except (SchemaError, _OtherTypeError):
            raise error from None


def _typed_object(node: ObjectNode, data: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the fields' names; what else was written, such as computed fields, is left out."""
    found: dict[str, Any] = {}
    for name, child in node.fields.items():
        info = node.model.model_fields[name]
        names = (name, info.serialization_alias, info.alias)
        key = next((n for n in names if n is not None and n in data), name)
        found[name] = _typed(child, data.get(key))
    return found


def _typed(node: Node, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(node, Leaf):
        return _typed_leaf(node, value)
    if isinstance(node, ObjectNode) and isinstance(value, Mapping):
        return _typed_object(node, value)
    if isinstance(node, ListNode) and isinstance(value, (list, tuple, set, frozenset)):
        return [_typed(node.item, entry) for entry in value]
    raise _OtherTypeError


def _typed_leaf(leaf: Leaf, value: Any) -> Any:
    # Constraints are what a stored value may break; its type it has.
    try:
        return leaf.plain_adapter.validate_python(value)
    except ValidationError:
        raise _OtherTypeError from None

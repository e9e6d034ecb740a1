"""Writing: a model as plain data, also where parts of it raise when they are asked for.

Users' models have computed fields and serializers that take every field for granted
(`self.gross - self.tax`). What was not found is None, and a result must be written all the same.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python


def field_by_field(data: BaseModel, path: str = "", **options: Any) -> dict[str, Any]:
    """`data.model_dump(**options)`, with null for each computed field that raises.

    Args:
        data: Of a user's model.
        path: Of this object in the whole.
        options: Those of `model_dump`.
    """
    return _written(data, path, options)[0]


def problems_of(data: BaseModel) -> list[str]:
    """A warning for each part that raises when it is written; most models have none."""
    try:
        data.model_dump_json(warnings="none")
    except Exception:  # noqa: BLE001, RUF100  # it is a user's code that runs, and is named below
        return _written(data, "", {"mode": "json"})[1]
    return []


def _written(
    data: BaseModel, path: str, options: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    written: dict[str, Any] = {}
    problems: list[str] = []
    for name in [*type(data).model_fields, *type(data).model_computed_fields]:
        place = f"{path}.{name}" if path else name
        try:
            written |= data.model_dump(include={name}, warnings="none", **options)
        except Exception as error:  # noqa: BLE001, RUF100  # it is a user's code that runs
            value, found = _instead(data, name, place, options)
            problems += found or [f"field {place}: cannot be written, {_said(error)}"]
            if value is not None or not options.get("exclude_none"):
                written[_key(data, name, options)] = value
    return written, problems


def _instead(
    data: BaseModel, name: str, place: str, options: dict[str, Any]
) -> tuple[Any, list[str]]:
    """What is written for a part that raises, and what in it raises if that is known more closely."""
    if name in type(data).model_computed_fields:
        return None, []
    value = getattr(data, name)
    if isinstance(value, BaseModel):
        return _written(value, place, options)
    if isinstance(value, (list, tuple)) and all(isinstance(item, BaseModel) for item in value):
        parts = [_written(item, f"{place}[{i}]", options) for i, item in enumerate(value)]
        return [part for part, _ in parts], [problem for _, found in parts for problem in found]
    return (to_jsonable_python(value) if options.get("mode") == "json" else value), []


def _key(data: BaseModel, name: str, options: dict[str, Any]) -> str:
    if not options.get("by_alias"):
        return name
    if computed := type(data).model_computed_fields.get(name):
        return computed.alias or name
    return type(data).model_fields[name].serialization_alias or name


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".replace("\n", " ")

"""A JSON Schema as a pydantic model: the part of the language that describes fields to fill."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from hybrid.errors import SchemaError
from hybrid.schema.fields import Keys, Labels

_FORMATS: dict[str, type] = {"date": dt.date, "date-time": dt.datetime, "time": dt.time}
_SIMPLE: dict[str, type] = {"number": Decimal, "integer": int, "boolean": bool}
_OUTER = ("title", "description", "x-labels", "x-keys")
_MAX_DEPTH = 16
_WRITTEN_NUMBER = frozenset({"number", "integer", "string"})
"""Alternatives that together mean a number: pydantic writes a Decimal as number or string."""


def model_from_json_schema(schema: Any, name: str) -> type[BaseModel]:
    """A model with the fields of a JSON Schema.

    Understood: objects, arrays, strings (with the formats date, date-time and time), numbers,
    integers, booleans, enums of texts, null, local `$ref`s, titles and descriptions; "x-labels" and
    "x-keys" are lists of texts that become `Labels` and `Keys`. Constraints such as "minimum" are
    not checked.

    Args:
        schema: The parsed JSON; its top level must be an object's schema.
        name: Of the model, where the schema has no title.

    Raises:
        SchemaError: If a part cannot be understood; the message names the field.
    """
    if not isinstance(schema, dict):
        raise SchemaError("a JSON Schema is an object")
    reader = _Reader(schema)
    node, _ = reader.plain(schema, "", ())
    if reader.kind(node, "") != "object":
        raise SchemaError('the top level must have "type": "object"')
    return reader.model(node, "", name, ())


class _Reader:
    """Walks one JSON Schema; `refs` are the references that lead to where it is."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root

    def model(
        self, node: dict[str, Any], path: str, name: str, refs: tuple[str, ...]
    ) -> type[BaseModel]:
        """The model of an object's schema."""
        properties = node.get("properties")
        if not isinstance(properties, dict) or not properties:
            raise _error(path, "an object needs properties")
        if path.count(".") + path.count("[]") > _MAX_DEPTH:
            raise _error(path, f"objects nest deeper than {_MAX_DEPTH} levels")
        required = node.get("required", [])
        fields: dict[str, Any] = {}
        for key, value in properties.items():
            inner = f"{path}.{key}" if path else key
            _check_name(key, inner)
            fields[key] = self.field(value, inner, key in required, refs)
        with warnings.catch_warnings():
            # A document's field may well be called "copy" or "json", like methods of a model.
            warnings.filterwarnings("ignore", message="Field name", category=UserWarning)
            return create_model(
                _class_name(str(node.get("title") or name)),
                __doc__=node.get("description"),
                __config__=ConfigDict(protected_namespaces=()),
                **fields,
            )

    def field(self, node: Any, path: str, required: bool, refs: tuple[str, ...]) -> tuple[Any, Any]:
        """`(annotation, FieldInfo)` of a property."""
        node, nullable, refs = self.resolved(node, path, refs)
        annotation = self.annotation(node, path, refs)
        texts = {name: node[name] for name in ("title", "description") if name in node}
        if required and not nullable:
            return annotation, Field(**texts)
        if self.kind(node, path) == "array":
            return annotation, Field(default_factory=list, **texts)
        return annotation | None, Field(default=None, **texts)

    def annotation(self, node: dict[str, Any], path: str, refs: tuple[str, ...]) -> Any:
        """The type of a resolved schema, with its labels and keys."""
        kind = self.kind(node, path)
        result: Any
        if kind == "object":
            result = self.model(node, path, path.rpartition(".")[2].removesuffix("[]"), refs)
        elif kind == "array":
            inner = f"{path}[]"
            item, _, item_refs = self.resolved(node.get("items", {}), inner, refs)
            result = list[self.annotation(item, inner, item_refs)]  # type: ignore[misc]
        elif kind == "enum":
            result = Literal[_choices(node, path)]
        elif kind == "string":
            result = _FORMATS.get(str(node.get("format")), str)
        else:
            result = _SIMPLE[kind]
        marks = [
            mark(*_texts(node[name], path, name))
            for name, mark in (("x-labels", Labels), ("x-keys", Keys))
            if name in node
        ]
        for mark in marks:
            result = Annotated[result, mark]
        return result

    def kind(self, node: dict[str, Any], path: str) -> str:
        """The one type of a resolved schema, or "enum"."""
        if "enum" in node or "const" in node:
            return "enum"
        found = node.get("type")
        if found is None:
            found = "object" if "properties" in node else "array" if "items" in node else "string"
        if found not in {"object", "array", "string", *_SIMPLE}:
            raise _error(path, f"type {found!r} is not understood")
        return str(found)

    def resolved(
        self, node: Any, path: str, refs: tuple[str, ...]
    ) -> tuple[dict[str, Any], bool, tuple[str, ...]]:
        """A schema without references and null, whether null was allowed, and the references."""
        seen: list[str] = list(refs)
        nullable = False
        while True:
            if not isinstance(node, dict):
                raise _error(path, "its schema must be an object")
            outer = {name: node[name] for name in _OUTER if name in node}
            if "$ref" in node:
                ref = str(node["$ref"])
                if ref in seen:
                    raise _error(path, f"{ref} refers to itself; a page has no endless nesting")
                seen.append(ref)
                node = {**self.target(ref, path), **outer}
                continue
            options = node.get("anyOf") or node.get("oneOf") or node.get("allOf")
            if options is None:
                break
            chosen, null = _one_option(options, path)
            nullable = nullable or null
            node = {**chosen, **outer}
        node, null = self.plain(node, path, tuple(seen))
        return node, nullable or null, tuple(seen)

    def plain(
        self, node: dict[str, Any], path: str, refs: tuple[str, ...]
    ) -> tuple[dict[str, Any], bool]:
        """The schema with one type, and whether null was among its types."""
        if "$ref" in node or "allOf" in node:
            node, nullable, _ = self.resolved(node, path, refs)
            return node, nullable
        types = node.get("type")
        nullable = None in node.get("enum", ())
        if not isinstance(types, list):
            return node, nullable
        rest = sorted(set(types) - {"null"})
        if "number" in rest and _WRITTEN_NUMBER.issuperset(rest):
            rest = ["number"]
        if len(rest) != 1:
            raise _error(path, f"it may be only one of the types {types}, beside null")
        return {**node, "type": rest[0]}, nullable or "null" in types

    def target(self, ref: str, path: str) -> dict[str, Any]:
        """What a local reference stands for."""
        if not ref.startswith("#"):
            raise _error(path, f"only references inside the file are followed, not {ref!r}")
        node: Any = self.root
        for part in filter(None, ref[1:].split("/")):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or key not in node:
                raise _error(path, f"{ref} does not exist")
            node = node[key]
        if not isinstance(node, dict):
            raise _error(path, f"{ref} is not a schema")
        return node


def _one_option(options: Any, path: str) -> tuple[dict[str, Any], bool]:
    """The one alternative that is not null, and whether null was one."""
    if not isinstance(options, list) or not all(isinstance(o, dict) for o in options):
        raise _error(path, "alternatives must be a list of schemas")
    rest = [o for o in options if o.get("type") != "null"]
    numbers = [o for o in rest if o.get("type") == "number"]
    if numbers and all(o.get("type") in _WRITTEN_NUMBER and "format" not in o for o in rest):
        rest = numbers[:1]
    if len(rest) != 1:
        raise _error(path, "it may have only one alternative beside null")
    return rest[0], len(options) > 1 and any(o.get("type") == "null" for o in options)


def _choices(node: dict[str, Any], path: str) -> tuple[str, ...]:
    values = node["enum"] if "enum" in node else [node["const"]]
    if not isinstance(values, list):
        raise _error(path, "an enum is a list")
    texts = [v for v in values if v is not None]
    if not texts or not all(isinstance(v, str) for v in texts):
        raise _error(path, "an enum must be of texts")
    return tuple(texts)


def _texts(value: Any, path: str, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise _error(path, f"{name} must be a list of texts")
    return value


def _check_name(key: str, path: str) -> None:
    # Paths such as "menu[0].price" are written with these characters.
    if not key or re.search(r"[.\[\]]", key):
        raise _error(path, "a name must not be empty nor contain dots or brackets")
    if key.startswith("_") or (key.startswith("model_") and hasattr(BaseModel, key)):
        raise _error(path, f"{key!r} is reserved, rename it")


def _class_name(text: str) -> str:
    return "".join(w[:1].upper() + w[1:] for w in re.split(r"\W+", text)) or "Schema"


def _error(path: str, problem: str) -> SchemaError:
    return SchemaError(f"field {path}: {problem}" if path else problem)

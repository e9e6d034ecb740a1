"""JSON Schemas that the server decodes against, and what comes back as claims about leaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hybrid.schema import Leaf, ListNode, Node, ObjectNode

_SIZE_CLASSES = (31, 63, 127, 255, 511, 1023, 4095, 65535)
"""Largest line number allowed; few classes, since every schema costs a grammar compilation."""
_MAX_LINES = 6
_CITED_LINES = 3
"""Of a leaf where only lines are asked for: small models repeat themselves up to any bound."""
_MAX_ITEMS = 40
_ITEM_CLASSES = (8, 16, _MAX_ITEMS)
_MAX_VALUE = 200


@dataclass(frozen=True)
class Claim:
    """What an LLM says of one leaf.

    Attributes:
        path: Concrete, "menu[0].price".
        leaf: Its field.
        lines: Segment numbers that it cites, as it wrote them.
        value: As it wrote it; None where only lines were asked for.
    """

    path: str
    leaf: Leaf
    lines: tuple[int, ...]
    value: str | None


def item_limit(expected: int) -> int:
    """The size class of a list that is expected to have so many items, with room for some more."""
    return next((size for size in _ITEM_CLASSES if size >= expected + 3), _MAX_ITEMS)


def reply_schema(
    node: Node, last_line: int, with_values: bool, items: int = _MAX_ITEMS
) -> dict[str, Any]:
    """JSON Schema of a reply.

    Args:
        node: What is asked for.
        last_line: Greatest segment number on the page; rounded up to a size class, and numbers
            beyond the page are dropped by code.
        with_values: Ask for the text too, or only for line numbers, which cannot be invented.
        items: Most items of a list.
    """
    limit = next((size for size in _SIZE_CLASSES if size >= last_line), _SIZE_CLASSES[-1])
    return _schema(node, limit, with_values, items)


def _schema(node: Node, limit: int, with_values: bool, items: int) -> dict[str, Any]:
    if isinstance(node, ListNode):
        item = _schema(node.item, limit, with_values, items)
        return {"type": "array", "items": item, "maxItems": items}
    if isinstance(node, ObjectNode):
        return _object({n: _schema(c, limit, with_values, items) for n, c in node.fields.items()})
    lines = {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": limit},
        "maxItems": _MAX_LINES if with_values else _CITED_LINES,
    }
    if not with_values:
        return lines
    return _object({"lines": lines, "value": {"type": "string", "maxLength": _MAX_VALUE}})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def read_claims(text: str, node: Node) -> list[Claim]:
    """Claims of a reply, in its order; leaves that cite nothing and say nothing are left out.

    Args:
        text: The reply.
        node: What was asked for.

    Raises:
        ValueError: If the reply is not JSON of the form that was asked for.
    """
    return list(_claims(json.loads(text), node, ""))


def _claims(data: Any, node: Node, path: str) -> Iterator[Claim]:
    if isinstance(node, ListNode):
        for number, entry in enumerate(_typed(data, list, path)[:_MAX_ITEMS]):
            yield from _claims(entry, node.item, f"{path}[{number}]")
    elif isinstance(node, ObjectNode):
        fields = _typed(data, dict, path)
        for name, child in node.fields.items():
            if name in fields:
                yield from _claims(fields[name], child, f"{path}.{name}" if path else name)
    else:
        value: str | None = None
        if isinstance(data, dict):
            value = str(data.get("value") or "")
            data = data.get("lines")
        lines = tuple(n for n in _typed(data, list, path) if isinstance(n, int))
        if lines or value:
            yield Claim(path, node, lines[:_MAX_LINES], value)


def _typed(data: Any, kind: type, path: str) -> Any:
    if not isinstance(data, kind):
        raise ValueError(f"reply field {path or '(root)'}: expected a {kind.__name__}")
    return data

"""JSON Schemas that the server decodes against, and what comes back as claims about leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from hybrid.llm.reply_json import parse_reply
from hybrid.schema import Leaf, LeafKind, ListNode, Node, ObjectNode, leaves_of
from hybrid.verify.certainty import Certainty

_SIZE_CLASSES = (31, 63, 127, 255, 511, 1023, 4095, 65535)
"""Largest line number allowed; few classes, since every schema costs a grammar compilation."""
_MAX_LINES = 6
_CITED_LINES = 3
"""Of a leaf where only lines are asked for: small models repeat themselves up to any bound."""
_MAX_ITEMS = 40
_ITEM_CLASSES = (8, 16, _MAX_ITEMS)
_LINES_OF_FULL_LIST = 3 * _MAX_ITEMS
"""Lines from which a page may hold more items than that; then their number has no bound."""
_LONGEST_LIST = 2000
"""Items that are accepted; more than any context holds."""
_MAX_VALUE = 200
_LONGEST_VALUE = 1000
"""Accepted from servers that do not keep to the schema."""
_WRITTEN = re.compile(r"\s*\[?(\d{1,5})\]?\s*")
LEAST_TOKENS = 900
"""Of the bound of a reply with lists, and of one on many fields; larger contexts allow more."""
_TEXT_TOKENS, _TYPED_TOKENS = 250, 80
"""Of a leaf's answer: what the reply's schema lets a text be; numbers and dates are short."""
_LEAF_TOKENS = 45
"""Of a leaf's answer where there are many: few of them are as long as they may be."""
_CITATION_TOKENS = 20
"""Of a leaf's answer beside its value: name, brackets and line numbers."""
BOX_SCALE = 1000
"""Boxes in prompts and replies are in whole thousandths of the page's width and height."""


@dataclass(frozen=True)
class Claim:
    """What an LLM says of one leaf.

    Attributes:
        path: Concrete, "menu[0].price".
        leaf: Its field.
        lines: Segment numbers that it cites, as it wrote them.
        value: As it wrote it; None where only lines were asked for.
        box: `(left, top, right, bottom)` in thousandths of the page, as it wrote it; None where
            lines were asked for, or it wrote no box.
        page: That the box is on; 0 without a box.
        certainty: How probable the value was while it was written; None where that is not known.
    """

    path: str
    leaf: Leaf
    lines: tuple[int, ...]
    value: str | None
    box: tuple[int, ...] | None = None
    page: int = 0
    certainty: Certainty | None = None


def item_limit(expected: int) -> int:
    """The size class of a list that is expected to have so many items, with room for some more."""
    return next((size for size in _ITEM_CLASSES if size >= expected + 3), _MAX_ITEMS)


def reply_schema(
    node: Node,
    last_line: int,
    with_values: bool,
    items: int | None = _MAX_ITEMS,
    with_boxes: bool = False,
    value_first: bool = False,
) -> dict[str, Any]:
    """JSON Schema of a reply.

    Args:
        node: What is asked for.
        last_line: Greatest segment number on the page; rounded up to a size class, and numbers
            beyond the page are dropped by code.
        with_values: Ask for the text too, or only for line numbers, which cannot be invented.
        items: Most items of a list; None for any number.
        with_boxes: Ask for a box and the text, in place of line numbers.
        value_first: The text stands before its lines or box, so that it is written first.
    """
    limit = line_limit(last_line)
    if not with_values:
        return _schema(node, _numbers(limit, _CITED_LINES), items)
    place = (
        {"box": _numbers(BOX_SCALE, 4)} if with_boxes else {"lines": _numbers(limit, _MAX_LINES)}
    )
    value = {"value": {"type": "string", "maxLength": _MAX_VALUE}}
    return _schema(node, _object(value | place if value_first else place | value), items)


def most_items(lines: int) -> int | None:
    """Most items that the reply on a block of so many lines may have; None for any number."""
    return _MAX_ITEMS if lines < _LINES_OF_FULL_LIST else None


def least_reply(node: ObjectNode, context_tokens: int) -> int:
    """Tokens of the context that are kept for a reply before the page is cut to what is left.

    Args:
        node: What is asked for.
        context_tokens: Of the model.
    """
    leaves = list(leaves_of(node))
    wished = context_tokens if any(x.list_path for x in leaves) else len(leaves) * _LEAF_TOKENS
    return max(LEAST_TOKENS, min(wished, context_tokens // 4))


def most_tokens(node: ObjectNode, page_tokens: int, lines: int, room: int) -> int:
    """Upper bound of a reply: what all of it can need, so that only a loop is cut off.

    A tight bound costs nothing but a model that repeats itself, and fits more budgets.

    Args:
        node: What is asked for.
        page_tokens: Of the page's text, which is the most that values can repeat.
        lines: Of the page, each of them cited at most once by a list.
        room: Of the context beside the prompt.
    """
    leaves = list(leaves_of(node))
    if any(leaf.list_path for leaf in leaves):
        needed = max(LEAST_TOKENS, page_tokens + (lines + len(leaves)) * _CITATION_TOKENS)
    else:
        texts = sum(leaf.kind is LeafKind.TEXT for leaf in leaves)
        each = texts * _TEXT_TOKENS + (len(leaves) - texts) * _TYPED_TOKENS
        needed = min(each, max(LEAST_TOKENS, len(leaves) * _LEAF_TOKENS))
    return min(needed, room)


def line_limit(last_line: int) -> int:
    """The size class of a document's last line number."""
    return next((size for size in _SIZE_CLASSES if size >= last_line), _SIZE_CLASSES[-1])


def label_schema(labels: Sequence[str], last_line: int, most: int) -> dict[str, Any]:
    """JSON Schema of a reply that sorts lines: for each label the numbers of its lines.

    Args:
        labels: Without the background, whose lines are left out.
        last_line: Largest line number of the document.
        most: Lines of a label.
    """
    numbers = _numbers(line_limit(last_line), most)
    return _object(dict.fromkeys(labels, numbers))


def read_labels(data: Any, labels: Sequence[str]) -> dict[int, str]:
    """Line number to label of a reply; a line that several labels claim belongs to the first.

    Raises:
        ValueError: If the reply is not of the form that was asked for.
    """
    found: dict[int, str] = {}
    if not set(labels) & _typed(data, dict, "").keys():
        raise ValueError("the reply has none of the labels that were asked for")
    for label, numbers in data.items():
        if label in labels:
            for number in _integers(_typed(numbers, list, label)):
                found.setdefault(number, label)
    return found


def _schema(node: Node, leaf: dict[str, Any], items: int | None) -> dict[str, Any]:
    if isinstance(node, ListNode):
        bound = {} if items is None else {"maxItems": items}
        return {"type": "array", "items": _schema(node.item, leaf, items), **bound}
    if isinstance(node, ObjectNode):
        return _object({name: _schema(c, leaf, items) for name, c in node.fields.items()})
    return leaf


def _numbers(largest: int, most: int) -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0, "maximum": largest}
    return {"type": "array", "items": number, "maxItems": most}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def read_claims(data: Any, node: Node, page: int = 0) -> list[Claim]:
    """Claims of a reply, in its order; leaves that cite nothing and say nothing are left out.

    Args:
        data: The reply, as text or parsed. Leaves that a reply was cut off in are left out.
        node: What was asked for.
        page: That the boxes of the reply are on, where boxes were asked for.

    Raises:
        ValueError: If the reply is not JSON of the form that was asked for.
    """
    parsed = parse_reply(data) if isinstance(data, str) else data
    if isinstance(node, ObjectNode) and not node.fields.keys() & _typed(parsed, dict, "").keys():
        raise ValueError("the reply has none of the fields that were asked for")
    return list(_claims(parsed, node, "", page))


def answered_leaves(data: Any, node: Node) -> Iterator[Leaf]:
    """The leaves outside lists that a reply has, empty ones too.

    Args:
        data: The parsed reply.
        node: What was asked for.
    """
    return (node for _, node in _answered(data, node) if isinstance(node, Leaf))


def answered_lists(data: Any, node: Node) -> Iterator[str]:
    """Paths of the outermost lists that a reply has, empty ones too; arguments as above."""
    return (path for path, node in _answered(data, node) if isinstance(node, ListNode))


def _answered(data: Any, node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    if not isinstance(node, ObjectNode):
        yield path, node
    elif isinstance(data, dict):
        for name, child in node.fields.items():
            if name in data:
                yield from _answered(data[name], child, f"{path}.{name}" if path else name)


def _claims(data: Any, node: Node, path: str, page: int) -> Iterator[Claim]:
    if isinstance(node, ListNode):
        for number, entry in enumerate(_typed(data, list, path)[:_LONGEST_LIST]):
            yield from _claims(entry, node.item, f"{path}[{number}]", page)
    elif isinstance(node, ObjectNode):
        fields = _typed(data, dict, path)
        for name, child in node.fields.items():
            if name in fields:
                yield from _claims(fields[name], child, f"{path}.{name}" if path else name, page)
    elif isinstance(data, dict):
        if "value" in data and ("lines" in data or "box" in data):
            yield from _claim(path, node, data, _said(data["value"], path), page)
    else:
        lines = _integers(_typed(data, list, path))
        if lines:
            yield Claim(path, node, lines[:_MAX_LINES], None)


def _claim(path: str, leaf: Leaf, data: dict[str, Any], value: str, page: int) -> Iterator[Claim]:
    if "box" in data:
        numbers = _integers(_typed(data["box"], list, path))
        box = numbers if len(numbers) == 4 and max(numbers) <= BOX_SCALE else None
        if value or box:
            yield Claim(path, leaf, (), value, box, page if box else 0)
        return
    lines = _integers(_typed(data.get("lines"), list, path))
    if lines or value:
        yield Claim(path, leaf, lines[:_MAX_LINES], value)


def _said(value: Any, path: str) -> str:
    """A value as text; JSON can hold halves of characters, which no file can."""
    if value is None or value is False:
        return ""
    if not isinstance(value, str | int | float):
        raise ValueError(f"reply field {path or '(root)'}: expected a text")
    said = str(value).encode("utf-8", "replace").decode()
    if len(said) > _LONGEST_VALUE:
        raise ValueError(f"reply field {path or '(root)'}: a text of {len(said)} characters")
    return said


def _integers(numbers: Sequence[Any]) -> tuple[int, ...]:
    """The numbers of a list, also where they were written as "5", "[5]" or 5.0; others are dropped."""
    found: list[int] = []
    for number in numbers:
        if isinstance(number, str) and (match := _WRITTEN.fullmatch(number)):
            found.append(int(match[1]))
        elif isinstance(number, bool) or not isinstance(number, int | float):
            continue
        elif 0 <= number <= _SIZE_CLASSES[-1] and number == int(number):
            found.append(int(number))
    return tuple(found)


def _typed(data: Any, kind: type, path: str) -> Any:
    if not isinstance(data, kind):
        raise ValueError(f"reply field {path or '(root)'}: expected a {kind.__name__}")
    return data

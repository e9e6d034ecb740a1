"""What is left of a JSON reply that was cut off: everything that was complete by then."""

from __future__ import annotations

from typing import Any

from hybrid.llm.reply_json import json_in, parse_leniently

_DEEPEST = 64
"""Brackets inside brackets; no schema needs so many."""
_CLOSING = {"{": "}", "[": "]"}


def salvage(text: str) -> Any:
    """Parses the complete part of a JSON text that ends too early.

    Kept is every member of the objects and every element of the arrays around the cut that was
    written to its end. An object that stands in an array is kept whole or not at all: half an item
    of a list is no item. A last number is dropped, since it may have had further digits.

    Args:
        text: The beginning of a JSON object or array, or all of it.

    Returns:
        The value, or None where the text does not begin as an object or an array.
    """
    text = json_in(text)
    if not text.startswith(("{", "[")):
        return None
    end, closing = _last_whole_place(text)
    try:
        return parse_leniently(text[:end] + closing)
    except ValueError:
        return None


def _last_whole_place(text: str) -> tuple[int, str]:
    """Where the text can be cut so that nothing is half, and the brackets that then close it."""
    stack: list[str] = []
    place = (0, "")
    in_string = escaped = False
    for index, character in enumerate(text):
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in "{[":
            stack.append(character)
            if len(stack) > _DEEPEST:
                break
            # An empty container is whole, where it is not an element that is still to come.
            if _in_no_item(stack):
                place = (index + 1, _closing(stack))
        elif character in "}]":
            if stack:
                stack.pop()
            if _in_no_item(stack):
                place = (index + 1, _closing(stack))
            if not stack:
                break
        elif character == "," and _in_no_item(stack):
            place = (index, _closing(stack))
    return place


def _in_no_item(stack: list[str]) -> bool:
    """Whether no object is open inside an array: then members can be cut off one by one."""
    return "{" not in stack[stack.index("[") :] if "[" in stack else True


def _closing(stack: list[str]) -> str:
    return "".join(_CLOSING[bracket] for bracket in reversed(stack))

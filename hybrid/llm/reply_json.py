"""JSON as a reply must be: Python's own parser takes more than JSON allows, and keeps silent."""

from __future__ import annotations

import json
import re
from typing import Any

_CLASH = object()
_BLOCK = re.compile(r"```[a-zA-Z]*\s*(?P<inside>\{.*?)\s*(?:```|$)", re.DOTALL)
"""Of Markdown; one that was cut off ends with the reply."""


def parse_reply(text: str) -> Any:
    """Parses JSON, also in a block of Markdown or with words around it, as servers without grammars send.

    Raises:
        ValueError: If it is not JSON, has NaN or infinite numbers, is nested too deeply, or has a
            key twice in one object with different values: which one is meant, nobody knows.
    """
    try:
        return json.loads(json_in(text), parse_constant=_refuse, object_pairs_hook=_unambiguous)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parse_leniently(text: str) -> Any:
    """Same, but leaves out keys with several values, and puts None for NaN and infinite numbers."""
    try:
        return json.loads(
            json_in(text), parse_constant=lambda _: None, object_pairs_hook=_without_clashes
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def json_in(text: str) -> str:
    """The object of a reply that begins with something else; else the reply as it is."""
    text = text.strip()
    if text.startswith(("{", "[", '"')) or "{" not in text:
        return text
    block = _BLOCK.search(text)
    inside = block["inside"] if block else text
    start = inside.find("{")
    return inside[start:] if block else inside[start : inside.rfind("}") + 1 or None]


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number")


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = _merged(pairs)
    for key, value in found.items():
        if value is _CLASH:
            raise ValueError(f"{key[:40]!r} stands there twice, with different values")
    return found


def _without_clashes(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: value for key, value in _merged(pairs).items() if value is not _CLASH}


def _merged(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = value if key not in found or found[key] == value else _CLASH
    return found

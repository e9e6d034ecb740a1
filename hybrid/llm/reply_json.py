"""JSON as a reply must be: Python's own parser takes more than JSON allows, and keeps silent."""

from __future__ import annotations

import json
from typing import Any

_CLASH = object()


def parse_reply(text: str) -> Any:
    """Parses JSON.

    Raises:
        ValueError: If it is not JSON, has NaN or infinite numbers, is nested too deeply, or has a
            key twice in one object with different values: which one is meant, nobody knows.
    """
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unambiguous)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def parse_leniently(text: str) -> Any:
    """Same, but leaves out keys with several values, and puts None for NaN and infinite numbers."""
    try:
        return json.loads(text, parse_constant=lambda _: None, object_pairs_hook=_without_clashes)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


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

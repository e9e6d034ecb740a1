"""A profile as a TOML file, for profiles that programs write."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hybrid.llm.profile import Profile


def as_toml(profile: Profile) -> str:
    """The text of a profile's file; what is left to its default is not written."""
    values = profile.model_dump(mode="json", exclude_defaults=True)
    # Told by its kind, which every source has as its default.
    values["source"] = profile.source.model_dump(mode="json", exclude_none=True)
    return "\n".join(_table(values, "")).lstrip("\n") + "\n"


def _table(values: dict[str, Any], name: str) -> Iterator[str]:
    """Plain keys first, then the tables: TOML takes what stands after a head for a part of it."""
    later = {k: v for k, v in values.items() if _is_table(v)}
    yield from (f"{_key(k)} = {_value(v)}" for k, v in values.items() if k not in later)
    for key, value in later.items():
        head = f"{name}.{_key(key)}" if name else _key(key)
        for entry in value if isinstance(value, list) else [value]:
            yield ""
            yield f"[[{head}]]" if isinstance(value, list) else f"[{head}]"
            yield from _table(entry, head)


def _is_table(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(entry, dict) for entry in value)
    return isinstance(value, dict)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    # Strings, numbers and truth values are written as in JSON, but for one character.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

"""Gold values beside what was found, field by field, for the demo's table.

For people to look at; the measurements of the evaluation do not come from here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_ROW = re.compile(r"(?P<list>.+?)\[(?P<index>\d+)\]\.?(?P<rest>.*)")


@dataclass(frozen=True)
class Comparison:
    """One field.

    Attributes:
        path: In the gold.
        expected: The gold value, None where the document does not have the field.
        found: The value of the result.
        status: Of the result's leaf, "missing" where there is none.
        is_right: The two are the same.
    """

    path: str
    expected: Any
    found: Any
    status: str
    is_right: bool


def compare(gold: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> list[Comparison]:
    """Compares every gold field with a result's leaf.

    Rows of a list are paired by how many of their fields agree, so that one row too few does not
    make all that follow wrong.

    Args:
        gold: Path to value.
        fields: The `fields` of a result: path to leaf, as JSON.
    """
    paths = _paired_paths(gold, fields)
    compared = []
    for path, expected in gold.items():
        leaf = fields.get(paths[path], {})
        found = leaf.get("value")
        status = str(leaf.get("status", "missing"))
        compared.append(Comparison(path, expected, found, status, is_same(expected, found)))
    # What was found beyond the gold is shown too: it is wrong.
    used = set(paths.values())
    for path, leaf in fields.items():
        if path not in used and leaf["value"] is not None:
            compared.append(Comparison(path, None, leaf["value"], str(leaf["status"]), False))
    return compared


def is_same(expected: Any, found: Any) -> bool:
    """Equal as numbers where both are, else by letters and digits with case folded."""
    if expected is None or found is None:
        return expected is found
    try:
        return Decimal(str(expected)) == Decimal(str(found))
    except InvalidOperation:
        return _letters_and_digits(expected) == _letters_and_digits(found)


def _letters_and_digits(value: Any) -> str:
    return "".join(c for c in str(value).casefold() if c.isalnum())


def _paired_paths(
    gold: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]
) -> dict[str, str]:
    """Gold path to the result's path that it is compared with."""
    found_rows = _rows({path: leaf["value"] for path, leaf in fields.items()})
    paths = {path: path for path in gold}
    for name, rows in _rows(gold).items():
        free = dict(found_rows.get(name, {}))
        scored = [
            (sum(is_same(value, found[rest]) for rest, value in row.items() if rest in found), i, j)
            for i, row in rows.items()
            for j, found in free.items()
        ]
        # Most agreeing fields first; then those nearest to their place.
        partner: dict[int, int] = {}
        for _, i, j in sorted(scored, key=lambda s: (-s[0], abs(s[1] - s[2]), s[1])):
            if i not in partner and j in free:
                partner[i] = j
                del free[j]
        for i, row in rows.items():
            # A row without a partner gets a path that no result has.
            j = partner.get(i, -1)
            for rest in row:
                paths[_path(name, i, rest)] = _path(name, j, rest)
    return paths


def _rows(values: Mapping[str, Any]) -> dict[str, dict[int, dict[str, Any]]]:
    """List name to row number to path inside the row to value."""
    lists: dict[str, dict[int, dict[str, Any]]] = defaultdict(lambda: defaultdict(dict))
    for path, value in values.items():
        match = _ROW.fullmatch(path)
        if match:
            lists[match["list"]][int(match["index"])][match["rest"]] = value
    return lists


def _path(name: str, index: int, rest: str) -> str:
    return f"{name}[{index}].{rest}" if rest else f"{name}[{index}]"

"""Loops: the items that a small LLM writes again and again until its answer is cut off."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hybrid.verify.replies import Claim

_ITEM = re.compile(r"(.*?)\[(\d+)\](.*)")
"""Path of a list, number of an item, and what of the item."""


def without_repeated(claims: Sequence[Claim]) -> list[Claim]:
    """The claims of one reply, without items of outermost lists that repeat one above with all its places.

    Two items that are alike stand in two places; the same cited words are one item.
    """
    items: dict[tuple[str, int], list[tuple[str, Claim]]] = {}
    for claim in claims:
        if match := _ITEM.match(claim.path):
            items.setdefault((match[1], int(match[2])), []).append((match[3], claim))
    kept: dict[str, list[frozenset[object]]] = {}
    numbers: dict[tuple[str, int], int] = {}
    for (path, number), cells in items.items():
        said = frozenset((tail, c.value, c.lines, c.box) for tail, c in cells)
        above = kept.setdefault(path, [])
        if said not in above or not any(c.lines or c.box for _, c in cells):
            numbers[path, number] = len(above)
            above.append(said)
    return [renamed for claim in claims if (renamed := _renamed(claim, numbers)) is not None]


def _renamed(claim: Claim, numbers: Mapping[tuple[str, int], int]) -> Claim | None:
    match = _ITEM.match(claim.path)
    if match is None:
        return claim
    number = numbers.get((match[1], int(match[2])))
    return None if number is None else replace(claim, path=f"{match[1]}[{number}]{match[3]}")

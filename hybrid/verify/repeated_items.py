"""Repeated items: what an LLM writes again and again, or reads in two blocks that overlap, is one item."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace

from hybrid.verify.replies import Claim

ITEM = re.compile(r"(.*?)\[(\d+)\](.*)")
"""Path of a list, number of an item, and what of the item."""
_Said = frozenset[Hashable]


def numbered_on(found: Iterable[Claim], known: Iterable[str]) -> list[Claim]:
    """The claims of a further block, with items of outermost lists numbered on behind those before.

    Args:
        found: On the block.
        known: Concrete paths of the claims on the blocks before.
    """
    first: dict[str, int] = {}
    for path in known:
        if match := ITEM.match(path):
            first[match[1]] = max(first.get(match[1], 0), int(match[2]) + 1)
    return [_renamed(claim, lambda path, number: first.get(path, 0) + number) for claim in found]


def without_repeated(claims: Iterable[Claim]) -> list[Claim]:
    """Claims without the items of outermost lists of which all is said, and cited, of another item too.

    Small models repeat an item until the list is full. Two items that are alike stand in two places; the
    same cited words are one item. Of an item that a block cuts in two the half is left out.
    """
    claims = list(claims)
    items: dict[str, dict[int, list[tuple[str, Claim]]]] = {}
    for claim in claims:
        if match := ITEM.match(claim.path):
            items.setdefault(match[1], {}).setdefault(int(match[2]), []).append((match[3], claim))
    numbers = {path: _kept(of_list) for path, of_list in items.items()}
    kept: list[Claim] = []
    for claim in claims:
        match = ITEM.match(claim.path)
        if match is None or int(match[2]) in numbers[match[1]]:
            kept.append(_renamed(claim, lambda path, number: numbers[path][number]))
    return kept


def _kept(items: Mapping[int, list[tuple[str, Claim]]]) -> dict[int, int]:
    """The numbers of a list's items that are kept, each to its new one."""
    said: dict[int, _Said] = {}
    holders: dict[Hashable, list[int]] = {}
    for number, cells in items.items():
        said[number] = frozenset((tail, c.value, c.lines, c.box) for tail, c in cells)
        for cell in said[number]:
            holders.setdefault(cell, []).append(number)
    kept: dict[int, int] = {}
    for number, cells in items.items():
        mine = said[number]
        others = min((holders[cell] for cell in mine), key=len)
        cites = any(c.lines or c.box for _, c in cells)
        if not any(
            (other < number and mine == said[other]) or (cites and mine < said[other])
            for other in others
        ):
            kept[number] = len(kept)
    return kept


def _renamed(claim: Claim, number_of: Callable[[str, int], int]) -> Claim:
    match = ITEM.match(claim.path)
    if match is None:
        return claim
    number = number_of(match[1], int(match[2]))
    return replace(claim, path=f"{match[1]}[{number}]{match[3]}")

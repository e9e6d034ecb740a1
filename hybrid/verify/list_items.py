"""The items of a list, as cells that were found or read by concrete path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from hybrid.verify.candidates import Candidate

CellT = TypeVar("CellT")

Item = Mapping[str, Candidate]
"""Cells by what is behind the item's number in their paths, as of `cells_of_items`."""


def cells_of_items(found: Mapping[str, CellT], path: str) -> list[dict[str, CellT]]:
    """The cells of each item of the list at `path`, in order, by what is behind the item's number.

    Such as ".price", and ".parts[0].name" of a list inside the list.
    """
    items: dict[int, dict[str, CellT]] = {}
    for key, cell in found.items():
        if match := re.match(re.escape(path) + r"\[(\d+)\](.*)", key):
            items.setdefault(int(match[1]), {})[match[2]] = cell
    return [items[number] for number in sorted(items)]

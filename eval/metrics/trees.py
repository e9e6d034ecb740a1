"""Trees of a nested document out of its leaves: from "menu[2].price" to nested lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from hybrid.errors import HybridError

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PATH = re.compile(r"[^.\[\]]+(?:\.[^.\[\]]+|\[\d+\])*")


class PathError(HybridError):
    """A path of an item is not one of a tree, or names a leaf where another path goes on."""


def steps(path: str) -> tuple[str | int, ...]:
    """The names and indices of a path: `("menu", 2, "price")` for "menu[2].price".

    Raises:
        PathError: If it is no path.
    """
    if not _PATH.fullmatch(path):
        raise PathError(f"{path!r} is no path such as 'total' or 'menu[2].price'")
    return tuple(name or int(index) for name, index in _STEP.findall(path))


def tree_of(leaves: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The tree with these leaves.

    Args:
        leaves: Paths and texts. Of a path that comes more than once, the first text counts.

    Returns:
        Nested dictionaries, lists and texts. Items of a list stand in the order of their indices,
        and an index without leaves leaves no gap. No leaves make an empty dictionary.

    Raises:
        PathError: If something is no path, or a path goes on where another one has its leaf, or
            has an index where another one has a name.
    """
    root: dict[str | int, Any] = {}
    for path, text in leaves:
        *inner, last = steps(path)
        node = root
        for step in inner:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise PathError(f"{path!r} goes on where another path of its document ends")
        if isinstance(node.setdefault(last, text), dict):
            raise PathError(f"{path!r} ends where another path of its document goes on")
    tree: dict[str, Any] = _with_lists(root)
    return tree


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    kinds = {type(step) for step in node}
    if kinds == {int}:
        return [_with_lists(node[k]) for k in sorted(node)]
    if len(kinds) > 1:
        raise PathError(f"names and indices stand side by side: {', '.join(map(str, node))}")
    return {name: _with_lists(child) for name, child in node.items()}

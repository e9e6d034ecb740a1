"""Tree-edit accuracy of nested documents, as Donut's evaluation on CORD has it.

`max(0, 1 - distance(predicted, gold) / distance(nothing, gold))`. Source: Kim et al., OCR-free
Document Understanding Transformer (Donut), ECCV 2022, section 4.1, and the trees and costs of its
public evaluation; the distance is that of Zhang and Shasha, Simple fast algorithms for the editing
distance between trees and related problems, 1989.

A tree has a root, a node for each name in order of length and alphabet, a node for each item of a
list of dictionaries, and a leaf for each text. To insert or remove a leaf costs its length, any
other node 1; to change one leaf into another costs their Levenshtein distance, a leaf into another
node its length and 1, other nodes 1 where their names differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist


@dataclass(frozen=True)
class Node:
    """A node of an ordered tree.

    Attributes:
        text: A leaf's text, or a name.
        leaf: Whether it is a text of the document.
        children: In order.
    """

    text: str
    leaf: bool = False
    children: tuple[Node, ...] = field(default=())

    @property
    def cost(self) -> int:
        """Of inserting or removing it."""
        return len(self.text) if self.leaf else 1


def node_of(tree: Mapping[str, Any]) -> Node:
    """Donut's tree of a nested document.

    Args:
        tree: Nested dictionaries, lists and texts. Empty parts are left out, texts are stripped of
            blanks at both ends, and in a list that holds a text, what is no text or number is
            left out.

    Returns:
        The root.
    """
    return _node("<root>", _normalized(tree) or {})


def _normalized(value: Any) -> Any:
    """Lists and dictionaries without empty parts, names sorted, every single value in a list."""
    if not value:
        return None
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (len(name), name))
        parts = {name: _normalized(value[name]) for name in names}
        return {
            name: part if isinstance(part, list) else [part] for name, part in parts.items() if part
        }
    if not isinstance(value, list):
        return [str(value).strip()]
    if all(isinstance(item, Mapping) for item in value):
        return [part for item in value if (part := _normalized(item))]
    texts = [str(item).strip() for item in value if type(item) in (str, int, float)]
    return [text for text in texts if text]


def _node(name: str, value: Any) -> Node:
    if isinstance(value, Mapping):
        return Node(name, children=tuple(_node(k, v) for k, v in value.items()))
    return Node(
        name,
        children=tuple(
            _node("<subtree>", item) if isinstance(item, Mapping) else Node(item, leaf=True)
            for item in value
        ),
    )


class _Ordered:
    """A tree's nodes in postorder, with what the algorithm of Zhang and Shasha needs of them.

    Attributes:
        nodes: In postorder.
        leftmost: For each node the place of the leftmost leaf below it.
        keyroots: The root and every node with a left sibling, in postorder.
    """

    def __init__(self, root: Node) -> None:
        self.nodes: list[Node] = []
        self.leftmost: list[int] = []
        self._visit(root)
        last = {left: place for place, left in enumerate(self.leftmost)}
        self.keyroots = sorted(last.values())

    def _visit(self, node: Node) -> int:
        places = [self._visit(child) for child in node.children]
        self.nodes.append(node)
        here = len(self.nodes) - 1
        self.leftmost.append(self.leftmost[places[0]] if places else here)
        return here


def tree_distance(first: Node, second: Node) -> int:
    """The smallest cost of edits that turn one tree into the other, with Donut's costs.

    Args:
        first: A root.
        second: A root.

    Returns:
        0 for equal trees; the same in both directions.
    """
    a, b = _Ordered(first), _Ordered(second)
    change = _change_costs(a.nodes, b.nodes)
    remove = [node.cost for node in a.nodes]
    insert = [node.cost for node in b.nodes]
    distance = [[0] * len(b.nodes) for _ in a.nodes]
    for i in a.keyroots:
        for j in b.keyroots:
            _forests(a, b, i, j, change, remove, insert, distance)
    return distance[-1][-1]


def _change_costs(first: Sequence[Node], second: Sequence[Node]) -> list[list[int]]:
    """Cost of changing each node of one tree into each node of the other."""
    texts_a, texts_b = [n.text for n in first], [n.text for n in second]
    leaf_a = np.array([n.leaf for n in first])[:, None]
    leaf_b = np.array([n.leaf for n in second])[None, :]
    length_a = np.array([len(t) for t in texts_a])[:, None]
    length_b = np.array([len(t) for t in texts_b])[None, :]
    edits = cdist(texts_a, texts_b, scorer=Levenshtein.distance, dtype=np.int64)
    one_leaf = 1 + np.where(leaf_a, length_a, length_b)
    costs = np.where(leaf_a & leaf_b, edits, np.where(leaf_a | leaf_b, one_leaf, edits > 0))
    rows: list[list[int]] = costs.tolist()
    return rows


def _forests(
    a: _Ordered,
    b: _Ordered,
    i: int,
    j: int,
    change: list[list[int]],
    remove: list[int],
    insert: list[int],
    distance: list[list[int]],
) -> None:
    """Fills in the distances of the subtrees on the left paths of the keyroots `i` and `j`."""
    left_i, left_j = a.leftmost[i], b.leftmost[j]
    above = [0]
    for y in range(left_j, j + 1):
        above.append(above[-1] + insert[y])
    forest = [above]
    for x in range(left_i, i + 1):
        row = [above[0] + remove[x]]
        whole_x = a.leftmost[x] == left_i
        before_x = forest[a.leftmost[x] - left_i]
        for place, y in enumerate(range(left_j, j + 1)):
            best = min(above[place + 1] + remove[x], row[place] + insert[y])
            if whole_x and b.leftmost[y] == left_j:
                best = min(best, above[place] + change[x][y])
                distance[x][y] = best
            else:
                best = min(best, before_x[b.leftmost[y] - left_j] + distance[x][y])
            row.append(best)
        forest.append(row)
        above = row


def tree_edit_accuracy(predicted: Mapping[str, Any], gold: Mapping[str, Any]) -> float | None:
    """How much of a nested document is right, by tree and by letter.

    Args:
        predicted: Nested dictionaries, lists and texts.
        gold: The same.

    Returns:
        1 for equal trees, 0 for a prediction that is no better than none, such as an empty one;
        None where the gold is empty, since its distance from nothing is 0.
    """
    target = node_of(gold)
    nothing = _size(target) - 1
    if not nothing:
        return None
    return max(0.0, 1 - tree_distance(node_of(predicted), target) / nothing)


def _size(node: Node) -> int:
    """The cost of building a tree: its distance from nothing, and 1 for the root."""
    return node.cost + sum(_size(child) for child in node.children)

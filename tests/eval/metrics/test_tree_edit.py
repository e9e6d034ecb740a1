import random
from typing import Any

import pytest
import zss  # type: ignore[import-untyped]
from apted import APTED, Config  # type: ignore[import-untyped]
from rapidfuzz.distance import Levenshtein

from eval.metrics.tree_edit import Node, node_of, tree_distance, tree_edit_accuracy


def change(a: Node, b: Node) -> int:
    if a.leaf and b.leaf:
        return Levenshtein.distance(a.text, b.text)
    if a.leaf or b.leaf:
        return 1 + len(a.text if a.leaf else b.text)
    return int(a.text != b.text)


class Costs(Config):  # type: ignore[misc]
    def rename(self, a: Node, b: Node) -> int:
        return change(a, b)

    def delete(self, node: Node) -> int:
        return node.cost

    insert = delete

    def children(self, node: Node) -> tuple[Node, ...]:
        return node.children


def by_zss(a: Node, b: Node) -> int:
    return int(zss.distance(a, b, lambda n: n.children, lambda n: n.cost, lambda n: n.cost, change))


def random_node(chance: random.Random, depth: int) -> Node:
    if depth == 0 or chance.random() < 0.3:
        return Node("".join(chance.choices("ab", k=chance.randint(0, 4))), leaf=True)
    children = tuple(random_node(chance, depth - 1) for _ in range(chance.randint(0, 3)))
    return Node(chance.choice("xyz"), children=children)


@pytest.mark.parametrize("seed", range(80))
def test_equals_zss_and_apted(seed: int) -> None:
    chance = random.Random(seed)
    a, b = random_node(chance, 4), random_node(chance, 4)
    expected = by_zss(a, b)
    assert tree_distance(a, b) == expected == tree_distance(b, a)
    if a.children and b.children:  # apted 1.0.3 is wrong for a path against a single node
        assert APTED(a, b, Costs()).compute_edit_distance() == expected
    assert tree_distance(a, a) == 0


GOLD: dict[str, Any] = {
    "total": {"price": "9,000"},
    "menu": [{"price": "4,000", "nm": "Nasi"}, {"nm": "Teh", "price": "5,000"}],
}


def test_trees_are_those_of_donut() -> None:
    def leaf(name: str, text: str) -> Node:
        return Node(name, children=(Node(text, leaf=True),))

    items = tuple(
        Node("<subtree>", children=(leaf("nm", nm), leaf("price", price)))
        for nm, price in (("Nasi", "4,000"), ("Teh", "5,000"))
    )
    total = Node("total", children=(Node("<subtree>", children=(leaf("price", "9,000"),)),))
    assert node_of(GOLD) == Node("<root>", children=(Node("menu", children=items), total))


def test_names_stand_in_order_of_length_and_alphabet() -> None:
    root = node_of({"ccc": "1", "b": "1", "dd": "1", "a": "1"})
    assert [child.text for child in root.children] == ["a", "b", "dd", "ccc"]


def test_what_is_empty_is_left_out() -> None:
    untidy: dict[str, Any] = {
        "menu": [{}, {"nm": " Nasi ", "price": ""}, {"nm": None}],
        "tags": ["", "x", {"a": 1}, 2],
        "none": [],
        "also": {"nothing": {"here": ""}},
        "blank": ["  "],
    }
    tidy = {"menu": [{"nm": "Nasi"}], "tags": ["x", "2"], "blank": []}
    assert (
        node_of(untidy) == node_of({"menu": [{"nm": "Nasi"}], "tags": ["x", "2"]}) == node_of(tidy)
    )
    texts = (Node("x", leaf=True), Node("2", leaf=True))
    assert node_of({"tags": ["", "x", 2]}) == Node(
        "<root>", children=(Node("tags", children=texts),)
    )
    assert node_of({}) == Node("<root>")
    assert node_of({"a": {"bb": 5, "c": "x"}}) == node_of({"a": {"c": "x", "bb": "5"}})


def test_accuracy() -> None:
    assert tree_edit_accuracy(GOLD, GOLD) == 1
    assert tree_edit_accuracy({}, GOLD) == 0
    assert tree_edit_accuracy({}, {}) is None
    assert tree_edit_accuracy(GOLD, {"menu": [], "x": ""}) is None
    assert tree_edit_accuracy({"x": "much too long to be right" * 5}, GOLD) == 0
    one_letter = {**GOLD, "total": {"price": "9,001"}}
    # 22 letters, and menu, total, three items, five names.
    assert tree_edit_accuracy(one_letter, GOLD) == pytest.approx(1 - 1 / 32)
    assert tree_edit_accuracy({"menu": GOLD["menu"]}, GOLD) == pytest.approx(1 - 8 / 32)


def test_the_order_of_names_has_no_say_and_that_of_items_has() -> None:
    assert tree_edit_accuracy(dict(reversed(GOLD.items())), GOLD) == 1
    swapped = {**GOLD, "menu": GOLD["menu"][::-1]}
    accuracy = tree_edit_accuracy(swapped, GOLD)
    assert accuracy is not None
    assert 0 < accuracy < 1

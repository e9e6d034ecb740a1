import itertools
import random
from collections import Counter

import polars as pl
import pytest

from eval.metrics.matching import Matches, match

from .conftest import Items


def found(result: Matches) -> list[bool]:
    return result.predictions["matched"].to_list()


def test_each_gold_item_is_found_once(items: Items) -> None:
    gold = items([("a", "x[0]", "1"), ("a", "x[1]", "1"), ("b", "x[0]", "2")])
    given = items([("a", f"x[{k}]", "1") for k in (3, 0, 2)] + [("b", "x[0]", "1")])
    result = match(given, gold)
    # Of what is alike, the first paths match, whatever the order of the rows.
    assert found(result) == [False, True, True, False]
    assert result.counts().rows() == [("a", 2, 3, 2), ("b", 0, 1, 1)]
    assert result.counts(("document_id", "label")).rows()[0] == ("a", "x", 2, 3, 2)


@pytest.mark.parametrize(
    "column", ["dataset", "split", "condition", "task", "document_id", "label", "key"]
)
def test_all_columns_decide(items: Items, column: str) -> None:
    gold, given = items([("a", "x", "1")]), items([("a", "x", "1")])
    assert found(match(given, gold)) == [True]
    other = "structure" if column == "task" else "other"
    assert found(match(given.with_columns(pl.lit(other).alias(column)), gold)) == [False]


def test_paths_do_not_decide(items: Items) -> None:
    given = items([("a", "x[7]", "1")])
    assert found(match(given, items([("a", "x[2]", "1")]))) == [True]


def test_other_columns_than_the_key(items: Items) -> None:
    gold = items([("a", "x", "RM 1.0", {"typed_key": "number:1"}), ("a", "y", "q")])
    given = items([("a", "x", "rm 1.0", {"typed_key": "number:1"}), ("a", "y", "q")])
    assert found(match(given, gold)) == [True, True]
    assert found(match(given, gold, "text")) == [False, True]
    assert found(match(given, gold, "typed_key")) == [True, True]


def test_null_matches_nothing(items: Items) -> None:
    rows = items([("a", "x", "1", {"typed_key": None})])
    result = match(rows, rows, "typed_key")
    assert found(result) == [False]
    assert result.counts().rows() == [("a", 0, 1, 1)]


@pytest.mark.parametrize("task", ["field", "structure"])
def test_alternatives_are_one_item(items: Items, task: str) -> None:
    gold = items([("a", "x", "1"), ("a", "x", "2"), ("a", "x", "1"), ("a", "y", "1")], task=task)
    both = items([("a", "x", "1"), ("a", "x", "2"), ("a", "y", "1")], task=task)
    result = match(both, gold)
    assert found(result) in ([True, False, True], [False, True, True])
    assert result.counts().rows() == [("a", 2, 3, 2)]
    assert result.gold.height == 2
    # The other document has the same paths and shares nothing.
    assert match(
        both, pl.concat([gold, gold.with_columns(document_id=pl.lit("b"))])
    ).counts().rows() == [
        ("a", 2, 3, 2),
        ("b", 0, 0, 2),
    ]


@pytest.mark.parametrize("task", ["label", "link"])
def test_other_tasks_have_no_alternatives(items: Items, task: str) -> None:
    gold = items([("a", "7", "q", {"label": "x"}), ("a", "7", "r", {"label": "x"})], task=task)
    result = match(gold, gold)
    assert found(result) == [True, True]
    assert result.counts().rows() == [("a", 2, 2, 2)]


def test_alternatives_of_several_labels(items: Items) -> None:
    gold = items([("a", "p[0]", "1", {"label": "q"}), ("a", "p[0]", "1", {"label": "r"})])
    given = items([("a", "p[3]", "1", {"label": "r"})])
    assert found(match(given, gold)) == [True]
    assert match(given, gold).gold["label"].to_list() == ["q"]


def test_absent_fields_are_no_items(items: Items) -> None:
    gold = items([("a", "x", None)])
    result = match(items([("a", "x", "1")]), gold)
    assert found(result) == [False]
    assert result.counts().rows() == [("a", 0, 1, 0)]


def test_nothing_on_one_side(items: Items) -> None:
    rows, none = items([("a", "x", "1")]), items([])
    assert match(none, rows).counts().rows() == [("a", 0, 0, 1)]
    assert match(rows, none).counts().rows() == [("a", 0, 1, 0)]
    assert match(none, none).counts().rows() == []


def test_crowded_classes_of_alternatives(items: Items) -> None:
    gold = items([("a", f"x[{k}]", t) for k in (0, 1) for t in ("1", "2")])
    given = items([("a", f"x[{k}]", t) for k, t in enumerate("1122")])
    assert found(match(given, gold)) == [True, True, False, False]
    assert match(given, gold).counts().rows() == [("a", 2, 4, 2)]


def test_labels_decide_where_items_share_some_keys(items: Items) -> None:
    gold = items([("a", "x[0]", "1"), ("a", "x[0]", "2"), ("a", "x[1]", "1"), ("a", "y", "1")])
    given = items([("a", f"x[{k}]", t) for k, t in enumerate("121")])
    assert match(given, gold).counts(("document_id", "label")).rows() == [
        ("a", "x", 2, 3, 2),
        ("a", "y", 0, 0, 1),
    ]


def test_classes_are_not_told_apart_by_letters_alone(items: Items) -> None:
    gold = items([("a", "x", "yz"), ("a", "x", "yq"), ("a", "xy", "z"), ("a", "xy", "q")])
    given = items([("a", f"x[{k}]", "yz") for k in (0, 1)])
    assert found(match(given, gold)) == [True, False]


def test_takes_the_largest_matching(items: Items) -> None:
    # Whoever gives the item with two forms to "1" first must take it back for "2".
    gold = items([("a", "x[0]", "1"), ("a", "x[0]", "2"), ("a", "x[1]", "1")])
    given = items([("a", "x[0]", "1"), ("a", "x[1]", "2")])
    assert found(match(given, gold)) == [True, True]
    three = items([("a", f"x[{k}]", "1") for k in range(3)])
    assert found(match(three, gold)) == [True, True, False]


def largest(given: list[str], gold: list[set[str]]) -> int:
    """By trying all orders."""
    wide = [*gold, *([set()] * len(given))]
    return max(
        sum(t in forms for t, forms in zip(given, order, strict=False))
        for order in itertools.permutations(wide, len(given))
    )


def test_random_documents_against_all_assignments(items: Items) -> None:
    chance = random.Random(5)
    gold_rows, given_rows, expected = [], [], Counter[str]()
    for k in range(1200):
        name = f"d{k}"
        gold = [
            set(chance.choices("123", k=chance.choice((1, 2, 2))))
            for _ in range(chance.randint(0, 3))
        ]
        given = chance.choices("1234", k=chance.randint(0, 4))
        gold_rows += [(name, f"x[{n}]", t) for n, forms in enumerate(gold) for t in sorted(forms)]
        given_rows += [(name, f"x[{n}]", t) for n, t in enumerate(given)]
        expected[name] = largest(given, gold)
    all_gold, all_given = items(gold_rows), items(given_rows)
    result = match(all_given, all_gold)
    counts = {r[0]: r[1] for r in result.counts().rows()}
    assert counts == {name: expected[name] for name in counts}
    assert sum(counts.values()) == sum(expected.values()) > 500
    again = match(
        all_given.sample(fraction=1, shuffle=True, seed=1),
        all_gold.sample(fraction=1, shuffle=True, seed=2),
    )
    assert again.counts().equals(result.counts())
    assert result.predictions.drop("matched").equals(all_given)

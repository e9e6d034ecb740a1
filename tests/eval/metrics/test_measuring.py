from functools import partial
from typing import Any

import numpy as np
import polars as pl
import pytest

from eval.frames import collect
from eval.metrics.hallucination import KINDS
from eval.metrics.measures import Measures
from eval.metrics.measuring import Setting, columns, measure
from eval.metrics.trees import PathError

from .conftest import Items

RUN = partial(collect, engine="cpu")


def measured(
    predictions: pl.DataFrame, gold: pl.DataFrame, documents: str | list[str], **setting: Any
) -> Measures:
    options = {"task": "field"} | setting
    return measure(predictions, gold, documents, Setting(**options), RUN)


def values(result: Measures, *names: str) -> list[float]:
    """The metrics of all documents together."""
    sums = {name: block.sum(axis=0) for name, block in result.blocks.items()}
    return [float(result.metrics[name](sums)) for name in names]


def test_columns_of_sums_of_any_shape() -> None:
    sums = np.arange(24).reshape(2, 4, 3).astype(float)
    assert [c.tolist() for c in columns(sums)] == [sums[..., k].tolist() for k in range(3)]
    assert [float(c) for c in columns(np.array([1.0, 2.0]))] == [1, 2]


def test_settings_count_all_unless_told() -> None:
    assert Setting("field") == Setting("field", open_labels=False, removed=False)


def fields(items: Items) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Documents b, with one of three fields right, and a, with one twice; c has nothing."""
    gold = items(
        [
            ("b", "total", "RM 9", {"typed_key": "n:9"}),
            ("b", "date", "abcdefgh"),
            ("b", "name", "x"),
            ("a", "total", "7"),
            ("a", "total", "7.0", {"typed_key": "n:7.0"}),
        ]
    )
    given = items(
        [
            ("b", "total", "rm 9", {"typed_key": "n:9"}),
            ("b", "date", "abcdefzz", {"in_citation": False}),
            ("b", "extra", "q", {"on_page": False}),
            ("a", "total", "7"),
            ("a", "total", "8"),
        ]
    )
    return given, gold


def test_counts_of_fields_stand_in_the_order_of_the_documents(items: Items) -> None:
    given, gold = fields(items)
    result = measured(given, gold, ["c", "b", "a"])
    assert result.documents == ("a", "b", "c")
    assert result.clusters.tolist() == [0, 1, 2]
    assert {name: block.tolist() for name, block in result.blocks.items()} == {
        "key": [[1, 2, 1], [1, 3, 3], [0, 0, 0]],
        "exact": [[1, 2, 1], [0, 3, 3], [0, 0, 0]],
        "typed": [[1, 2, 1], [1, 3, 3], [0, 0, 0]],
        "anls": [[0.5, 1], [pytest.approx((1 + 0.75) / 4), 1], [0, 0]],
        "readable": [[1, 1], [3, 3], [0, 0]],
        # Of each kind in turn the columns date, extra, name, total.
        "labels": [
            [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1],
            [0, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1],
            [0] * 12,
        ],
        "faults": [[0, 0, 0, 0, 1, 2], [1, 1, 1, 1, 1, 3], [0] * 6],
        "bins": [[0] * 16] * 3,
    }


def test_metrics_of_fields(items: Items) -> None:
    given, gold = fields(items)
    result = measured(given, gold, ["a", "b", "c"])
    names = ("f1_micro", "f1_exact", "f1_typed", "precision", "recall")
    assert values(result, *names) == [4 / 9, 2 / 9, 4 / 9, 2 / 5, 2 / 4]
    # The labels date, extra and name have F1 0, and total has 4/5.
    assert values(result, "f1_macro", "anls") == [1 / 5, pytest.approx((0.5 + 1.75 / 4) / 2)]
    assert values(result, *(f"{kind}_rate" for kind in KINDS)) == [*[1 / 5] * 4, 2 / 5]
    assert "absent_field_rate" in result.metrics
    assert "tree_edit_accuracy" not in result.metrics


def test_what_can_be_read_is_counted_by_value(items: Items) -> None:
    """One form of a value is enough; where an earlier version did not say, nothing is known."""
    lost: dict[str, Any] = {"on_page": False}
    gold = items(
        [
            ("a", "total", "RM 7", lost),
            ("a", "total", "7"),
            ("a", "date", "1/2/2018", lost),
            ("b", "total", "8"),
            ("b", "date", None, {"on_page": None}),
        ]
    )
    result = measured(gold.clear(), gold, "ab")
    assert result.blocks["readable"].tolist() == [[1, 2], [1, 1]]
    assert values(result, "readable_rate", "recall") == [2 / 3, 0]
    earlier = gold.with_columns(on_page=pl.lit(None, pl.Boolean))
    assert "readable_rate" not in measured(gold.clear(), earlier, "ab").metrics


def test_each_rate_is_that_of_its_kind(items: Items) -> None:
    gold = items([("a", "x", "1")])
    nowhere: dict[str, Any] = {"on_page": False, "in_citation": False}
    not_cited: dict[str, Any] = {"in_citation": False}
    given = items(
        [("a", "x", "2", nowhere)]
        + [("a", "y", "2", {"in_citation": None})] * 2
        + [("a", "x", "3")] * 4
        + [("a", "x", "1", not_cited)] * 9
    )
    result = measured(given, gold, "a")
    assert result.blocks["faults"].tolist() == [[3, 1, 2, 11, 4, 16]]
    assert values(result, *(f"{kind}_rate" for kind in KINDS)) == [
        3 / 16,
        1 / 16,
        2 / 16,
        11 / 16,
        4 / 16,
    ]


def test_copies_of_one_original_are_one_cluster(items: Items) -> None:
    names = ["b#date", "a#1#total", "b", "a#1#date", "c"]
    none = items([])
    removed = measured(none, none, names, removed=True)
    assert removed.documents == ("a#1#date", "a#1#total", "b", "b#date", "c")
    assert removed.clusters.tolist() == [0, 0, 1, 1, 2]
    assert measured(none, none, names).clusters.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("removed", [False, True])
def test_no_documents(items: Items, removed: bool) -> None:
    result = measured(items([]), items([]), [], removed=removed)
    assert result.documents == ()
    assert result.clusters.tolist() == []
    assert {len(block) for block in result.blocks.values()} == {0}
    assert set(result.values().values()) == {None}


def test_removed_fields_have_a_rate_of_answers(items: Items) -> None:
    gold = items([("a#x", "x", None), ("a#y", "y", None), ("b#x", "x", None)])
    given = items([("a#y", "y[0]", "1"), ("a#y", "y[1]", "1"), ("b#x", "z", "1")])
    result = measured(given, gold, ["a#x", "a#y", "b#x"], removed=True)
    assert result.blocks["answers"].tolist() == [[0, 1], [1, 1], [0, 1]]
    assert values(result, "absent_field_rate") == [1 / 3]
    assert values(result, "hallucination_rate") == [1]
    assert "answers" not in measured(given, gold, ["a#x", "a#y", "b#x"]).blocks


def test_without_gold_only_what_needs_none_is_measured(items: Items) -> None:
    given = items([("a", "x", "1", {"confidence": 1.0})])
    rates = {f"{kind}_rate" for kind in KINDS}
    assert set(measured(given, given.clear(), "a").metrics) == rates | {"ece"}
    absent = items([("a", "x", None)])
    assert set(measured(given, absent, "a").metrics) == rates | {"ece"}
    assert set(measured(given.clear(), given, "a").metrics) == rates | {"ece"} | {
        *("f1_micro", "f1_macro", "f1_exact", "f1_typed", "precision", "recall", "anls"),
        "readable_rate",
    }


def test_open_labels_have_no_counts_of_labels(items: Items) -> None:
    rows = items([("a", "x", "1")])
    result = measured(rows, rows, "a", open_labels=True)
    assert "labels" not in result.blocks
    assert "f1_macro" not in result.metrics
    assert values(result, "f1_micro") == [1]


@pytest.mark.parametrize("task", ["label", "link", "structure"])
def test_other_tasks_have_no_rates(items: Items, task: str) -> None:
    rows = items([("a", "x", "1")], task=task)
    result = measured(rows, rows, "a", task=task)
    metrics = {"f1_micro", "f1_macro", "precision", "recall", "ece"}
    metrics |= {"tree_edit_accuracy"} if task == "structure" else set()
    assert set(result.metrics) == metrics
    assert set(result.blocks) == {"key", "labels", "bins"} | (
        {"trees"} if task == "structure" else set()
    )


def test_trees(items: Items) -> None:
    gold = items(
        [("b", "x[0].y", "abcd"), ("b", "z", None), ("c", "x[0].y", "abc"), ("d", "z", None)],
        task="structure",
    )
    given = items(
        [("b", "x", None), ("b", "x[1].y", "abcd"), ("a", "x[0].y", "abc")],
        task="structure",
    )
    result = measured(given, gold, "dcba", task="structure")
    # The documents a and d have no gold, and c has no prediction; null texts are no leaves.
    assert result.blocks["trees"].tolist() == [[0, 0], [1, 1], [0, 1], [0, 0]]
    assert values(result, "tree_edit_accuracy") == [0.5]
    broken = items([("b", "x", "1"), ("b", "x.y", "2")], task="structure")
    with pytest.raises(PathError, match=r"^document b: 'x\.y' goes on where"):
        measured(broken, gold, "dcba", task="structure")


def sure(items: Items, task: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    gold = items([("a", "x", "1"), ("b", "x", "1"), ("c", "x", "1")], task=task)
    given = items(
        [
            ("c", "x", "1", {"confidence": 0.95}),
            ("b", "x[0]", "2", {"confidence": 0.5}),
            ("b", "x[1]", "1", {"confidence": 0.5}),
            ("b", "x[2]", "3"),
            ("b", "x[3]", "4", {"confidence": 0.0}),
        ],
        task=task,
    )
    return given, gold


@pytest.mark.parametrize("task", ["field", "label"])
def test_confidences(items: Items, task: str) -> None:
    given, gold = sure(items, task)
    result = measured(given, gold, "cab", task=task)
    confidence, correct, cluster = result.confidences
    assert confidence.tolist() == [0.95, 0.5, 0.5, 0.0]
    assert correct.tolist() == [True, False, True, False]
    assert cluster.tolist() == [2, 1, 1, 1]
    bins = result.blocks["bins"]
    assert bins.shape == (3, 16)
    assert bins[:, -1].tolist() == [0, 3, 1]
    expected = np.zeros((3, 15))
    expected[2, 14] = 1 - 0.95
    expected[1, 7] = 1 - 0.5 - 0.5
    assert bins[:, :-1].tolist() == expected.tolist()
    assert values(result, "ece") == [pytest.approx(0.05 / 4)]


def test_confidences_of_copies_have_the_number_of_the_original(items: Items) -> None:
    given = items([(d, "x", "1", {"confidence": 0.5}) for d in ("b#x", "a#y", "a#x")])
    result = measured(given, given.clear(), ["a#x", "a#y", "b#x"], removed=True)
    assert result.confidences[2].tolist() == [1, 0, 0]
    assert result.blocks["bins"][:, -1].tolist() == [1, 1, 1]


@pytest.mark.parametrize("task", ["link", "structure"])
def test_other_tasks_have_no_confidences(items: Items, task: str) -> None:
    given, gold = sure(items, task)
    result = measured(given, gold, "abc", task=task)
    assert [part.tolist() for part in result.confidences] == [[], [], []]
    assert result.blocks["bins"].tolist() == [[0] * 16] * 3

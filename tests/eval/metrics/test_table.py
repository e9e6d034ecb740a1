import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from eval.benchmarks.scoring import synthetic_documents, synthetic_items
from eval.frames import EngineRecord
from eval.metrics.measures import METRICS
from eval.metrics.table import ScoringError, score
from eval.metrics.trees import PathError
from eval.records import DOCUMENT_SCHEMA, ITEM_SCHEMA

from .conftest import Items

IDS = [f"d{k}" for k in range(12)]
CLASSES = tuple(f"class{k}" for k in range(10))
GOOD = (
    "f1_micro",
    "f1_macro",
    "f1_exact",
    "f1_typed",
    "precision",
    "recall",
    "anls",
    "tree_edit_accuracy",
)
OF_TASK = {
    "label": ("f1_micro", "f1_macro", "precision", "recall"),
    "link": ("f1_micro", "f1_macro", "precision", "recall"),
    "field": ("f1_micro", "f1_macro", "f1_exact", "f1_typed", "precision", "recall", "anls"),
    "structure": ("f1_micro", "f1_macro", "precision", "recall", "tree_edit_accuracy"),
}


def table_of(
    predictions: pl.DataFrame, gold: pl.DataFrame, documents: pl.DataFrame, **more: Any
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    predictions = predictions.with_columns(pl.lit("prediction").alias("origin"))
    gold = gold.with_columns(pl.lit("gold").alias("origin"), pl.lit("").alias("system"))
    options = {"scored_labels": {}, "open_labels": ()} | more
    return score(pl.concat([predictions, gold]), documents, **options)


def gold_of(items: Items, task: str) -> pl.DataFrame:
    """Twelve documents; for the task `label` ten of a hundred segments have a class, one each."""
    rows: list[tuple[Any, ...]] = []
    for number, name in enumerate(IDS):
        if task == "label":
            rows += [(name, f"{k}", "t", {"label": CLASSES[k]}) for k in range(10)]
        elif task == "link":
            rows += [(name, f"{k}->{k + 1}", "", {"label": "link"}) for k in range(3)]
        else:
            rows += [(name, "total", f"RM {number}.20"), (name, "date", f"2018-01-{number + 10}")]
            rows += [
                (name, f"menu[{k}].nm", f"dish {number} {k}", {"label": "menu.nm"}) for k in (0, 1)
            ]
    gold = items(rows, task=task)
    return gold.with_columns(pl.col("path").alias("key")) if task in ("label", "link") else gold


def by(system: str, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(system).alias("system"))


def work_of(task: str) -> str:
    return "label" if task == "label" else "extract"


@pytest.mark.parametrize("task", list(OF_TASK))
def test_a_perfect_predictor_scores_one(items: Items, documents: Items, task: str) -> None:
    gold = gold_of(items, task)
    sure = by("s", gold).with_columns(pl.lit(1.0).alias("confidence"))
    (row,), comparisons = table_of(
        sure, gold, documents([("s", d) for d in IDS], work=work_of(task))
    )
    assert comparisons == []
    assert (row["n"], row["system"], row["task"]) == (12, "s", task)
    for name in GOOD:
        values = [row[name], row[f"{name}_low"], row[f"{name}_high"]]
        assert values == [1, 1, 1] if name in OF_TASK[task] else values == [None, None, None]
    for name in (
        "hallucination_rate",
        "ungrounded_rate",
        "absent_field_rate",
        "wrong_field_rate",
        "mislocated_rate",
    ):
        assert row[name] == (0 if task == "field" else None)
    assert (row["ece"], row["aurc"]) == ((0, 0) if task in ("label", "field") else (None, None))


@pytest.mark.parametrize("task", list(OF_TASK))
def test_an_empty_predictor_scores_nothing(items: Items, documents: Items, task: str) -> None:
    gold = gold_of(items, task)
    none = documents([("s", d) for d in IDS], work=work_of(task))
    (row,), _ = table_of(by("s", gold.clear()), gold, none)
    for name in OF_TASK[task]:
        assert (row[name], row[f"{name}_low"], row[f"{name}_high"]) == (0, 0, 0)
    assert (
        row["hallucination_rate"]
        is row["hallucination_rate_low"]
        is row["ece"]
        is row["aurc"]
        is None
    )


def test_trivial_labellers_score_next_to_nothing(items: Items, documents: Items) -> None:
    gold = gold_of(items, "label")
    segments = [(d, f"{k}") for d in IDS for k in range(100)]
    every = items([(d, k, "t", {"key": k, "label": "class0"}) for d, k in segments], task="label")
    other = every.with_columns(pl.lit("other").alias("label"))
    predictions = pl.concat([by("majority", every), by("other", other)])
    rows, _ = table_of(
        predictions,
        gold,
        documents([(s, d) for s in ("majority", "other") for d in IDS], work="label"),
    )
    majority, all_other = rows
    assert majority["f1_micro"] == pytest.approx(2 * 12 / (1200 + 120))
    assert majority["f1_macro"] == pytest.approx(2 * 12 / (1200 + 12) / 10)
    assert [all_other[name] for name in OF_TASK["label"]] == [0, 0, 0, 0]


def test_a_trivial_extractor_scores_next_to_nothing(items: Items, documents: Items) -> None:
    for task in ("field", "structure"):
        gold = gold_of(items, task)
        common = items([(d, "total", "RM 0.20") for d in IDS], task=task)
        (row,), _ = table_of(by("s", common), gold, documents([("s", d) for d in IDS]))
        for name in OF_TASK[task]:
            assert row[name] < 0.3, name
        assert row["f1_micro"] < 0.05


@pytest.mark.parametrize("task", list(OF_TASK))
def test_a_wrong_prediction_raises_nothing(items: Items, documents: Items, task: str) -> None:
    gold = gold_of(items, task)
    given = by("s", gold.filter(pl.int_range(pl.len()) % 3 != 0))
    known = documents([("s", d) for d in IDS], work=work_of(task))
    (before,), _ = table_of(given, gold, known)
    wrong = given.head(1).with_columns(
        pl.lit("zzzzzz").alias("text"),
        pl.lit("zzzzzz").alias("key"),
        pl.lit("zz").alias("typed_key"),
    )
    for label, path in ((given["label"][0], "zz"), ("new", "new"), (given["label"][1], "zz")):
        more = wrong.with_columns(pl.lit(label).alias("label"), pl.lit(path).alias("path"))
        (after,), _ = table_of(pl.concat([given, more]), gold, known)
        for name in OF_TASK[task]:
            assert after[name] <= before[name], name
        assert after["f1_micro"] < before["f1_micro"]


@pytest.mark.parametrize("engine", ["cpu", "streaming"])
def test_no_order_has_a_say(items: Items, documents: Items, engine: str) -> None:
    rows = synthetic_items(600)
    known = synthetic_documents(rows)
    records: list[EngineRecord] = []
    options: dict[str, Any] = {"scored_labels": {}, "open_labels": ()}
    first = score(rows, known, **options, engine=engine, records=records)
    assert records == [EngineRecord(engine, engine)]
    mixed = rows.sample(fraction=1, shuffle=True, seed=3).lazy()
    again = score(mixed, known.sample(fraction=1, shuffle=True, seed=4), **options)
    assert _rounded(again) == _rounded(first)
    assert all(0.6 < row["f1_micro"] < 1 for row in first[0])


def _rounded(value: Any) -> Any:
    """The sums of similarities and of confidences depend on the order in their last digit."""
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return round(value, 9) if isinstance(value, float) else value


def test_all_keys_are_in_every_row(items: Items, documents: Items) -> None:
    gold = gold_of(items, "field")
    (row,), _ = table_of(by("s", gold), gold, documents([("s", d) for d in IDS]))
    costs = {"n", "invalid_replies", "seconds_p50", "seconds_p95"}
    kinds = ("prompt", "cached", "completion", "reasoning")
    costs |= {f"{kind}_tokens_per_document" for kind in kinds} | {"llm_seconds_per_document"}
    intervals = {f"{name}{end}" for name in METRICS for end in ("", "_low", "_high")}
    assert set(row) == {"dataset", "split", "condition", "task", "system"} | costs | intervals
    assert all(v is None or isinstance(v, str | int | float) for v in row.values())


def test_a_document_that_failed_gives_nothing(items: Items, documents: Items) -> None:
    gold = items([("a", "total", "1"), ("b", "total", "2")])
    known = documents([("s", "a"), ("s", "b", {"error": "broken"})])
    (row,), _ = table_of(by("s", gold.head(1)), gold, known)
    assert (row["precision"], row["recall"], row["n"]) == (1, 0.5, 2)


def test_gold_of_documents_that_were_not_given_does_not_count(
    items: Items, documents: Items
) -> None:
    gold = items([("a", "total", "1"), ("b", "total", "2")])
    (row,), _ = table_of(by("s", gold.head(1)), gold, documents([("s", "a")]))
    assert (row["recall"], row["n"]) == (1, 1)


def test_predictions_without_a_document_row(items: Items, documents: Items) -> None:
    gold = items([("a", "total", "1")])
    with pytest.raises(
        ScoringError, match="system 's' has predictions for document 'a' and no row"
    ):
        table_of(by("s", gold), gold, documents([("s", "b")]))
    with pytest.raises(ScoringError, match="no row"):
        table_of(by("s", gold), gold, documents([("s", "a")], work="label"))
    with pytest.raises(ScoringError, match="system 's' has"):
        table_of(by("s", gold), gold, documents([("s", "b"), ("other", "a")]))


def test_labels_that_do_not_count(items: Items, documents: Items) -> None:
    rows = items(
        [
            ("a", k, "t", {"label": name, "key": k})
            for k, name in (("1", "x"), ("2", "y"), ("3", "other"))
        ],
        task="label",
    )
    wrong = rows.with_columns(
        pl.when(pl.col("path") == "2").then(pl.lit("q")).otherwise("key").alias("key")
    )
    known = documents([("s", "a")], work="label")
    (row,), _ = table_of(by("s", wrong), rows, known)
    assert row["f1_micro"] == 0.5
    (row,), _ = table_of(by("s", wrong), rows, known, scored_labels={"d": ("x",)})
    assert row["f1_micro"] == 1
    field = items([("a", "other", "1")])
    (row,), _ = table_of(
        by("s", field), field, documents([("s", "a")]), scored_labels={"d": ("x",)}
    )
    assert row["f1_micro"] == 1


def test_open_labels_have_no_macro(items: Items, documents: Items) -> None:
    gold = items([("a", "pairs[0]", "1", {"label": "name"})])
    (row,), _ = table_of(by("s", gold), gold, documents([("s", "a")]), open_labels={"d"})
    assert (row["f1_micro"], row["f1_macro"], row["f1_macro_low"]) == (1, None, None)
    label = gold.with_columns(pl.lit("label").alias("task"))
    (row,), _ = table_of(
        by("s", label), label, documents([("s", "a")], work="label"), open_labels={"d"}
    )
    assert row["f1_macro"] == 1


def test_removed_fields(items: Items, documents: Items) -> None:
    names = [f"{d}#{field}" for d in "abc" for field in ("date", "total")]
    gold = items([(n, n[2:], None) for n in names], condition="gold+remove-field")
    answers = [("p", n, n[2:]) for n in names] + [
        ("q", "a#date", "date"),
        ("q", "a#total", "total"),
    ]
    given = pl.concat(
        [by(s, items([(n, path, "1")], condition="gold+remove-field")) for s, n, path in answers]
    )
    known = documents([(s, n) for s in "pqr" for n in names], condition="gold+remove-field")
    rows, comparisons = table_of(given, gold, known)
    rates = [[row[f"absent_field_rate{end}"] for end in ("", "_low", "_high")] for row in rows]
    assert rates[0] == [1, 1, 1]
    assert rates[2] == [0, 0, 0]
    # Resamples draw the three originals, of which one is answered in full: never an odd sixth.
    assert rates[1] == [pytest.approx(1 / 3), 0, 1]
    for row in rows:
        assert row["n"] == 6
        assert row["f1_micro"] is row["precision"] is row["anls"] is row["f1_macro"] is None
    assert [row["hallucination_rate"] for row in rows] == [1, 1, None]
    assert [(c["a"], c["b"], c["metric"], c["difference"]) for c in comparisons] == [
        ("p", "q", "absent_field_rate", pytest.approx(2 / 3)),
        ("p", "r", "absent_field_rate", 1),
        ("q", "r", "absent_field_rate", pytest.approx(1 / 3)),
    ]
    assert comparisons[1]["p"] == pytest.approx(0.25, abs=0.05)  # 2 of 8 swaps of three originals


def test_values_and_seeds(items: Items, documents: Items) -> None:
    gold = gold_of(items, "field")
    some = by("s", gold.filter(pl.int_range(pl.len()) % 5 != 0))
    known = documents([("s", d) for d in IDS])
    first, again = (table_of(some, gold, known)[0][0] for _ in range(2))
    assert first == again
    assert first["f1_micro_low"] < first["f1_micro"] < first["f1_micro_high"]
    other = table_of(some, gold, known, seed=1)[0][0]
    assert other["f1_micro"] == first["f1_micro"]
    assert other != first


def test_confidences(items: Items, documents: Items) -> None:
    gold = items([(d, "total", "1") for d in "abcd"])
    given = by("s", gold).with_columns(
        pl.Series("confidence", [0.8, 0.8, 0.2, None]), pl.Series("key", ["1", "2", "3", "1"])
    )
    (row,), _ = table_of(given, gold, documents([("s", d) for d in "abcd"]))
    assert row["ece"] == pytest.approx((0.6 + 0.2) / 3)
    assert row["aurc"] == pytest.approx(2 / 3 * 1 / 2 + 1 / 3 * 2 / 3)
    assert row["ece_low"] <= row["ece"] <= row["ece_high"]
    assert row["aurc_low"] <= row["aurc"] <= row["aurc_high"]


def test_documents_without_a_tree_do_not_count(items: Items, documents: Items) -> None:
    gold = items([("a", "menu[0].nm", "tea"), ("a", "menu[0].nm", "tee")], task="structure")
    (row,), _ = table_of(by("s", gold.head(1)), gold, documents([("s", "a"), ("s", "b")]))
    assert (row["tree_edit_accuracy"], row["n"]) == (1, 2)
    broken = items([("a", "menu", "x"), ("a", "menu[0].nm", "tea")], task="structure")
    with pytest.raises(PathError, match=r"document a: 'menu\[0\].nm' goes on where"):
        table_of(by("s", broken), gold, documents([("s", "a")]))


def test_several_tables(items: Items, documents: Items, tmp_path: Path) -> None:
    parts = [
        items([("a", "total", "1")], dataset=dataset, condition=condition, task=task)
        for dataset, condition, task in (
            ("e", "ocr", "field"),
            ("d", "gold", "structure"),
            ("d", "gold", "field"),
        )
    ]
    gold = pl.concat(parts)
    known = pl.concat(
        [documents([("s", "a")]), documents([("s", "a")], dataset="e", condition="ocr")]
    )
    rows, _ = table_of(by("s", gold), gold, known)
    assert [(r["dataset"], r["condition"], r["task"], r["f1_micro"]) for r in rows] == [
        ("d", "gold", "field", 1),
        ("d", "gold", "structure", 1),
        ("e", "ocr", "field", 1),
    ]
    assert table_of(gold.clear(), gold.clear(), known) == ([], [])


def test_the_benchmark_makes_rows_of_a_run() -> None:
    rows = synthetic_items(100)
    assert rows.schema == pl.Schema(ITEM_SCHEMA)
    assert synthetic_documents(rows).schema == pl.Schema(DOCUMENT_SCHEMA)
    assert rows.filter(pl.col("origin") == "prediction").height == 100
    assert math.isclose(rows.filter(pl.col("origin") == "gold").height, 106, abs_tol=8)

"""Systems of a table in pairs."""

from __future__ import annotations

import polars as pl

from tests.eval.metrics.conftest import Items
from tests.eval.metrics.test_table import IDS, by, gold_of, table_of


def test_comparisons(items: Items, documents: Items) -> None:
    gold = gold_of(items, "field")
    half = gold.with_columns(
        pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("zz")).otherwise("key").alias("key"),
        (pl.int_range(pl.len()) % 4 != 0).alias("on_page"),
    )
    known = documents([(s, d) for s in ("all", "half", "none") for d in IDS])
    rows, comparisons = table_of(pl.concat([by("half", half), by("all", gold)]), gold, known)
    assert [row["system"] for row in rows] == ["all", "half", "none"]
    found = {(c["a"], c["b"], c["metric"]): c for c in comparisons}
    assert set(found) == {
        ("all", "half", "f1_micro"),
        ("all", "half", "hallucination_rate"),
        ("all", "none", "f1_micro"),
        ("half", "none", "f1_micro"),
    }
    f1 = found["all", "half", "f1_micro"]
    assert (f1["difference"], f1["low"], f1["high"]) == (0.5, 0.5, 0.5)
    assert f1["p"] < 0.01
    assert found["all", "half", "hallucination_rate"]["difference"] == -0.25
    assert list(f1) == [
        *("dataset", "split", "condition", "task", "a", "b", "metric"),
        *("difference", "low", "high", "p"),
    ]


def test_comparisons_are_on_the_documents_of_both(items: Items, documents: Items) -> None:
    gold = items([(d, "total", "1") for d in "abc"])
    known = documents([("p", "a"), ("p", "b"), ("q", "b"), ("q", "c")])
    given = pl.concat([by("p", gold.filter(pl.col("document_id") == "b")), by("q", gold[2:])])
    _, comparisons = table_of(given, gold, known)
    assert [(c["metric"], c["difference"]) for c in comparisons] == [("f1_micro", 1)]


def test_what_one_of_two_has_no_gold_for_is_not_compared(items: Items, documents: Items) -> None:
    gold = items([("b", "total", "1")])
    wrong = items([("a", "total", "2")])
    known = documents([("p", "a"), ("q", "a"), ("q", "b")])
    rows, comparisons = table_of(pl.concat([by("p", wrong), by("q", wrong)]), gold, known)
    assert [row["f1_micro"] for row in rows] == [None, 0]
    assert [c["metric"] for c in comparisons] == ["hallucination_rate"]


def test_comparisons_depend_on_the_seed(items: Items, documents: Items) -> None:
    gold = gold_of(items, "field")
    given = [by(s, gold.sample(fraction=f, seed=1)) for s, f in (("p", 0.8), ("q", 0.7))]
    known = documents([(s, d) for s in ("p", "q") for d in IDS])
    first, again, other = (
        table_of(pl.concat(given), gold, known, seed=seed)[1] for seed in (0, 0, 1)
    )
    assert first == again
    assert first[0]["difference"] == other[0]["difference"]
    assert first != other

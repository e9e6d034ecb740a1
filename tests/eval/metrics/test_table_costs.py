"""What a table says of time, tokens and thoughts."""

from __future__ import annotations

import polars as pl
import pytest

from tests.eval.metrics.conftest import Items
from tests.eval.metrics.test_table import by, table_of


def test_costs(items: Items, documents: Items) -> None:
    gold = items([(d, "total", "1") for d in "abcde"])
    spent = [
        (
            "s",
            d,
            {"seconds": s, "prompt_tokens": 10, "invalid_replies": k, "completion_tokens": None},
        )
        for d, s, k in zip("abcde", (1.0, 2.0, 3.0, 4.0, None), (1, 1, None, 1, 1), strict=True)
    ]
    labelling = documents([("s", "a", {"seconds": 99.0, "invalid_replies": 7})], work="label")
    known = pl.concat([documents(spent), labelling])
    (row,), _ = table_of(by("s", gold), gold, known)
    assert (row["n"], row["invalid_replies"]) == (5, 4)
    assert (row["seconds_p50"], row["seconds_p95"]) == (2.5, pytest.approx(3.85))
    assert row["prompt_tokens_per_document"] == 10
    assert (row["cached_tokens_per_document"], row["completion_tokens_per_document"]) == (0, 0)


def test_thoughts_and_llm_seconds(items: Items, documents: Items) -> None:
    gold = items([(d, "total", "1") for d in "ab"])
    spent = {"completion_tokens": 50, "reasoning_tokens": 45, "llm_seconds": 3.0}
    known = documents([("s", "a", spent), ("s", "b", {"reasoning_tokens": 0})])
    (row,), _ = table_of(by("s", gold), gold, known)
    assert row["completion_tokens_per_document"] == 25
    assert (row["reasoning_tokens_per_document"], row["llm_seconds_per_document"]) == (22.5, 1.5)
    without = known.drop("reasoning_tokens", "llm_seconds")
    later = {"reasoning_tokens": pl.Int64, "llm_seconds": pl.Float64}
    gone_on = without.with_columns(pl.lit(None, kind).alias(n) for n, kind in later.items())
    for earlier in (without, gone_on):
        (row,), _ = table_of(by("s", gold), gold, earlier)
        figures = (row["reasoning_tokens_per_document"], row["llm_seconds_per_document"])
        assert figures == (None, None), "a run of before they were counted"


def test_each_system_has_its_own_costs(items: Items, documents: Items) -> None:
    gold = items([(d, "total", "1") for d in "ab"])
    known = documents(
        [("p", d, {"seconds": 1.0, "prompt_tokens": 4, "invalid_replies": 1}) for d in "ab"]
        + [("q", "a", {"seconds": 3.0, "prompt_tokens": 9, "cached_tokens": 2})]
    )
    rows, _ = table_of(gold.clear(), gold, known)
    names = ("system", "n", "seconds_p50", "seconds_p95", "invalid_replies")
    tokens = [f"{kind}_tokens_per_document" for kind in ("prompt", "cached", "completion")]
    assert [[row[name] for name in (*names, *tokens)] for row in rows] == [
        ["p", 2, 1, 1, 2, 4, 0, 0],
        ["q", 1, 3, 3, 0, 9, 2, 0],
    ]


def test_a_document_of_two_rows_counts_once(items: Items, documents: Items) -> None:
    gold = items([("a", "total", "1"), ("b", "total", "2")])
    known = documents([("s", "a"), ("s", "a", {"seconds": 2.0}), ("s", "b")])
    (row,), _ = table_of(by("s", gold.head(1)), gold, known)
    assert (row["n"], row["recall"]) == (2, 0.5)

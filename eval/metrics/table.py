"""The table of a run: a row for each dataset, split, condition, task and system, and comparisons."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from hybrid.errors import HybridError

from ..datasets.base import BACKGROUND
from ..frames import Collect, EngineRecord, collect
from ..records import LATER_COLUMNS
from .f1 import Floats, f1, ratio
from .hallucination import KINDS
from .measures import Measures, by_cluster
from .measuring import Setting, columns, measure
from .permutation import Metric, compare

REMOVED = "remove-field"
"""The counterfactual in whose documents the only thing asked for is not there."""

_TABLE = ("dataset", "split", "condition", "task")
_NEEDED = (
    *_TABLE,
    *("system", "document_id", "origin", "path", "label", "text", "key", "typed_key"),
    *("confidence", "on_page", "in_citation"),
)
_TOKENS = ("prompt_tokens", "cached_tokens", "completion_tokens")


class ScoringError(HybridError):
    """The rows of a run do not fit together."""


def score(
    items: pl.LazyFrame | pl.DataFrame,
    documents: pl.DataFrame,
    *,
    scored_labels: Mapping[str, tuple[str, ...]],
    open_labels: Collection[str],
    seed: int = 0,
    engine: str = "auto",
    records: list[EngineRecord] | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Scores a run.

    A system is measured on the documents for which it has a row in `documents`, failed ones
    included (they give nothing, and their gold counts); systems are compared on the documents that
    both were given. Intervals are 95 % percentile bootstrap intervals over documents, over their
    originals where several were made from one.

    Args:
        items: Rows of `ITEM_SCHEMA`; with a lazy frame one task is held in memory at a time.
        documents: Rows of `DOCUMENT_SCHEMA`. Work "extract" serves the tasks `field`, `link` and
            `structure`, work "label" the task `label`.
        scored_labels: By dataset the labels that count in the task `label`; of a dataset that is
            not named all do but the background.
        open_labels: Datasets whose fields have labels of their own in each document (forms), for
            which there is no macro F1.
        seed: Of the random numbers.
        engine: Of the queries, as `eval.frames.collect` takes it.
        records: Where to note the engines that were used.

    Returns:
        `(rows, comparisons)`: the rows have the keys of the specification of `results.json`, None
        where one does not apply; the comparisons `dataset, split, condition, task, a, b, metric,
        difference, low, high, p`. A comparison that is not defined (nothing to be found, or a rate
        of a system that gave nothing) is left out.

    Raises:
        ScoringError: If a prediction is of a document that its system has no row for.
    """
    run = partial(collect, engine=engine, records=records)
    lazy = items.lazy().select(_NEEDED)
    rows: list[dict[str, Any]] = []
    comparisons: list[dict[str, Any]] = []
    for table in run(lazy.select(_TABLE).unique().sort(_TABLE)).iter_rows(named=True):
        setting = Setting(
            task=table["task"],
            open_labels=table["dataset"] in open_labels and table["task"] == "field",
            removed=REMOVED in table["condition"].split("+"),
        )
        held = run(lazy.filter(*_of(table), _counts(table, scored_labels)))
        work = "label" if setting.task == "label" else "extract"
        costs = documents.filter(*_of({k: table[k] for k in _TABLE[:3]}), pl.col("work") == work)
        measured = _measured(held, costs, setting, run)
        for system, measures in measured.items():
            cost = _cost(costs.filter(pl.col("system") == system))
            rows.append({**table, "system": system, **measures.values(seed), **cost})
        comparisons += ({**table, **c} for c in _compared(measured, setting, seed))
    return rows, comparisons


def _of(values: Mapping[str, str]) -> list[pl.Expr]:
    return [pl.col(name) == value for name, value in values.items()]


def _counts(table: Mapping[str, str], scored_labels: Mapping[str, tuple[str, ...]]) -> pl.Expr:
    if table["task"] != "label":
        return pl.lit(value=True)
    if table["dataset"] in scored_labels:
        return pl.col("label").is_in(scored_labels[table["dataset"]])
    return pl.col("label") != BACKGROUND


def _measured(
    held: pl.DataFrame, costs: pl.DataFrame, setting: Setting, run: Collect
) -> dict[str, Measures]:
    predictions = held.filter(pl.col("origin") == "prediction")
    gold = held.filter(pl.col("origin") == "gold")
    unknown = predictions.join(costs, on=["system", "document_id"], how="anti")
    if unknown.height:
        system, document = unknown.select("system", "document_id").row(0)
        raise ScoringError(
            f"system {system!r} has predictions for document {document!r} and no row for it in "
            "the documents table; run it again, or keep the two files of one run together"
        )
    measured = {}
    for system in costs["system"].unique().sort():
        given = costs.filter(pl.col("system") == system).select("document_id").unique()
        measured[system] = measure(
            predictions.filter(pl.col("system") == system),
            gold.join(given, on="document_id", how="semi", maintain_order="left"),
            given["document_id"],
            setting,
            run,
        )
    return measured


def _cost(rows: pl.DataFrame) -> dict[str, Any]:
    """Time and tokens; 0 tokens, not None, where no model is asked."""
    spent: dict[str, float | None] = {
        f"{name}_per_document": float(rows[name].fill_null(0).sum()) / rows.height
        for name in _TOKENS
    }
    for name in LATER_COLUMNS:
        counted = name in rows.columns and rows[name].count() > 0
        mean = float(rows[name].fill_null(0).sum()) / rows.height if counted else None
        spent[f"{name}_per_document"] = mean
    return {
        "n": rows["document_id"].n_unique(),
        "invalid_replies": int(rows["invalid_replies"].fill_null(0).sum()),
        "seconds_p50": rows["seconds"].quantile(0.5, "linear"),
        "seconds_p95": rows["seconds"].quantile(0.95, "linear"),
        **spent,
    }


def _compared(
    measured: Mapping[str, Measures], setting: Setting, seed: int
) -> Iterator[dict[str, Any]]:
    tests: list[tuple[str, str, Metric]] = [("f1_micro", "key", lambda s: f1(*columns(s)))]
    if setting.task == "field" and setting.removed:
        tests.append(("absent_field_rate", "answers", lambda s: ratio(*columns(s))))
    elif setting.task == "field":
        place = KINDS.index("hallucination")
        rate: Metric = lambda s: ratio(s[..., place], s[..., -1])  # noqa: E731
        tests.append(("hallucination_rate", "faults", rate))
    for (a, first), (b, second) in combinations(measured.items(), 2):
        _, in_a, in_b = np.intersect1d(first.documents, second.documents, return_indices=True)
        for name, block, metric in tests:
            if name not in first.metrics or name not in second.metrics:
                continue
            result = compare(
                _rows(first, block, in_a), _rows(second, block, in_b), metric, seed=seed
            )
            if result is not None:
                yield {"a": a, "b": b, "metric": name, **vars(result)}


def _rows(measures: Measures, block: str, places: Any) -> Floats:
    return by_cluster(measures.blocks[block][places], measures.clusters[places])

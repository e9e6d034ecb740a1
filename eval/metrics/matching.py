"""Which predictions are right: each gold item is found at most once, by at most one prediction.

Two rows are the same item when dataset, split, condition, task, document, label and key are equal
(`eval/records.py`). The matching is the largest one there is (maximum bipartite matching), so that
no order of rows, of documents or of alternatives has a say in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from ..frames import Collect, collect

DOCUMENT = ("dataset", "split", "condition", "task", "document_id")
# A path of these tasks names a value, which may be printed in several ways; in the others a path
# only says where an item stands, and CORD-r has two entities in one word.
TASKS_WITH_ALTERNATIVES = ("field", "structure")

_ROW = "_row"
_KEY = "_key"
_ITEM = "_item"
_CLASS = "_class"


@dataclass(frozen=True)
class Matches:
    """Predictions and gold after matching.

    Attributes:
        predictions: The predictions given, in their order, with a column `matched` (Boolean).
        gold: One row for each gold item: the columns of `DOCUMENT`, `path` and `label` of its
            first row. Absent fields (text null) are no items.
    """

    predictions: pl.DataFrame
    gold: pl.DataFrame

    def counts(self, by: Sequence[str] = ("document_id",)) -> pl.DataFrame:
        """Counts by columns, such as document, or document and label.

        Args:
            by: Columns of both frames.

        Returns:
            `by`, `true_positives`, `predictions`, `gold`, all Int64, sorted by `by`. Groups
            without predictions and without gold are not in it.
        """
        found = self.predictions.group_by(by).agg(
            pl.col("matched").sum().cast(pl.Int64).alias("true_positives"),
            pl.len().cast(pl.Int64).alias("predictions"),
        )
        gold = self.gold.group_by(by).agg(pl.len().cast(pl.Int64).alias("gold"))
        joined = found.join(gold, on=list(by), how="full", coalesce=True)
        counts = ("true_positives", "predictions", "gold")
        return joined.select(*by, *(pl.col(c).fill_null(0) for c in counts)).sort(by)


def match(
    predictions: pl.DataFrame, gold: pl.DataFrame, by: str = "key", run: Collect | None = None
) -> Matches:
    """Matches the predictions of one system to the gold.

    Gold rows of one document, task and path are alternatives of one item in the tasks `field` and
    `structure`; in the others each row is an item. Of predictions that are alike and more than
    there are gold items, those with the first paths in string order match.

    Args:
        predictions: Rows of `ITEM_SCHEMA`, of one system.
        gold: Rows of `ITEM_SCHEMA`; those with a null text are no items.
        by: The column that decides: "key", "text" or "typed_key". A null in it matches nothing.
        run: Runs the queries; by default `collect`.

    Returns:
        The matches. Without predictions or without gold nothing matches.
    """
    run = run or partial(collect, engine="auto")
    alternatives = _alternatives(gold, by, run)
    predictions = predictions.with_row_index(_ROW)
    classes = _classes(alternatives)
    candidates = run(
        predictions.lazy()
        .select(_ROW, *DOCUMENT, "label", "path", pl.col(by).alias(_KEY))
        .join(classes, on=[*DOCUMENT, "label", _KEY], how="inner")
    )
    simple = candidates.filter(~pl.col("conflict"))
    rows = [_within_capacity(simple, run)]
    if simple.height < candidates.height:
        rows.append(_largest(candidates.filter("conflict"), alternatives))
    matched = pl.concat(rows)
    return Matches(
        predictions=predictions.with_columns(
            pl.col(_ROW).is_in(matched.implode()).alias("matched")
        ).drop(_ROW),
        gold=alternatives.unique(_ITEM, keep="first", maintain_order=True).select(
            *DOCUMENT, "path", "label"
        ),
    )


def _alternatives(gold: pl.DataFrame, by: str, run: Collect) -> pl.DataFrame:
    """The gold rows that can be found, with the number of the item that each is a form of."""
    row = pl.int_range(pl.len(), dtype=pl.UInt32)
    first = pl.col(_ROW).first().over([*DOCUMENT, "path"])
    return run(
        gold.lazy()
        .filter(pl.col("text").is_not_null())
        .select(*DOCUMENT, "path", "label", pl.col(by).alias(_KEY), row.alias(_ROW))
        .with_columns(
            pl.when(pl.col("task").is_in(TASKS_WITH_ALTERNATIVES))
            .then(first)
            .otherwise(pl.col(_ROW))
            .alias(_ITEM)
        )
        .drop(_ROW)
    )


def _classes(alternatives: pl.DataFrame) -> pl.LazyFrame:
    """For each key of a document, the class of items that it finds, and how many they are.

    Items that are found by the same keys are a class, and a prediction of any of these keys finds
    any of them. A key of two classes is a conflict, and so is every key of their document.
    """
    keys = [*DOCUMENT, "label", _KEY]
    forms = alternatives.lazy().unique([_ITEM, "label", _KEY])
    single = pl.len().over(_ITEM) == 1
    simple = (
        forms.filter(single)
        .group_by(keys)
        .agg(pl.len().alias("capacity"), pl.col(_ITEM).min().alias(_CLASS))
    )
    several = forms.filter(~single)
    form = pl.concat_str("label", pl.col(_KEY).fill_null(""), separator="\x1f")
    found_by = several.group_by(_ITEM).agg(form.sort().str.join("\x1e").alias("found_by"))
    several = (
        several.join(found_by, on=_ITEM)
        .with_columns(
            pl.col(_ITEM).n_unique().over([*DOCUMENT, "found_by"]).alias("capacity"),
            pl.col(_ITEM).min().over([*DOCUMENT, "found_by"]).alias(_CLASS),
        )
        .select(*keys, "capacity", _CLASS)
        .unique()
    )
    return (
        pl.concat([simple, several])
        .with_columns((pl.len().over(keys) > 1).alias("conflict"))
        .with_columns(pl.col("conflict").any().over(DOCUMENT))
        .unique(keys)
    )


def _within_capacity(candidates: pl.DataFrame, run: Collect) -> pl.Series:
    """Rows of the predictions that match, where each class has room for `capacity` of them."""
    crowded = pl.len().over(_CLASS) > pl.col("capacity")
    rows = candidates.lazy().select(_ROW, _CLASS, "path", "capacity", crowded.alias("crowded"))
    place = pl.int_range(pl.len()).over(_CLASS)
    chosen = rows.filter("crowded").sort("path", _ROW).filter(place < pl.col("capacity"))
    return run(pl.concat([rows.filter(~pl.col("crowded")).select(_ROW), chosen.select(_ROW)]))[_ROW]


def _largest(candidates: pl.DataFrame, alternatives: pl.DataFrame) -> pl.Series:
    """Rows that match where items share some keys and not others: Kuhn's augmenting paths."""
    keys = [*DOCUMENT, "label", _KEY]
    edges = (
        candidates.join(alternatives.select(*keys, _ITEM), on=keys)
        .group_by("path", _ROW)
        .agg(pl.col(_ITEM).unique().sort())
        .sort("path", _ROW)
    )
    items_of = dict(zip(edges[_ROW], edges[_ITEM], strict=True))
    taken: dict[int, int] = {}

    def place(row: int, tried: set[int]) -> bool:
        for item in items_of[row]:
            if item in tried:
                continue
            tried.add(item)
            if item not in taken or place(taken[item], tried):
                taken[item] = row
                return True
        return False

    for row in items_of:
        place(row, set())
    return pl.Series(_ROW, sorted(taken.values()), dtype=pl.UInt32)

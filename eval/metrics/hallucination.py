"""How often a system gives a value that it should not have given, and in what way.

The taxonomy is the harness's own (documentation of the evaluation); the idea of judging
each given value by itself is that of Ji et al., Survey of Hallucination in Natural Language
Generation, 2023: *extrinsic* is `ungrounded` here, an *unanswerable* question answered is
`absent_field`. Whether a value stands on the page is decided elsewhere, apart from the extractor's
own grounding, and arrives here in the columns `on_page` and `in_citation`.

Of a value that is given, in a document:

- `ungrounded`: it cannot be aligned to any text of the document. An unknown `on_page` (null)
  counts as ungrounded: what nobody could find is not excused;
- `absent_field`: the gold has no item of its label;
- `hallucination`: one of the two, or both, counted once;
- `mislocated`: on the page, and not in the words that it cites; a value that cites nothing
  (null) is mislocated. No hallucination;
- `wrong_field`: on the page, the gold has items of its label, and it equals none of them. A right
  value that is given twice is not wrong here (F1 counts the second one as wrong). No hallucination.

A rate is the number of such values over all values given; not defined where none is given. So a
system that says nothing hallucinates nothing, and its recall is 0: read the two together.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from ..frames import Collect, collect
from .matching import DOCUMENT

KINDS = ("hallucination", "ungrounded", "absent_field", "mislocated", "wrong_field")


def flags(
    predictions: pl.DataFrame, gold: pl.DataFrame, run: Collect | None = None
) -> pl.DataFrame:
    """Says of each value in what way it is at fault.

    Args:
        predictions: Predicted rows of `ITEM_SCHEMA` of one system, one dataset, split and
            condition, task `field`.
        gold: Gold rows of the same documents.
        run: Runs the query; by default `collect`.

    Returns:
        `document_id` and a Boolean column for each of `KINDS`; one row for each
        prediction, in no order.
    """
    run = run or partial(collect, engine="auto")
    field = [*DOCUMENT, "label"]
    items = gold.lazy().filter(pl.col("text").is_not_null())
    fields = items.select(field).unique().with_columns(asked=pl.lit(value=True))
    keys = items.select(*field, "key").unique().with_columns(right=pl.lit(value=True))
    on_page = pl.col("on_page").fill_null(value=False)
    absent = pl.col("asked").is_null()
    return run(
        predictions.lazy()
        .select(*field, "key", "on_page", "in_citation")
        .join(fields, on=field, how="left")
        .join(keys, on=[*field, "key"], how="left")
        .select(
            "document_id",
            (~on_page | absent).alias("hallucination"),
            (~on_page).alias("ungrounded"),
            absent.alias("absent_field"),
            (on_page & ~pl.col("in_citation").fill_null(value=False)).alias("mislocated"),
            (on_page & ~absent & pl.col("right").is_null()).alias("wrong_field"),
        )
    )


def fault_counts(
    predictions: pl.DataFrame, gold: pl.DataFrame, run: Collect | None = None
) -> pl.DataFrame:
    """Counts the faults of each document.

    Args:
        predictions: Predicted rows of `ITEM_SCHEMA` of one system, one dataset, split and
            condition, task `field`.
        gold: Gold rows of the same documents.
        run: Runs the queries; by default `collect`.

    Returns:
        `document_id`, a column for each of `KINDS`, and `values`, the number of values
        given; documents without any are not in it. Sums of a kind over sums of `values` are the
        rate.
    """
    return (
        flags(predictions, gold, run)
        .group_by("document_id")
        .agg(
            *(pl.col(k).sum().cast(pl.Int64) for k in KINDS),
            pl.len().cast(pl.Int64).alias("values"),
        )
        .sort("document_id")
    )


def answered_counts(predictions: pl.DataFrame, gold: pl.DataFrame) -> pl.DataFrame:
    """Counts what was answered of that which is not there, in documents with a field removed.

    There the rate of `absent_field` is answered fields over asked fields, so that a system that
    rightly says nothing has the rate 0. Any number of values for one field is one answer.

    Args:
        predictions: Predicted rows of `ITEM_SCHEMA` of one system, one dataset, split and
            condition, task `field`.
        gold: Gold rows; those with a null text are the fields that were asked for and are absent.

    Returns:
        `document_id`, `answered` and `asked`, for every document in which something absent was
        asked for.
    """
    field = [*DOCUMENT, "label"]
    asked = gold.filter(pl.col("text").is_null()).select(field).unique()
    given = predictions.select(field).unique().with_columns(given=pl.lit(value=True))
    return (
        asked.join(given, on=field, how="left")
        .group_by("document_id")
        .agg(
            pl.col("given").is_not_null().sum().cast(pl.Int64).alias("answered"),
            pl.len().cast(pl.Int64).alias("asked"),
        )
        .sort("document_id")
    )

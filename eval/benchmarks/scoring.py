"""How long scoring takes: `python -m eval.benchmarks.scoring --rows 1000000`.

Makes predictions and as many gold rows at random, half of them fields of receipts (four single
values and lists of items, one value in eight with an alternative form) and half labelled segments,
scores them, and prints seconds (of the clock and of the CPU) and the largest memory
of the process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time

import numpy as np
import polars as pl

from ..metrics.table import score
from ..records import DOCUMENT_SCHEMA, ITEM_SCHEMA

FIELDS = ("company", "date", "address", "total", *["menu.nm"] * 3, *["menu.price"] * 3)
LABELS = tuple(f"class{k}" for k in range(29))


def synthetic_items(rows: int, seed: int = 0) -> pl.DataFrame:
    """Predictions and gold, `rows` of each, in ten items a document; about 80 % are right."""
    fields, labels = rows - rows // 2, rows // 2
    random = np.random.default_rng(seed)
    return pl.concat(
        [_items("field", fields, FIELDS, random), _items("label", labels, LABELS, random)]
    )


def _items(
    task: str, rows: int, labels: tuple[str, ...], random: np.random.Generator
) -> pl.DataFrame:
    number = np.arange(rows)
    if task == "field":
        label = np.array(labels)[number % len(labels)]
    else:
        label = np.array(labels)[random.integers(0, len(labels), rows)]
    value = random.integers(10_000, 10_000_000, rows)
    gold = pl.DataFrame({"label": label, "value": value}).with_columns(
        document_id=pl.format("d{}", pl.Series(number // 10)),
        path=pl.format("{}[{}]", "label", pl.Series(number % 10)),
    )
    wrong = pl.Series(random.random(rows) < 0.2)
    predictions = gold.with_columns(
        value=pl.when(wrong).then(pl.col("value") + 7).otherwise("value"),
        label=pl.when(wrong & (task == "label")).then(pl.lit(LABELS[0])).otherwise("label"),
        confidence=pl.Series(random.random(rows)),
        on_page=pl.Series(random.random(rows) < 0.95),
        in_citation=pl.Series(random.random(rows) < 0.9),
        system=pl.lit("hybrid"),
        origin=pl.lit("prediction"),
    )
    gold = gold.with_columns(system=pl.lit(""), origin=pl.lit("gold"))
    other = gold.filter(pl.Series(random.random(rows) < 0.125)).with_columns(pl.col("value") + 9)
    both = [predictions, gold, other] if task == "field" else [predictions, gold]
    named = pl.concat(both, how="diagonal").with_columns(
        dataset=pl.lit("synthetic"),
        split=pl.lit("test"),
        condition=pl.lit("gold"),
        task=pl.lit(task),
        text=pl.format("RM {}", pl.col("value")) if task == "field" else pl.col("path"),
        key=pl.col("value").cast(pl.String) if task == "field" else pl.col("path"),
        typed_key=pl.format("number:{}", pl.col("value")),
        value=pl.col("value").cast(pl.String),
    )
    absent = [
        pl.lit(None, dtype=t).alias(c) for c, t in ITEM_SCHEMA.items() if c not in named.columns
    ]
    return named.with_columns(absent).select(pl.col(c).cast(t) for c, t in ITEM_SCHEMA.items())


def synthetic_documents(items: pl.DataFrame) -> pl.DataFrame:
    """A row for each document and kind of work of `items`."""
    work = pl.when(pl.col("task") == "label").then(pl.lit("label")).otherwise(pl.lit("extract"))
    rows = (
        items.filter(pl.col("origin") == "prediction")
        .select("dataset", "split", "condition", work.alias("work"), "system", "document_id")
        .unique()
        .with_columns(seconds=pl.lit(0.5))
    )
    absent = [pl.lit(0).alias(c) for c in DOCUMENT_SCHEMA if c not in (*rows.columns, "error")]
    rows = rows.with_columns(*absent, pl.lit(None).alias("error"))
    return rows.select(pl.col(c).cast(t) for c, t in DOCUMENT_SCHEMA.items())


def main() -> None:
    """Prints the figures of one scoring."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", default="auto", choices=("auto", "cpu", "streaming", "gpu"))
    arguments = parser.parse_args()
    items = synthetic_items(arguments.rows)
    documents = synthetic_documents(items)
    before = _peak()
    started, worked = time.perf_counter(), time.process_time()
    score(items, documents, scored_labels={}, open_labels=(), engine=arguments.engine)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    sys.stdout.write(
        f"{arguments.rows} predictions, {items.height - arguments.rows} gold rows, "
        f"{documents.height} documents: {seconds:.1f} s ({cpu:.1f} s of CPU), "
        f"peak {_peak():.1f} GB ({before:.1f} GB before scoring)\n"
    )


def _peak() -> float:
    """The largest resident memory of the process so far, in gigabytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


if __name__ == "__main__":
    main()

"""Which predictions are right, and what follows: scores of documents, curves, confusion."""

from __future__ import annotations

import polars as pl

from ..datasets.base import BACKGROUND as UNLABELLED
from ..datasets.registry import DATASETS
from ..metrics.calibration import reliability_curve, risk_coverage_curve
from ..metrics.f1 import f1
from ..metrics.matching import DOCUMENT, match

BACKGROUND = "background"
"""How a confusion matrix calls a segment without an entity; no dataset's class has this name."""

_MOST_POINTS = 80


def judged(items: pl.DataFrame) -> pl.DataFrame:
    """The predictions among `items` that are scored, by system, with the column `matched`."""
    predictions, gold = sides(scored(items))
    parts = [match(own, gold).predictions for own in _by_system(predictions)]
    return pl.concat(parts) if parts else match(predictions, gold).predictions


def scored(items: pl.DataFrame) -> pl.DataFrame:
    """The items that count: of the task `label` some datasets score a part of their classes."""
    is_label = pl.col("task") == "label"
    counts = ~is_label | (pl.col("label") != UNLABELLED)
    for name in items["dataset"].unique():
        known = DATASETS.get(name)
        if known is not None:
            other = is_label & (pl.col("dataset") == name)
            counts &= ~other | pl.col("label").is_in(known.scored_labels)
    return items.filter(counts)


def sides(items: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Predictions and gold."""
    is_gold = pl.col("origin") == "gold"
    return items.filter(~is_gold), items.filter(is_gold)


def document_scores(items: pl.DataFrame) -> pl.DataFrame:
    """F1 of each document and system.

    Returns:
        `system`, the columns of `DOCUMENT`, `true_positives`, `predictions`, `gold` and `f1`; a row
        for each pair of a document and a system that gave something.
    """
    predictions, gold = sides(scored(items))
    parts = [
        match(own, gold).counts(DOCUMENT).with_columns(system=pl.lit(own["system"][0]))
        for own in _by_system(predictions)
    ]
    if not parts:
        return (
            match(predictions, gold)
            .counts(DOCUMENT)
            .clear()
            .with_columns(system=pl.lit(""), f1=pl.lit(0.0))
        )
    counts = pl.concat(parts).filter(pl.col("predictions") > 0)
    found = (counts[name].to_numpy() for name in ("true_positives", "predictions", "gold"))
    return counts.with_columns(pl.Series("f1", f1(*found), dtype=pl.Float64))


def _by_system(predictions: pl.DataFrame) -> list[pl.DataFrame]:
    return predictions.partition_by("system", maintain_order=True)


def calibration_points(predictions: pl.DataFrame) -> list[tuple[float, float, int]]:
    """Mean confidence, share that is right and number of predictions, for each bin that has any.

    Args:
        predictions: Of one system, with `matched`; empty points where it has no confidences.
    """
    bins = reliability_curve(*_sure_and_right(predictions))
    return [
        (b.confidence, b.accuracy, b.count)
        for b in bins
        if b.confidence is not None and b.accuracy is not None
    ]


def risk_coverage_points(predictions: pl.DataFrame) -> list[tuple[float, float]]:
    """Coverage and risk, from the surest prediction to all of them, in at most some 80 points.

    Args:
        predictions: Of one system, with `matched`.
    """
    coverage, risk = risk_coverage_curve(*_sure_and_right(predictions))
    points = list(zip(coverage.tolist(), risk.tolist(), strict=True))
    step = max(1, -(-len(points) // _MOST_POINTS))
    return points[:-1:step] + points[-1:]


def _sure_and_right(predictions: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    known = predictions.filter(pl.col("confidence").is_not_null())
    return known["confidence"], known["matched"]


def confusion_counts(items: pl.DataFrame, system: str) -> pl.DataFrame:
    """How often a segment of one class was given another.

    Args:
        items: Of the task `label`, where a segment is known by its path.
        system: Whose predictions.

    Returns:
        `gold, predicted, n`; a segment that only one side has is the other's background.
    """
    place = ["document_id", "path"]
    gold = items.filter(pl.col("origin") == "gold").select(*place, pl.col("label").alias("gold"))
    predicted = items.filter(
        (pl.col("origin") == "prediction") & (pl.col("system") == system)
    ).select(*place, pl.col("label").alias("predicted"))
    return (
        gold.unique(place, maintain_order=True)
        .join(predicted.unique(place, maintain_order=True), on=place, how="full", coalesce=True)
        .group_by(pl.col("gold", "predicted").fill_null(BACKGROUND))
        .agg(pl.len().alias("n"))
        .sort("gold", "predicted")
    )

"""What one system did on one task, as sums over documents, and the values and intervals of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bootstrap import interval, resampled_sums
from .calibration import area_interval, area_under_risk_coverage
from .f1 import Floats

OF_GOLD = (
    "f1_micro",
    "f1_macro",
    "f1_exact",
    "f1_typed",
    "precision",
    "recall",
    "anls",
    "readable_rate",
)
"""Metrics that say nothing where nothing is to be found."""
METRICS = (
    *OF_GOLD,
    "tree_edit_accuracy",
    "hallucination_rate",
    "ungrounded_rate",
    "absent_field_rate",
    "mislocated_rate",
    "wrong_field_rate",
    "ece",
    "aurc",
)
"""Each has a value and an interval in a row of the results; None where it does not apply."""

Sums = Mapping[str, Floats]
Metric = Callable[[Sums], Floats]
"""From the sums of each block, shape `(..., columns)`, to the metric's values, shape `(...)`."""


@dataclass(frozen=True)
class Measures:
    """What one system did.

    Attributes:
        documents: Their ids, sorted.
        clusters: For each document the number of the original that it was made from: these are
            drawn in resamples, since the copies of one document are right or wrong together.
        blocks: For each group of counts a matrix, one row a document.
        metrics: For each measure a function of the blocks' sums (last axis: the columns).
        confidences: Of the predictions: confidence (or not a number), correctness, cluster.
    """

    documents: tuple[str, ...]
    clusters: NDArray[np.int64]
    blocks: Mapping[str, Floats]
    metrics: Mapping[str, Metric]
    confidences: tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]

    def values(self, seed: int = 0) -> dict[str, float | None]:
        """The measures and their intervals, by name, `name_low` and `name_high`."""
        cuts = np.cumsum([block.shape[1] for block in self.blocks.values()])[:-1]
        stacked = by_cluster(np.hstack(list(self.blocks.values())), self.clusters)
        drawn = resampled_sums(stacked, seed=seed)
        totals = self._split(stacked.sum(axis=0), cuts)
        samples = self._split(drawn, cuts)
        result: dict[str, float | None] = {}
        for name in METRICS:
            metric = self.metrics.get(name)
            value = float(metric(totals)) if metric else np.nan
            if metric is None or np.isnan(value):
                result |= _entry(name, None, None)
            else:
                result |= _entry(name, value, interval(metric(samples)))
        confidence, correct, cluster = self.confidences
        area = area_under_risk_coverage(confidence, correct)
        return result | _entry("aurc", area, area_interval(confidence, correct, cluster, seed))

    def _split(self, sums: Floats, cuts: NDArray[np.int64]) -> dict[str, Floats]:
        return dict(zip(self.blocks, np.split(sums, cuts, axis=-1), strict=True))


def by_cluster(counts: Floats, clusters: NDArray[np.int64]) -> Floats:
    """Sums of the rows of each cluster, in the order of the clusters' numbers."""
    numbers, place = np.unique(clusters, return_inverse=True)
    sums = np.zeros((len(numbers), counts.shape[1]))
    np.add.at(sums, place, counts)
    return sums


def _entry(
    name: str, value: float | None, spread: tuple[float, float] | None
) -> dict[str, float | None]:
    low, high = spread or (None, None)
    return {name: value, f"{name}_low": low, f"{name}_high": high}

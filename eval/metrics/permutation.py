"""Paired test between two systems on the same documents.

Under the hypothesis that two systems are alike, their results on a document can be swapped. The
p value is the share of random swaps of which the difference is at least as large as the one seen.
Source: Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989 (approximate randomisation);
Yeh, More accurate tests for the statistical significance of result differences, COLING 2000; the
correction by one of Phipson and Smyth, Permutation P-values should never be zero, 2010.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from .bootstrap import interval, resampled_sums
from .f1 import Floats

PERMUTATIONS = 2000

_CELLS_AT_ONCE = 2_000_000
# Sums are of integers and exact; quotients of equal sums may differ in their last digit.
_TOLERANCE = 1e-12

Metric = Callable[[Floats], Floats]
"""From sums, shape `(..., columns)`, to the metric's values, shape `(...)`."""


@dataclass(frozen=True)
class Comparison:
    """Two systems on the same documents.

    Attributes:
        difference: The metric of the first system less that of the second.
        low: Of the paired bootstrap interval of the difference.
        high: The same.
        p: Two-sided; never 0, and 1 where the systems are equal on every document.
    """

    difference: float
    low: float
    high: float
    p: float


def compare(
    first: ArrayLike,
    second: ArrayLike,
    metric: Metric,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Comparison | None:
    """Tests whether two systems differ.

    Args:
        first: Counts of the first system, shape `(documents, columns)`.
        second: Of the second, the same documents in the same order.
        metric: A function of the sums of the columns, such as
            `lambda sums: f1(*np.moveaxis(sums, -1, 0))`.
        permutations: Number of random swaps.
        seed: Of the random numbers.

    Returns:
        The comparison; None where the metric is not defined for one of the two (no documents, or
        a rate of a system that gave no value). A swap or a resample in which it is not defined
        counts as at least as extreme, and is left out of the interval.
    """
    a, b = (np.asarray(m, dtype=np.float64) for m in (first, second))
    if a.shape != b.shape:
        raise ValueError(f"the systems' counts have different shapes, {a.shape} and {b.shape}")
    total_a, total_b = a.sum(axis=0), b.sum(axis=0)
    difference = float(metric(total_a) - metric(total_b))
    if np.isnan(difference):
        return None
    columns = a.shape[1]
    sums = resampled_sums(np.hstack([a, b]), seed=seed)
    spread = interval(metric(sums[:, :columns]) - metric(sums[:, columns:]))
    if spread is None:
        return None
    random = np.random.default_rng(seed)
    block = max(1, _CELLS_AT_ONCE // len(a))
    extreme = 0
    for start in range(0, permutations, block):
        size = min(block, permutations - start)
        moved = random.integers(0, 2, (size, len(a)), dtype=np.int8).astype(np.float64) @ (a - b)
        shuffled = np.abs(metric(total_a - moved) - metric(total_b + moved))
        extreme += int((~(shuffled < abs(difference) - _TOLERANCE)).sum())
    return Comparison(difference, *spread, p=(extreme + 1) / (permutations + 1))

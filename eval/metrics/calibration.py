"""Whether confidences mean what they say: expected calibration error, and risk against coverage.

Everything here is about the values that a system gave, each with a confidence and whether it is
right. A value without a confidence (null, not a number) has no part; `known` counts them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bootstrap import interval, weights
from .f1 import Floats, ratio

BINS = 15
AREA_RESAMPLES = 200
"""Fewer than elsewhere, since each resample runs over all values and not over sums of documents."""


@dataclass(frozen=True)
class ReliabilityPoint:
    """One bin of the reliability diagram.

    Attributes:
        low: Of the bin's confidences, exclusive but for the first bin, whose 0 belongs to it.
        high: Inclusive.
        count: Values in it.
        confidence: Their mean confidence; None for an empty bin.
        accuracy: Share of them that are right; None for an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


def known(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, NDArray[np.bool_], int]:
    """Leaves out the values without a confidence.

    Args:
        confidence: One a value, not a number where there is none.
        correct: One a value.

    Returns:
        Confidences, correctness, and the number of values that were left out.
    """
    values = np.asarray(confidence, dtype=np.float64)
    right = np.asarray(correct, dtype=bool)
    there = ~np.isnan(values)
    return values[there], right[there], int((~there).sum())


def bin_of(confidence: ArrayLike) -> NDArray[np.int64]:
    """The bin of each confidence: 15 of equal width over 0 to 1, `(k/15, (k+1)/15]`.

    Equal width, not equal mass, as in Guo et al.: bins that are fixed can be summed over documents
    and resampled, do not move with the system, and are what published figures use.
    """
    place = np.ceil(np.asarray(confidence, dtype=np.float64) * BINS).astype(np.int64) - 1
    return np.clip(place, 0, BINS - 1)


def expected_calibration_error(gaps: ArrayLike, values: ArrayLike) -> Floats:
    """Mean distance between confidence and accuracy, weighted by the values in each bin.

    `sum_b |gap_b| / values`. Source: Guo et al., On Calibration of Modern Neural Networks, ICML
    2017, equation 3, with 15 bins as there.

    Args:
        gaps: Of each bin, along the last axis: number of its values that are right, less the sum
            of their confidences.
        values: Number of values in all bins; the shape of `gaps` without its last axis.

    Returns:
        0 (calibrated) to 1, in the shape of `values`; not a number for no values.
    """
    return ratio(np.abs(gaps).sum(axis=-1), values)


def binned(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Counts, sums of confidences and hits of each bin.

    Args:
        confidence: 0 to 1, one a value, none missing.
        correct: One a value.

    Returns:
        Three arrays of shape `(15,)`.
    """
    values = np.asarray(confidence, dtype=np.float64)
    place = bin_of(values)
    right = np.asarray(correct, dtype=np.float64)
    return (
        np.bincount(place, minlength=BINS).astype(np.float64),
        np.bincount(place, values, BINS).astype(np.float64),
        np.bincount(place, right, BINS).astype(np.float64),
    )


def reliability_curve(confidence: ArrayLike, correct: ArrayLike) -> tuple[ReliabilityPoint, ...]:
    """The points of the reliability diagram (Guo et al. 2017, figure 1), one a bin.

    Args:
        confidence: 0 to 1, one a value; values without one are left out.
        correct: One a value.
    """
    values, right, _ = known(confidence, correct)
    bins = zip(*binned(values, right), strict=True)
    return tuple(
        ReliabilityPoint(
            low=k / BINS,
            high=(k + 1) / BINS,
            count=int(count),
            confidence=float(total / count) if count else None,
            accuracy=float(hits / count) if count else None,
        )
        for k, (count, total, hits) in enumerate(bins)
    )


def risk_coverage_curve(confidence: ArrayLike, correct: ArrayLike) -> tuple[Floats, Floats]:
    """What share of errors is accepted with what share of the values, the surest first.

    Values of one confidence are accepted together, so that the order of rows has no say.
    Source: Geifman and El-Yaniv, Selective Classification for Deep Neural Networks, NeurIPS 2017.

    Args:
        confidence: One a value; values without one are left out.
        correct: One a value.

    Returns:
        `(coverage, risk)`, one point for each distinct confidence, from the highest: the share of
        the values that are at least as sure, and the share of errors among these. Empty arrays
        for no values.
    """
    values, right, _ = known(confidence, correct)
    levels, place = np.unique(-values, return_inverse=True)
    accepted = np.cumsum(np.bincount(place, minlength=len(levels)))
    errors = np.cumsum(np.bincount(place, ~right, len(levels)))
    return accepted / max(len(values), 1), ratio(errors, accepted)


def area_under_risk_coverage(confidence: ArrayLike, correct: ArrayLike) -> float | None:
    """Mean risk over all coverages (AURC): small where the surest values are the right ones.

    Source: Geifman, Uziel and El-Yaniv, Bias-Reduced Uncertainty Estimation, ICLR 2019, with the
    risk of values of one confidence taken as that of all of them together.

    Args:
        confidence: One a value; values without one are left out.
        correct: One a value.

    Returns:
        0 (all right) to 1 (all wrong); the error rate where all confidences are equal; None for no
        values.
    """
    coverage, risk = risk_coverage_curve(confidence, correct)
    if not coverage.size:
        return None
    return float((np.diff(coverage, prepend=0.0) * risk).sum())


def area_interval(
    confidence: ArrayLike, correct: ArrayLike, document: ArrayLike, seed: int = 0
) -> tuple[float, float] | None:
    """The bootstrap interval over documents of `area_under_risk_coverage`.

    Args:
        confidence: One a value; values without one are left out.
        correct: One a value.
        document: The number of each value's document, from 0; documents without values, up to the
            largest number, are drawn too.
        seed: Of the random numbers.

    Returns:
        `(low, high)`, or None for no values.
    """
    numbers = np.asarray(document, dtype=np.int64)
    values, right, _ = known(confidence, correct)
    held_by = numbers[~np.isnan(np.asarray(confidence, dtype=np.float64))]
    if not values.size:
        return None
    order = np.argsort(-values)
    surest, wrong, held_by = values[order], ~right[order], held_by[order]
    last_of_level = np.append(np.flatnonzero(np.diff(surest)), len(surest) - 1)
    areas = []
    for block in weights(int(numbers.max()) + 1, AREA_RESAMPLES, seed):
        for drawn in block:
            count = drawn[held_by]
            accepted = np.cumsum(count)[last_of_level]
            risk = ratio(np.cumsum(count * wrong)[last_of_level], accepted)
            areas.append(ratio(np.nansum(np.diff(accepted, prepend=0) * risk), accepted[-1]))
    return interval(np.array(areas))

"""Precision, recall and F1 from counts of true positives, predictions and gold items.

Source: van Rijsbergen, Information Retrieval, 1979, chapter 7; entity-level scoring with exact
matching as in CoNLL-2003 (Tjong Kim Sang and De Meulder, 2003).

Edge cases, the same in all functions here:

- nothing predicted, something to be found: precision, recall and F1 are 0, as scikit-learn has it
  with `zero_division=0`, so that a system that says nothing scores nothing;
- nothing to be found, something predicted: all three are 0;
- neither: not a number, since there is nothing to measure; such labels have no part in a mean.

Counts may be arrays of any shape, such as one value a resample; results have the same shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def ratio(numerator: ArrayLike, denominator: ArrayLike) -> Floats:
    """Elementwise quotient; not a number where the denominator is 0."""
    above = np.asarray(numerator, dtype=np.float64)
    below = np.asarray(denominator, dtype=np.float64)
    out: Floats = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=out, where=below != 0)
    return out


def precision(true_positives: ArrayLike, predictions: ArrayLike, gold: ArrayLike) -> Floats:
    """Share of the predictions that are right; edge cases as the module says."""
    return _or_zero(ratio(true_positives, predictions), predictions, gold)


def recall(true_positives: ArrayLike, predictions: ArrayLike, gold: ArrayLike) -> Floats:
    """Share of the gold items that are found; edge cases as the module says."""
    return _or_zero(ratio(true_positives, gold), predictions, gold)


def f1(true_positives: ArrayLike, predictions: ArrayLike, gold: ArrayLike) -> Floats:
    """Harmonic mean of precision and recall: `2 TP / (predictions + gold)`.

    Args:
        true_positives: Predictions that match.
        predictions: All of them.
        gold: Items to be found.

    Returns:
        0 to 1; edge cases as the module says.
    """
    return ratio(2 * np.asarray(true_positives), np.add(predictions, gold))


def macro_f1(true_positives: ArrayLike, predictions: ArrayLike, gold: ArrayLike) -> Floats:
    """Unweighted mean of the labels' F1.

    Args:
        true_positives: Of each label, along the last axis.
        predictions: The same.
        gold: The same.

    Returns:
        The mean over the labels that have gold or a prediction, with the last axis gone; not a
        number where no label has either.
    """
    scores = f1(true_positives, predictions, gold)
    known = ~np.isnan(scores)
    return ratio(np.where(known, scores, 0.0).sum(axis=-1), known.sum(axis=-1))


def _or_zero(share: Floats, predictions: ArrayLike, gold: ArrayLike) -> Floats:
    something: Any = np.add(predictions, gold) > 0
    return np.where(np.isnan(share) & something, 0.0, share)

"""Percentile bootstrap over documents, for any metric that is a function of sums over documents.

Documents, not items, are drawn, since the items of a document are right or wrong together (one
unreadable picture spoils them all). Source: Efron and Tibshirani, An Introduction to the
Bootstrap, 1993, chapter 13; Berg-Kirkpatrick et al., An Empirical Investigation of Statistical
Significance in NLP, EMNLP 2012.

F1 and rates need only the sums of counts, so a resample is a vector of how often each document was
drawn, and all resamples are one product of matrices.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .f1 import Floats

RESAMPLES = 1000
LEVEL = 0.95

_CELLS_AT_ONCE = 2_000_000  # bounds the memory for weights to some tens of megabytes


def weights(
    documents: int, resamples: int = RESAMPLES, seed: int = 0
) -> Iterator[NDArray[np.int64]]:
    """How often each document is drawn, in blocks of resamples.

    The weights depend on nothing but the three arguments, so that metrics and systems on the same
    documents see the same resamples.

    Args:
        documents: Number of them; each resample draws as many, with replacement.
        resamples: Number of resamples in all blocks together.
        seed: Of the random numbers.

    Yields:
        Blocks of shape `(some, documents)`; each row sums to `documents`. No blocks where there
        are no documents.
    """
    random = np.random.default_rng(seed)
    block = max(1, _CELLS_AT_ONCE // max(documents, 1))
    for start in range(0, resamples if documents else 0, block):
        size = min(block, resamples - start)
        drawn = random.integers(0, documents, (size, documents))
        drawn += np.arange(size)[:, None] * documents
        yield np.bincount(drawn.ravel(), minlength=size * documents).reshape(size, documents)


def resampled_sums(counts: ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> Floats:
    """Sums of counts over resampled documents.

    Args:
        counts: Shape `(documents, columns)`.
        resamples: Number of resamples.
        seed: Of the random numbers.

    Returns:
        Shape `(resamples, columns)`; of shape `(0, columns)` where there are no documents.
    """
    # Single precision is exact for sums of counts up to 16 million, and twice as fast.
    matrix = np.asarray(counts, dtype=np.float32)
    blocks = [w.astype(np.float32) @ matrix for w in weights(len(matrix), resamples, seed)]
    sums = np.concatenate(blocks) if blocks else np.empty((0, matrix.shape[1]))
    return sums.astype(np.float64)


def interval(values: ArrayLike, level: float = LEVEL) -> tuple[float, float] | None:
    """The percentile interval of a metric's values over resamples.

    Args:
        values: One a resample; those that are not numbers (a resample in which the metric is not
            defined) are left out.
        level: Share of the resamples inside.

    Returns:
        `(low, high)`, or None where no value is a number.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not known.size:
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)

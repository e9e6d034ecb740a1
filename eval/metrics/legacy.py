"""What the public code of Gbada, Kalti and Mahjoub (ICDAR 2024) computes and calls F1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def legacy_cell_accuracy(
    predicted: Sequence[int | None], gold: Sequence[int], classes: int
) -> float:
    """Accuracy over the cells of the flattened one-hot matrix; never use it to judge a system.

    The code writes the classes of `n` boxes as an `n` by `classes` matrix of zeros and ones and
    counts the cells in which prediction and gold agree. Nearly all cells are zero in both, so a
    predictor that says nothing at all has `1 - 1 / classes` of them right: .967 for the 30 classes
    of CORD, .75 for the 4 of FUNSD. One that always names a wrong class has `1 - 2 / classes`.
    It is kept to show what such figures are worth (read at commit a12803d).

    Args:
        predicted: The class of each box, from 0; None for a row of zeros.
        gold: The class of each box, from 0.
        classes: Number of classes.

    Returns:
        0 to 1; not a number for no boxes.
    """
    if not gold:
        return float("nan")
    rows = np.arange(len(gold))
    truth = np.zeros((len(gold), classes), dtype=bool)
    truth[rows, list(gold)] = True
    guess = np.zeros_like(truth)
    said = [k for k, c in enumerate(predicted) if c is not None]
    guess[said, [c for c in predicted if c is not None]] = True
    return float((truth == guess).mean())

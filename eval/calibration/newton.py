"""Newton's method for the few weights of a logistic model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ROUNDS = 50
_TOLERANCE = 1e-8


def minimised(
    loss: Callable[[Floats], float],
    derivatives: Callable[[Floats], tuple[Floats, Floats]],
    start: Floats,
) -> Floats:
    """The weights with the smallest loss; steps are halved until they help.

    Args:
        loss: Of some weights.
        derivatives: Its slope, and a positive definite matrix that stands for its curvature.
        start: Where to begin.
    """
    weights = start.copy()
    for _ in range(_ROUNDS):
        slope, curvature = derivatives(weights)
        step = np.linalg.solve(curvature, slope)
        while loss(weights - step) > loss(weights) and float(np.abs(step).max()) > _TOLERANCE:
            step /= 2
        weights -= step
        if float(np.abs(step).max()) <= _TOLERANCE:
            break
    return weights

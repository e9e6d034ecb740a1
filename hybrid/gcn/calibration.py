"""Temperature scaling (Guo et al. 2017, arXiv 1706.04599) on documents held out for it.

One number divides all logits: it cannot change which class is the most likely, only how sure the
network says it is.
"""

from __future__ import annotations

import math

from torch import Tensor

from hybrid.gcn.labelled import partial_label_loss

_LOWEST, _HIGHEST = 0.1, 10.0
_STEPS = 60


def fit_temperature(logits: Tensor, allowed: Tensor) -> float:
    """The temperature with the smallest negative log-likelihood, between 0.1 and 10.

    Golden-section search over its logarithm: with one allowed label a row, the loss is convex in the
    inverse temperature, so there is one minimum.

    Args:
        logits: `[n, labels]` of held-out segments.
        allowed: `[n, labels]`, bool, as for `partial_label_loss`.

    Returns:
        The temperature; 1 for n = 0.
    """
    if not len(logits):
        return 1.0
    golden = (math.sqrt(5) - 1) / 2
    low, high = math.log(_LOWEST), math.log(_HIGHEST)

    def loss(log_temperature: float) -> float:
        return partial_label_loss(logits, allowed, math.exp(log_temperature)).mean().item()

    for _ in range(_STEPS):
        left, right = high - golden * (high - low), low + golden * (high - low)
        if loss(left) <= loss(right):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2)

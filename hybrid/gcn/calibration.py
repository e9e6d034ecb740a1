"""Temperature scaling (Guo et al. 2017, arXiv 1706.04599) on documents held out for it.

One number divides all logits: it cannot change which class is the most likely, only how sure the
network says it is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from hybrid.gcn.graph_stage import Example, predict_logits
from hybrid.gcn.labelled import UNKNOWN, partial_label_loss, project
from hybrid.gcn.scores import expected_calibration_error
from hybrid.gcn.state import Calibration

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


def calibrate(model: nn.Module, held_out: Sequence[Example], labels: Sequence[str]) -> Calibration:
    """Fits the temperature of a network on documents that it was not trained on.

    Args:
        model: Trained.
        held_out: At least one document.
        labels: Of the network's outputs.
    """
    logits = predict_logits(model, held_out)
    temperature = fit_temperature(torch.cat(logits), torch.cat([e.allowed for e in held_out]))
    return Calibration(
        temperature=temperature,
        ece_before=calibration_error(held_out, logits, labels, 1.0),
        ece_after=calibration_error(held_out, logits, labels, temperature),
    )


def calibration_error(
    examples: Sequence[Example], logits: Sequence[Tensor], labels: Sequence[str], temperature: float
) -> float:
    """ECE over the segments of `outcomes`, whose arguments it has."""
    return expected_calibration_error(*outcomes(examples, logits, labels, temperature))


def outcomes(
    examples: Sequence[Example], logits: Sequence[Tensor], labels: Sequence[str], temperature: float
) -> tuple[Tensor, Tensor]:
    """How sure the network is of each segment's likeliest label, and whether that is right.

    Args:
        examples: Documents, each with the labels that its dataset knows.
        logits: `[n, labels]` of each.
        labels: Of the outputs.
        temperature: Divides the logits.

    Returns:
        Confidences, 0 to 1, and correctness, of all segments whose label is known.
    """
    confidence: list[Tensor] = []
    correct: list[Tensor] = []
    for example, rows in zip(examples, logits, strict=True):
        d = example.labelled
        best = project((rows / temperature).softmax(dim=1), d.known_labels, labels).max(1)
        right = [labels[int(k)] == g for k, g in zip(best.indices, d.labels, strict=True)]
        known = torch.tensor([g != UNKNOWN for g in d.labels])
        confidence.append(best.values[known])
        correct.append(torch.tensor(right)[known])
    return torch.cat(confidence), torch.cat(correct)

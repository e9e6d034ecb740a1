"""Confidence: from what speaks for a value to the probability that it is right.

Three ways, and the one with the smallest log-loss on documents that it was not fitted on is taken; of
two that are alike the simpler one: the scores as they are; the logistic model of `hybrid.verify.fuse`
with fitted weights; the scores as they are, and an increasing function from them to confidences.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hybrid.extraction import Grounding
from hybrid.verify.fuse import Fusion, FusionWeights, log_odds

from .evidence import Value
from .newton import Floats, minimised

_FITTED = ("intercept", "pooled", "ocr", "fuzzy", "rule")
_PRIOR_PRECISION = 1.0
"""Of the normal prior around the default weights: what the documents do not show stays as it was."""
_LEAST_POOLED = 0.05

Documents = Sequence[Sequence[Value]]
"""The values that are believed most, by document."""
Fitting = Callable[[Fusion, Documents], Fusion]


@dataclass(frozen=True)
class ConfidenceChoice:
    """Which way was taken.

    Attributes:
        name: "as it is", "logistic" or "isotonic".
        losses: Log-loss of each way on documents that it was not fitted on, in nats a value.
    """

    name: str
    losses: dict[str, float]


def _as_it_is(fusion: Fusion, documents: Documents) -> Fusion:
    return fusion


def fit_logistic(fusion: Fusion, documents: Documents) -> Fusion:
    """The same fusion with the weights of the score fitted, by maximum a posteriori.

    Newton's method on the penalised log-loss, which is convex. The weight of the belief stays positive, so that more belief never is a lower score.
    """
    values = [v for document in documents for v in document]
    if not values:
        return fusion
    features = np.array([_features(v) for v in values])
    right = np.array([v.right for v in values], dtype=np.float64)
    start = np.array([getattr(fusion.weights, name) for name in _FITTED])

    def loss(weights: Floats) -> float:
        logits = features @ weights
        data = np.logaddexp(0.0, logits) - right * logits
        return float(data.sum() + _PRIOR_PRECISION / 2 * ((weights - start) ** 2).sum())

    def derivatives(weights: Floats) -> tuple[Floats, Floats]:
        chance = 0.5 * (1 + np.tanh(features @ weights / 2))
        slope = features.T @ (chance - right) + _PRIOR_PRECISION * (weights - start)
        curvature = (features * (chance * (1 - chance))[:, None]).T @ features
        return slope, curvature + _PRIOR_PRECISION * np.eye(len(start))

    weights = minimised(loss, derivatives, start)
    fitted = dict(zip(_FITTED, (round(float(w), 4) for w in weights), strict=True))
    fitted["pooled"] = max(fitted["pooled"], _LEAST_POOLED)
    changed = FusionWeights.model_validate({**fusion.weights.model_dump(), **fitted})
    return fusion.model_copy(update={"weights": changed, "isotonic": ()})


def fit_isotonic(fusion: Fusion, documents: Documents) -> Fusion:
    """The same fusion with an increasing function from its scores to confidences.

    Isotonic regression by pooling adjacent violators (Ayer et al. 1955), each block at the mean of
    its scores, so that between blocks there is no step (centred isotonic regression, Oron and
    Flournoy 2017). To each block one value is added that is as right as all are on average: with
    few values nothing is certain.
    """
    points = sorted((v.score, v.right) for document in documents for v in document)
    blocks: list[tuple[float, int, int]] = []  # sum of scores, right ones, values
    for _, alike in itertools.groupby(points, key=lambda point: point[0]):
        same = list(alike)
        blocks.append((sum(s for s, _ in same), sum(r for _, r in same), len(same)))
        while len(blocks) > 1 and _level(blocks[-2]) >= _level(blocks[-1]):
            last, before = blocks.pop(), blocks.pop()
            blocks.append((last[0] + before[0], last[1] + before[1], last[2] + before[2]))
    share = sum(right for _, right in points) / max(len(points), 1)
    knots: list[tuple[float, float]] = []
    for total, hits, count in blocks:
        place, level = total / count, (hits + share) / (count + 1)
        # The added value can undo the order of two blocks.
        knots.append((place, max(level, knots[-1][1] if knots else 0.0)))
    return fusion.model_copy(
        update={"isotonic": tuple((round(a, 6), round(b, 6)) for a, b in knots)}
    )


WAYS: dict[str, Fitting] = {
    "as it is": _as_it_is,
    "logistic": fit_logistic,
    "isotonic": fit_isotonic,
}
"""The simplest first."""
KEEPING_DECISIONS = ("as it is", "isotonic")
"""Those that change no score, and so no decision."""


def choose_confidence(
    fusion: Fusion, folds: Sequence[Documents], ways: Sequence[str] = tuple(WAYS)
) -> tuple[Fusion, ConfidenceChoice]:
    """The fusion with the confidence that fits best.

    Args:
        fusion: Whose scores the values have.
        folds: Documents' values, each document in one fold.
        ways: Keys of `WAYS`.
    """
    losses: dict[str, float] = {}
    for name in ways:
        total, count = 0.0, 0
        for number, held_out in enumerate(folds):
            others = [d for k, fold in enumerate(folds) if k != number for d in fold]
            fitted = WAYS[name](fusion, others)
            for document in held_out:
                total += sum(log_loss(fitted, value) for value in document)
                count += len(document)
        losses[name] = round(total / count, 6) if count else 0.0
    best = min(ways, key=losses.__getitem__)
    everything = [d for fold in folds for d in fold]
    return WAYS[best](fusion, everything), ConfidenceChoice(best, losses)


def log_loss(fusion: Fusion, value: Value) -> float:
    """Negative log-likelihood of whether a value is right, with the confidence that is shown."""
    weights = [getattr(fusion.weights, name) for name in _FITTED]
    total = sum(w * x for w, x in zip(weights, _features(value), strict=True))
    shown = fusion.confidence(1 / (1 + math.exp(-total)))
    shown = min(max(shown, 1e-6), 1 - 1e-6)
    return -math.log(shown if value.right else 1 - shown)


def _features(value: Value) -> Floats:
    """In the order of `_FITTED`, as `hybrid.verify.fuse.score` has them."""
    judgement = value.judgement
    assert judgement.best is not None
    option = judgement.choice.options[judgement.best]
    return np.array(
        [
            1.0,
            log_odds(judgement.beliefs[judgement.best]),
            option.ocr - 1.0 if option.ocr is not None else 0.0,
            float(option.grounding is Grounding.FUZZY),
            judgement.rule,
        ]
    )


def _level(block: tuple[float, int, int]) -> float:
    return block[1] / block[2]

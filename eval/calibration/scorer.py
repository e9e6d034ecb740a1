"""Scorer: weights with which several answers of an LLM become one vote, and whether they help.

Fitted on the answers themselves, by maximum a posteriori around weights of 0, with which answers say
nothing. It is kept only where its votes are better than those of the majority, on documents that it
was not fitted on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from hybrid.verify.fuse import prior
from hybrid.verify.strategies import TrainedScorer
from hybrid.verify.strategies.trained import FEATURES, features

from .evidence import Evidence
from .newton import Floats, minimised
from .trust import Answered, Weights, answered, best_weights, is_shown, mean_gain, truth

_PRIOR_PRECISION = 1.0
"""Of the normal prior around 0."""


@dataclass(frozen=True)
class Drawn:
    """A question with its answers.

    Attributes:
        offset: Logarithms of the GCN's beliefs in the options and last in "absent".
        features: `[options + 1, len(FEATURES)]`.
        right: Places of the right options; that of "absent" where none is.
    """

    offset: Floats
    features: Floats
    right: tuple[int, ...]

    def chances(self, weights: Floats) -> Floats:
        """Of each option to be right."""
        logits = self.offset + self.features @ weights
        raw = np.exp(logits - logits.max())
        return np.asarray(raw / raw.sum())


@dataclass(frozen=True)
class ScorerEvidence:
    """Whether the trained scorer helps, measured on documents on which it was not fitted.

    Attributes:
        gain: Mean over documents of the log-loss that its votes save against those of the majority,
            in nats a document, each with the weights that suit it.
        error: Standard error of that mean.
        documents: With at least one answered question.
        questions: Answered ones.
        right_majority: Share of the questions whose right option is believed most after the
            majority's vote.
        right_trained: The same with the scorer's votes.
    """

    gain: float
    error: float
    documents: int
    questions: int
    right_majority: float
    right_trained: float

    @property
    def helps(self) -> bool:
        """The gain is shown."""
        return is_shown(self.gain, self.error)


def drawn(document: Evidence) -> list[Drawn]:
    """The questions on a document that the LLM answered."""
    found: list[Drawn] = []
    for path, samples in document.samples.items():
        if samples:
            question = document.questions[path]
            found.append(
                Drawn(
                    np.log(prior(question.options)),
                    np.array(features(samples, question.options)),
                    truth(document, question),
                )
            )
    return found


def fit_scorer(documents: Sequence[Evidence]) -> TrainedScorer:
    """Fits the weights; where several options are right, any of them is."""
    questions = [question for document in documents for question in drawn(document)]
    count = len(FEATURES)

    def loss(weights: Floats) -> float:
        data = sum(-np.log(q.chances(weights)[list(q.right)].sum()) for q in questions)
        return float(data + _PRIOR_PRECISION / 2 * (weights**2).sum())

    def derivatives(weights: Floats) -> tuple[Floats, Floats]:
        slope = _PRIOR_PRECISION * weights
        curvature = _PRIOR_PRECISION * np.eye(count)
        for q in questions:
            chances, right = q.chances(weights), list(q.right)
            mean = chances @ q.features
            among_right = chances[right] @ q.features[right] / chances[right].sum()
            slope = slope + mean - among_right
            # Of one right option it is the curvature itself, of several an upper bound.
            curvature += (q.features - mean).T @ ((q.features - mean) * chances[:, None])
        return slope, curvature

    weights = minimised(loss, derivatives, np.zeros(count))
    fitted = dict(zip(FEATURES, (round(float(w), 4) for w in weights), strict=True))
    return TrainedScorer(**fitted)


def scored(document: Evidence, scorer: TrainedScorer) -> Evidence:
    """The document with votes that a scorer made of the answers."""
    votes = {
        path: replace(vote, shares=scorer.shares(samples, document.questions[path].options))
        if (samples := document.samples.get(path))
        else vote
        for path, vote in document.votes.items()
    }
    return replace(document, votes=votes)


def cross_scored(folds: Sequence[Sequence[Evidence]]) -> list[Evidence]:
    """All documents, each with the votes of a scorer that was fitted on the other folds.

    A fusion that is fitted on these meets a scorer as good as it will be on new documents.
    """
    found: list[Evidence] = []
    for number, fold in enumerate(folds):
        scorer = fit_scorer([d for k, other in enumerate(folds) if k != number for d in other])
        found += [scored(document, scorer) for document in fold]
    return found


def choose_scorer(
    folds: Sequence[Sequence[Evidence]],
) -> tuple[TrainedScorer | None, dict[str, Any]]:
    """A scorer that was fitted on all folds, or None where it does not help; and what was found."""
    scorer = fit_scorer([document for fold in folds for document in fold])
    evidence = scorer_evidence(folds)
    record = asdict(evidence) | {"kept": evidence.helps, "weights": scorer.model_dump()}
    return (scorer if evidence.helps else None), record


def scorer_evidence(folds: Sequence[Sequence[Evidence]]) -> ScorerEvidence:
    """Fits the scorer without each fold in turn and looks how much better its votes are on it.

    Args:
        folds: Documents with the votes of the majority, each in one fold; at least two folds.
    """
    gains: list[float] = []
    hits = [0, 0]
    for number, held_out in enumerate(folds):
        others = [d for k, fold in enumerate(folds) if k != number for d in fold]
        scorer = fit_scorer(others)
        ways = (others, [scored(d, scorer) for d in others])
        fitted = [best_weights([q for d in way for q in answered(d)])[0] for way in ways]
        for document in held_out:
            questions = (answered(document), answered(scored(document, scorer)))
            if questions[0]:
                before, after = (_loss(q, w) for q, w in zip(questions, fitted, strict=True))
                gains.append(before - after)
                for way, (asked, weights) in enumerate(zip(questions, fitted, strict=True)):
                    hits[way] += sum(question.is_right(weights) for question in asked)
    total = sum(len(answered(d)) for fold in folds for d in fold)
    mean, error = mean_gain(gains)
    majority, trained = (hit / total if total else 0.0 for hit in hits)
    return ScorerEvidence(mean, error, len(gains), total, majority, trained)


def _loss(questions: Sequence[Answered], weights: Weights) -> float:
    return sum(question.loss(weights) for question in questions)

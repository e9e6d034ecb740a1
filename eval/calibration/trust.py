"""Trust: how far an LLM's votes count beside the GCN's beliefs, and whether they count at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hybrid.verify.ask import Question
from hybrid.verify.fuse import LEAST_ODDS, Fusion, default_fusion, pool, tempered
from hybrid.verify.resolve import answered_choice

from .evidence import Evidence

TRUSTS = tuple(step / 20 for step in range(41))
"""That are tried. With 1 the LLM counts as much as the GCN; votes of two orders that are averaged
sound less sure than they are, and may deserve more."""
GCN_WEIGHTS = tuple(step / 20 for step in range(20, 6, -1))
"""Of the GCN's beliefs, that are tried: 1 as they are, less where it is surer than right."""


_SHOWN = 1.645
"""Standard errors."""


class Weights(NamedTuple):
    """How GCN and LLM are pooled.

    Attributes:
        trust: Of the LLM's votes.
        gcn: Of the GCN's beliefs.
    """

    trust: float = 0.0
    gcn: float = 1.0


@dataclass(frozen=True)
class Answered:
    """A question with its answer.

    Attributes:
        beliefs: Before the vote, in the options and last in "absent".
        shares: The LLM's.
        right: Places of the right options; that of "absent" where none is.
    """

    beliefs: tuple[float, ...]
    shares: tuple[float, ...]
    right: tuple[int, ...]

    def pooled(self, weights: Weights) -> list[float]:
        """The beliefs after the vote."""
        return pool(tempered(self.beliefs, weights.gcn), self.shares, weights.trust)

    def loss(self, weights: Weights) -> float:
        """Negative log-likelihood of the truth after pooling."""
        pooled = self.pooled(weights)
        return -math.log(sum(pooled[place] for place in self.right))

    def is_right(self, weights: Weights) -> bool:
        """Whether the right option is believed most."""
        pooled = self.pooled(weights)
        return max(range(len(pooled)), key=pooled.__getitem__) in self.right


@dataclass(frozen=True)
class TrustEvidence:
    """Whether votes help, measured on documents on which the weights were not fitted.

    Attributes:
        gain: Mean over documents of the log-loss that votes save, in nats a document, beyond what
            weighting the GCN's beliefs saves alone.
        error: Standard error of that mean.
        documents: With at least one answered question.
        questions: Answered ones.
        right_alone: Share of the questions whose right option the GCN alone believes most.
        right_pooled: The same with the votes.
        right_llm: Share of the questions whose right option the LLM alone prefers.
        trusts: Fitted without each of the folds.
        gcn_weights: The same of the GCN's beliefs.
    """

    gain: float
    error: float
    documents: int
    questions: int
    right_alone: float
    right_pooled: float
    right_llm: float
    trusts: tuple[float, ...]
    gcn_weights: tuple[float, ...]

    @property
    def helps(self) -> bool:
        """The gain is shown."""
        return is_shown(self.gain, self.error)


def answered(document: Evidence, fusion: Fusion | None = None) -> list[Answered]:
    """The questions on a document that the LLM answered.

    Args:
        document: With votes.
        fusion: How readings count; its trust has no say. By default they are votes for options only.
    """
    fusion = fusion or default_fusion()
    found: list[Answered] = []
    for path, vote in document.votes.items():
        if vote.shares is None:
            continue
        choice = answered_choice(document.questions[path], vote, fusion)
        right = truth(document, Question(path, choice.leaf, choice.options))
        found.append(Answered(tuple(choice.prior), choice.votes or (), right))
    return found


def truth(document: Evidence, question: Question) -> tuple[int, ...]:
    """Places of the right options of a question; that of "absent" where none is."""
    right = [
        place
        for place, option in enumerate(question.options)
        if document.is_right(question.leaf, option.text)
    ]
    return tuple(right) or (len(question.options),)


def best_weights(
    questions: Sequence[Answered], trusts: Sequence[float] = TRUSTS
) -> tuple[Weights, float]:
    """The weights with the smallest log-loss, and that loss.

    Of several the smallest trust, and the GCN's beliefs as they are.

    Args:
        questions: Whose loss counts.
        trusts: That are tried.
    """
    if not questions:
        return Weights(min(trusts)), 0.0
    # As `pool` does it, for all questions at a time: short rows are filled with options of belief 0.
    shape = (len(questions), max(len(q.beliefs) for q in questions))
    beliefs, votes, right = np.zeros(shape), np.ones(shape), np.zeros(shape)
    for row, q in enumerate(questions):
        count, top = len(q.beliefs), max(q.shares)
        beliefs[row, :count] = q.beliefs
        votes[row, :count] = [max(share / top, LEAST_ODDS) for share in q.shares]
        right[row, list(q.right)] = 1.0
    weighted = {gcn: beliefs**gcn for gcn in GCN_WEIGHTS}
    tried: list[tuple[float, float, float, Weights]] = []
    for trust in trusts:
        trusted = votes**trust
        for gcn, by_gcn in weighted.items():
            raw = by_gcn * trusted
            loss = float(np.log(raw.sum(axis=1) / (raw * right).sum(axis=1)).sum())
            tried.append((round(loss, 9), trust, -gcn, Weights(trust, gcn)))
    best = min(tried)
    return best[-1], best[0]


def trust_evidence(folds: Sequence[Sequence[Evidence]]) -> TrustEvidence:
    """Fits the weights without each fold in turn and looks how much votes help on it.

    Args:
        folds: Documents, each in one fold; at least two folds.
    """
    by_fold = [[questions for d in fold if (questions := answered(d))] for fold in folds]
    gains: list[float] = []
    fitted: list[Weights] = []
    hits = [0, 0, 0]
    for number, held_out in enumerate(by_fold):
        others = [q for k, fold in enumerate(by_fold) if k != number for d in fold for q in d]
        alone, _ = best_weights(others, trusts=(0.0,))
        both, _ = best_weights(others)
        fitted.append(both)
        for questions in held_out:
            gains.append(sum(q.loss(alone) - q.loss(both) for q in questions))
            for question in questions:
                hits[0] += question.is_right(Weights())
                hits[1] += question.is_right(both)
                favourite = max(range(len(question.shares)), key=question.shares.__getitem__)
                hits[2] += favourite in question.right
    total = sum(len(d) for fold in by_fold for d in fold)
    mean, error = mean_gain(gains)
    right_alone, right_pooled, right_llm = (hit / total if total else 0.0 for hit in hits)
    return TrustEvidence(
        gain=mean,
        error=error,
        documents=len(gains),
        questions=total,
        right_alone=right_alone,
        right_pooled=right_pooled,
        right_llm=right_llm,
        trusts=tuple(w.trust for w in fitted),
        gcn_weights=tuple(w.gcn for w in fitted),
    )


def is_shown(gain: float, error: float) -> bool:
    """Whether a gain with this standard error is above 0, at 95 % by a one-sided test.

    An LLM costs time and tokens: within noise the simpler way is as good.
    """
    return gain > _SHOWN * error


def mean_gain(gains: Sequence[float]) -> tuple[float, float]:
    """Mean of what is gained on documents, and the standard error of that mean."""
    count = len(gains)
    mean = sum(gains) / count if count else 0.0
    spread = sum((g - mean) ** 2 for g in gains)
    # Of one document nothing is known of how much documents differ.
    return mean, math.sqrt(spread / (count - 1) / count) if count > 1 else math.inf

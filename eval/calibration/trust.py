"""Trust: how far an LLM's votes count, and whether they count at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hybrid.verify.ask import Question
from hybrid.verify.fuse import Fusion, default_fusion, pool
from hybrid.verify.resolve import answered_choice

from .evidence import Evidence

TRUSTS = tuple(step / 20 for step in range(41))
"""That are tried. With 1 the LLM counts as much as the GCN; votes of two orders that are averaged
sound less sure than they are, and may deserve more."""


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

    def loss(self, trust: float) -> float:
        """Negative log-likelihood of the truth after pooling."""
        pooled = pool(self.beliefs, self.shares, trust)
        return -math.log(sum(pooled[place] for place in self.right))

    def is_right(self, trust: float) -> bool:
        """Whether the right option is believed most."""
        pooled = pool(self.beliefs, self.shares, trust)
        return max(range(len(pooled)), key=pooled.__getitem__) in self.right


@dataclass(frozen=True)
class TrustEvidence:
    """Whether votes help, measured on documents on which the trust was not fitted.

    Attributes:
        gain: Mean over documents of the log-loss that votes save, in nats a document.
        error: Standard error of that mean.
        documents: With at least one answered question.
        questions: Answered ones.
        right_alone: Share of the questions whose right option the GCN alone believes most.
        right_pooled: The same with the votes.
        right_llm: Share of the questions whose right option the LLM alone prefers.
        trusts: Fitted without each of the folds.
    """

    gain: float
    error: float
    documents: int
    questions: int
    right_alone: float
    right_pooled: float
    right_llm: float
    trusts: tuple[float, ...]

    @property
    def helps(self) -> bool:
        """The gain is larger than its standard error."""
        return self.gain > self.error


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


def best_trust(questions: Sequence[Answered]) -> float:
    """The trust with the smallest log-loss, which is convex in it; the smallest of several."""
    return min(TRUSTS, key=lambda trust: sum(q.loss(trust) for q in questions))


def trust_evidence(folds: Sequence[Sequence[Evidence]]) -> TrustEvidence:
    """Fits the trust without each fold in turn and looks how much votes help on it.

    Args:
        folds: Documents, each in one fold; at least two folds.
    """
    by_fold = [[questions for d in fold if (questions := answered(d))] for fold in folds]
    gains: list[float] = []
    trusts: list[float] = []
    hits = [0, 0, 0]
    for number, held_out in enumerate(by_fold):
        others = [q for k, fold in enumerate(by_fold) if k != number for d in fold for q in d]
        trust = best_trust(others)
        trusts.append(trust)
        for questions in held_out:
            gains.append(sum(q.loss(0.0) - q.loss(trust) for q in questions))
            for question in questions:
                hits[0] += question.is_right(0.0)
                hits[1] += question.is_right(trust)
                favourite = max(range(len(question.shares)), key=question.shares.__getitem__)
                hits[2] += favourite in question.right
    total = sum(len(d) for fold in by_fold for d in fold)
    mean, error = mean_gain(gains)
    alone, pooled, llm = (hit / total if total else 0.0 for hit in hits)
    return TrustEvidence(mean, error, len(gains), total, alone, pooled, llm, tuple(trusts))


def mean_gain(gains: Sequence[float]) -> tuple[float, float]:
    """Mean of what is gained on documents, and the standard error of that mean."""
    count = len(gains)
    mean = sum(gains) / count if count else 0.0
    spread = sum((g - mean) ** 2 for g in gains)
    # Of one document nothing is known of how much documents differ.
    return mean, math.sqrt(spread / (count - 1) / count) if count > 1 else math.inf

"""Test-time compute: several answers to one question, and a scorer that makes one vote of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hybrid.errors import ModelError

MOST_SAMPLES = 32


@dataclass(frozen=True)
class Sample:
    """One answer to a question.

    Attributes:
        shares: One for each option and last for "none", from the answer's log-probabilities.
        answer: Index into `shares` of what was answered.
        grounding: From 0 (the evidence that was given stands nowhere on the page) to 1 (in the line
            that was answered).
    """

    shares: tuple[float, ...]
    answer: int
    grounding: float


def majority(samples: Sequence[Sample]) -> tuple[float, ...]:
    """What part of the answers each option got; of a single answer its own shares."""
    if len(samples) == 1:
        return samples[0].shares
    answers = [sample.answer for sample in samples]
    return tuple(answers.count(n) / len(answers) for n in range(len(samples[0].shares)))


def likelihood(samples: Sequence[Sample]) -> tuple[float, ...]:
    """The shares of the answer of which the LLM was surest, by its own log-probability."""
    return max(samples, key=lambda sample: sample.shares[sample.answer]).shares


def grounding(samples: Sequence[Sample]) -> tuple[float, ...]:
    """The mean of the shares, weighted by how well the evidence stands on the page."""
    weights = [sample.grounding for sample in samples]
    if not any(weights):
        weights = [1.0] * len(samples)
    columns = zip(*(sample.shares for sample in samples), strict=True)
    total = sum(weights)
    return tuple(
        sum(w * s for w, s in zip(weights, column, strict=True)) / total for column in columns
    )


SCORERS: dict[str, Callable[[Sequence[Sample]], tuple[float, ...]]] = {
    "majority": majority,
    "likelihood": likelihood,
    "grounding": grounding,
}
DEFAULT_SCORER = "majority"


@dataclass(frozen=True)
class Sampling:
    """How many answers are drawn, and who picks.

    Attributes:
        samples: From 1 to 32; a single one is the likeliest answer, several are drawn.
        scorer: A key of `SCORERS`; without influence on a single answer.

    Raises:
        ModelError: If one of them is not known.
    """

    samples: int = 1
    scorer: str = DEFAULT_SCORER

    def __post_init__(self) -> None:
        if not 1 <= self.samples <= MOST_SAMPLES:
            raise ModelError(f"samples are a number from 1 to {MOST_SAMPLES}, not {self.samples}")
        if self.scorer not in SCORERS:
            known = ", ".join(SCORERS)
            raise ModelError(f"unknown scorer {self.scorer!r}; known are {known}")

    @property
    def suffix(self) -> str:
        """For a strategy's name; "" for a single answer."""
        return f",samples={self.samples},scorer={self.scorer}" if self.samples > 1 else ""

    def picked(self, samples: Sequence[Sample]) -> tuple[float, ...]:
        """The shares of a vote, of at least one answer."""
        return SCORERS[self.scorer](samples)

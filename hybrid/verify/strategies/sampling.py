"""Test-time compute: several answers to one question, and a scorer that makes one vote of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hybrid.errors import ModelError
from hybrid.verify.candidates import Candidate
from hybrid.verify.strategies.trained import TrainedScorer

MOST_SAMPLES = 32
TRAINED = "trained"
"""Name of the scorer that was fitted with the fusion of checkpoint and LLM."""


@dataclass(frozen=True)
class Sample:
    """One answer to a question.

    Attributes:
        shares: One for each option and last for "none", from the answer's log-probabilities.
        answer: Index into `shares` of what was answered.
        grounding: From 0 (the evidence that was given stands nowhere on the page) to 1 (in the line
            that was answered); .5 where no evidence is asked for.
    """

    shares: tuple[float, ...]
    answer: int
    grounding: float = 0.5


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
        scorer: A key of `SCORERS`, without influence on a single answer; "trained" for the one of
            the fusion; or the file of a fusion, for the trained scorer in it.
        trained: That scorer, once it is known (`hybrid.pipeline.fusing`).

    Raises:
        ModelError: If one of them is not known, or a trained scorer has nothing to pick from.
    """

    samples: int = 1
    scorer: str = DEFAULT_SCORER
    trained: TrainedScorer | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.samples <= MOST_SAMPLES:
            raise ModelError(f"samples are a number from 1 to {MOST_SAMPLES}, not {self.samples}")
        if self.scorer not in (*SCORERS, TRAINED) and not self.scorer.endswith(".json"):
            known = ", ".join((*SCORERS, TRAINED))
            raise ModelError(
                f"unknown scorer {self.scorer!r}; known are {known}, and the FILE.json of a fusion"
            )
        if self.is_trained and self.samples == 1:
            raise ModelError(
                "a trained scorer picks among several answers: ask for samples of them"
            )

    @property
    def is_trained(self) -> bool:
        """The scorer was fitted on other documents, and stands in a file."""
        return self.scorer not in SCORERS

    @property
    def suffix(self) -> str:
        """For a strategy's name; "" for a single answer."""
        scorer = TRAINED if self.is_trained else self.scorer
        return f",samples={self.samples},scorer={scorer}" if self.samples > 1 else ""

    def picked(self, samples: Sequence[Sample], options: Sequence[Candidate]) -> tuple[float, ...]:
        """The shares of a vote.

        Args:
            samples: At least one answer.
            options: Of the question.
        """
        if not self.is_trained:
            return SCORERS[self.scorer](samples)
        assert self.trained is not None, "found by whoever knows checkpoint and LLM"
        return self.trained.shares(samples, options)

"""The trained scorer: several answers become one vote by weights that were fitted on other documents.

A conditional logit over the options of a question (McFadden, 1974), with the GCN's belief as its
offset: an option `c` is right with `p(c) ~ gcn(c) * exp(weights . features(c))`. The second factor is
the vote, so that pooling with a trust of 1 gives this probability (where no share is below a twentieth
of the largest), and what the GCN knows counts once.
All features are about the answers: where they say nothing, the vote says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from hybrid.verify.candidates import Candidate
from hybrid.verify.decide import likeliest
from hybrid.verify.fuse import LEAST_ODDS, prior

if TYPE_CHECKING:
    from hybrid.verify.strategies.sampling import Sample


class TrainedScorer(BaseModel):
    """The weights of an option's features, in their order.

    Attributes:
        answers: Share of the answers that are this option.
        likelihood: Logarithm of the LLM's mean probability for it, against that of its favourite; as
            in pooling no less than that of a twentieth.
        evidence: Share of the answers that are this option, each as far as its evidence stands on
            the page.
        agreement: Share of the answers that are this option, where the GCN believes most in it too.
        none: Share of the answers that are this option, where it is "none".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: float = 0.0
    likelihood: float = 0.0
    evidence: float = 0.0
    agreement: float = 0.0
    none: float = 0.0

    def shares(self, samples: Sequence[Sample], options: Sequence[Candidate]) -> tuple[float, ...]:
        """The shares of a vote: one for each option and last for "none"; they sum to 1.

        Args:
            samples: Answers to one question, at least one.
            options: Of the question.
        """
        weights = tuple(self.model_dump().values())
        scores = [
            sum(w * x for w, x in zip(weights, row, strict=True))
            for row in features(samples, options)
        ]
        raw = [math.exp(score - max(scores)) for score in scores]
        return tuple(r / sum(raw) for r in raw)


FEATURES = tuple(TrainedScorer.model_fields)


def features(samples: Sequence[Sample], options: Sequence[Candidate]) -> list[tuple[float, ...]]:
    """A row for each option and last for "none", in the order of `FEATURES`."""
    count, absent = len(samples), len(options)
    best = likeliest(prior(options))
    means = [sum(column) / count for column in zip(*(s.shares for s in samples), strict=True)]
    rows: list[tuple[float, ...]] = []
    for place, mean in enumerate(means):
        chosen = [sample for sample in samples if sample.answer == place]
        share = len(chosen) / count
        rows.append(
            (
                share,
                math.log(max(mean / max(means), LEAST_ODDS)),
                sum(sample.grounding for sample in chosen) / count,
                share * (place == best),
                share * (place == absent),
            )
        )
    return rows

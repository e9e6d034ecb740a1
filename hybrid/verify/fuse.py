"""Fuse: the GCN's probabilities, the LLM's vote, the OCR and the rules become one belief.

Two steps. *Pooling* is a logarithmic opinion pool (Genest and Zidek, 1986) over the candidates and
"absent": `p(c) ~ gcn(c) * llm(c)^trust`. A weak LLM has a small `trust`, so that its vote moves
only what the GCN left open. *Calibration* is a logistic model over the pooled belief and what the
pool does not know: recognition confidence, fuzzy grounding, rule checks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from hybrid.extraction import Grounding
from hybrid.verify.candidates import Candidate

_FLOOR = 1e-3
_LEAST_VOTE = 0.05
"""An LLM's share counts as no less: however sure it sounds, it is wrong one time in twenty."""
_UNKNOWN = 0.15
"""Belief that some option is right where the GCN was not trained for the field."""


class FusionWeights(BaseModel):
    """The shipped defaults stand in `fusion.json`.

    Attributes:
        accept: Fused confidence from which a field is not asked.
        answer: Fused confidence below which a field abstains.
        proposed: GCN probability from which a candidate counts as the GCN's proposal.
        intercept: Of the logistic model.
        pooled: Weight of the pooled belief's log-odds.
        ocr: Weight of the recognition confidence less 1 (so that no OCR costs nothing).
        fuzzy: Added where the grounding is fuzzy.
        rule: Weight of the rule check, which is from -1 (broken) to 1 (holds).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    accept: float
    answer: float
    proposed: float
    intercept: float
    pooled: float
    ocr: float
    fuzzy: float
    rule: float


@lru_cache(maxsize=1)
def default_weights() -> FusionWeights:
    """The shipped weights."""
    path = Path(__file__).with_name("fusion.json")
    return FusionWeights.model_validate_json(path.read_text(encoding="utf-8"))


def prior(candidates: Sequence[Candidate]) -> list[float]:
    """The GCN's belief in each candidate, and last in "absent"; sums to 1."""
    if candidates and all(c.gcn is None for c in candidates):
        return [_UNKNOWN / len(candidates)] * len(candidates) + [1.0 - _UNKNOWN]
    beliefs = [min(max(c.gcn or 0.0, _FLOOR), 1.0 - _FLOOR) for c in candidates]
    absent = max(1.0 - sum(beliefs), _FLOOR)
    total = sum(beliefs) + absent
    return [b / total for b in [*beliefs, absent]]


def pool(beliefs: Sequence[float], votes: Sequence[float] | None, trust: float) -> list[float]:
    """Logarithmic opinion pool.

    Args:
        beliefs: The GCN's, from `prior`.
        votes: The LLM's over the same options, or None where it was not asked; shares below .05
            count as that.
        trust: 0 (ignored) to 1 (as good as the GCN) or more.

    Returns:
        Beliefs that sum to 1.
    """
    if votes is None:
        return list(beliefs)
    raw = [b * max(v, _LEAST_VOTE) ** trust for b, v in zip(beliefs, votes, strict=True)]
    total = sum(raw)
    return [r / total for r in raw]


def most_gain(trust: float) -> float:
    """The most by which a vote multiplies the odds of one option against another."""
    return float(_LEAST_VOTE**-trust)


def confidence(
    candidate: Candidate, pooled: float, rule: float = 0.0, weights: FusionWeights | None = None
) -> float:
    """Calibrated probability that the candidate is the field's value.

    Args:
        candidate: For its recognition confidence and grounding.
        pooled: Its belief after pooling.
        rule: -1 (a rule is broken) to 1 (a rule holds), 0 where none applies.
        weights: The shipped ones by default.
    """
    w = weights or default_weights()
    clipped = min(max(pooled, _FLOOR), 1.0 - _FLOOR)
    score = w.intercept + w.pooled * math.log(clipped / (1.0 - clipped)) + w.rule * rule
    if candidate.ocr is not None:
        score += w.ocr * (candidate.ocr - 1.0)
    if candidate.grounding is Grounding.FUZZY:
        score += w.fuzzy
    return 1.0 / (1.0 + math.exp(-score))

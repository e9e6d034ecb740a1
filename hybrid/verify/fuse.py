"""Fuse: the GCN's probabilities, the LLM's vote, the OCR and the rules become one belief.

Three steps. *Pooling* is a logarithmic opinion pool (Genest and Zidek, 1986) over the candidates and
"absent": `p(c) ~ gcn(c)^w * llm(c)^trust`. A weak LLM has a small `trust`, so that its vote moves
only what the GCN left open; a GCN that is surer than right has a `w` below 1. The *score* is a
logistic model over the pooled belief and what the pool does not know: recognition confidence, fuzzy grounding, rule checks; it is what decisions are
made by. The *confidence* that is shown is the score, or an increasing function of it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hybrid.extraction import Grounding
from hybrid.verify.candidates import Candidate

_FLOOR = 1e-3
LEAST_ODDS = 0.05
"""What an LLM's vote says for an option counts as no less than this part of what it says for its
favourite: however sure it sounds, it is wrong one time in twenty."""
_UNKNOWN = 0.4
"""Belief that some option is right where the GCN was not trained for the field, and nothing else is known. Of
79 such fields that Qwen2.5-Coder-1.5B read on drawn documents so much makes right from wrong where it was sure
by two thirds, as it was."""
READER_TRUST = 0.4
"""Trust from which an LLM is asked to read fields by itself, and what it reads and cites is believed
on its word: one of which nothing is known (.5) is, one that is known to be weak is not."""
CLAIMED = 0.9
"""How sure an LLM is taken to be of what it read where its log-probabilities do not say."""
_READ, _READ_UNLABELLED, _READ_LIST = 0.1, 0.2, 0.26
"""Belief in what such an LLM reads against what the GCN sees, against what keys and headings lead to, and
in lists that labels feed. The last one is what an LLM of .5 can raise above one half, and one of .45
cannot, where the GCN, which was trained on the list, sees nothing."""
_EMPTY, _EMPTY_UNLABELLED = 1.0, 0.5
"""How far a field that such an LLM leaves empty is a vote for "absent", likewise."""
_ACCEPT_READ = 0.95
"""`FusionWeights.accept` where such an LLM reads: one call reads more than one field, and it sees errors of
which the GCN is rather sure."""


class FusionWeights(BaseModel):
    """The shipped defaults stand in `fusion.json`.

    Attributes:
        accept: Score from which a field is not asked.
        answer: Score below which a field abstains.
        proposed: GCN probability from which a candidate counts as the GCN's proposal.
        intercept: Of the logistic model.
        pooled: Weight of the pooled belief's log-odds; more belief is never a lower score.
        ocr: Weight of the recognition confidence less 1 (so that no OCR costs nothing).
        fuzzy: Added where the grounding is fuzzy.
        rule: Weight of the rule check, which is from -1 (broken) to 1 (holds).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    accept: float
    answer: float
    proposed: float
    intercept: float
    pooled: float = Field(gt=0)
    ocr: float
    fuzzy: float
    rule: float


class Fusion(BaseModel):
    """How the beliefs of a GCN and an LLM become decisions.

    Attributes:
        trust: How far the LLM's votes count: 0 (not at all, and nothing is asked) to 1 (as much as
            the GCN) or more.
        gcn: Weight of the GCN's beliefs where the LLM answered: 1 as they are, less where networks are
            surer of fields than they are right.
        read: Belief in what the LLM read by itself, before it counts how sure it was, where the GCN
            believes in it less; 0 for none, so that readings that are no candidate count as none.
        alone: The same as a part of what other options leave over, where that is more: one of which the
            GCN thinks nothing is as good as none.
        empty: How far a leaf that the LLM read and left empty is a vote for "absent": 0 (not at all,
            since small models leave out what they do not find) to 1 (like any other vote).
        lists: Whether the LLM is asked to put lists together, or to read them.
        weights: Of the score, and the scores at which something is decided.
        isotonic: Knots `(score, confidence)` of the increasing function that turns scores into
            confidences, straight between the knots; empty where the score is the confidence.
        least: Another score below which a field abstains, for a wished risk. Unlike
            `weights.answer` it has no say in what is asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    trust: float = Field(ge=0)
    gcn: float = Field(default=1.0, gt=0, le=1)
    read: float = Field(default=0.0, ge=0, lt=1)
    alone: float = Field(default=0.0, ge=0, lt=1)
    empty: float = Field(default=0.0, ge=0, le=1)
    lists: bool = True
    weights: FusionWeights
    isotonic: tuple[tuple[float, float], ...] = ()
    least: float = 0.0

    @model_validator(mode="after")
    def _check(self) -> Fusion:
        for column in zip(*self.isotonic, strict=True):
            if any(a > b for a, b in pairwise(column)):
                raise ValueError("the knots of `isotonic` do not increase")
        return self

    @property
    def asks_for_lists(self) -> bool:
        """Structured replies can have a say."""
        return self.lists and self.trust > 0

    @property
    def answer(self) -> float:
        """Score below which a field abstains."""
        return max(self.weights.answer, self.least)

    def belief_in_reading(self, others: Sequence[Candidate]) -> float:
        """Belief in what the LLM read, before it counts how sure it was, beside other options."""
        left = 1.0 - sum(other.gcn or 0.0 for other in others)
        return max(self.read, self.alone * left)

    def confidence(self, value: float) -> float:
        """The calibrated probability that a value with this score is right."""
        if not self.isotonic:
            return value
        place = bisect_right(self.isotonic, value, key=lambda knot: knot[0])
        if place in (0, len(self.isotonic)):
            return self.isotonic[max(place - 1, 0)][1]
        (left, low), (right, high) = self.isotonic[place - 1 : place + 1]
        return low + (value - left) / (right - left) * (high - low)


@lru_cache(maxsize=1)
def default_weights() -> FusionWeights:
    """The shipped weights."""
    path = Path(__file__).with_name("fusion.json")
    return FusionWeights.model_validate_json(path.read_text(encoding="utf-8"))


def default_fusion(trust: float = 0.0, reads: bool = False) -> Fusion:
    """The shipped weights, with a trust; with 0 it is how the GCN decides alone.

    Args:
        trust: In the LLM.
        reads: Its votes are what it reads, which counts if the trust suffices.
    """
    if not reads or trust < READER_TRUST:
        return Fusion(trust=trust, weights=default_weights())
    weights = default_weights().model_copy(update={"accept": _ACCEPT_READ})
    return Fusion(trust=trust, read=_READ, empty=_EMPTY, weights=weights)


def unlabelled_fusion(trust: float) -> Fusion:
    """The same for fields and lists that no label of the checkpoint feeds.

    Args:
        trust: In the LLM, which reads if it suffices.
    """
    if trust < READER_TRUST:
        return default_fusion(trust)
    return Fusion(
        trust=trust,
        read=_READ_UNLABELLED,
        alone=_UNKNOWN,
        empty=_EMPTY_UNLABELLED,
        weights=default_weights(),
    )


def lists_fusion(fusion: Fusion, trust: float) -> Fusion | None:
    """How much counts what an LLM reads of lists that labels feed; None where it does not read them.

    Args:
        fusion: Of the document's other fields: whether lists are asked for, and what answers need.
        trust: In the LLM by its profile: nobody fitted how far it reads lists, only whether it helps.
    """
    if trust < READER_TRUST or not fusion.asks_for_lists:
        return None
    changes = {"least": fusion.answer, "read": _READ_LIST}
    return unlabelled_fusion(trust).model_copy(update=changes)


def prior(
    candidates: Sequence[Candidate], read: int | None = None, least: float = 0.0
) -> list[float]:
    """The GCN's belief in each candidate, and last in "absent"; sums to 1.

    Args:
        candidates: Options.
        read: Index of the one that the LLM read by itself, if it did.
        least: Belief in that one, where the GCN's is smaller; `Fusion.read`.
    """
    if candidates and all(c.gcn is None for c in candidates):
        return [_UNKNOWN / len(candidates)] * len(candidates) + [1.0 - _UNKNOWN]
    beliefs = [min(max(c.gcn or 0.0, _FLOOR), 1.0 - _FLOOR) for c in candidates]
    if read is not None:
        beliefs[read] = max(beliefs[read], least)
    absent = max(1.0 - sum(beliefs), _FLOOR)
    total = sum(beliefs) + absent
    return [b / total for b in [*beliefs, absent]]


def tempered(beliefs: Sequence[float], weight: float) -> list[float]:
    """Beliefs that count with a weight in pooling: below 1 they are nearer to each other."""
    if weight == 1:
        return list(beliefs)
    raw = [b**weight for b in beliefs]
    total = sum(raw)
    return [r / total for r in raw]


def pool(beliefs: Sequence[float], votes: Sequence[float] | None, trust: float) -> list[float]:
    """Logarithmic opinion pool.

    Args:
        beliefs: The GCN's, from `prior`, with their weight.
        votes: The LLM's over the same options, at least one above 0, or None where it was not
            asked; shares below a twentieth of the largest count as that.
        trust: 0 (ignored) to 1 (as good as the GCN) or more.

    Returns:
        Beliefs that sum to 1.
    """
    if votes is None:
        return list(beliefs)
    top = max(votes)
    raw = [b * max(v / top, LEAST_ODDS) ** trust for b, v in zip(beliefs, votes, strict=True)]
    total = sum(raw)
    return [r / total for r in raw]


def softened(votes: Sequence[float], weight: float) -> tuple[float, ...]:
    """A vote that counts as `weight` times the trust in pooling: all shares alike with 0."""
    top = max(votes)
    raw = [max(v / top, LEAST_ODDS) ** weight for v in votes]
    return tuple(r / sum(raw) for r in raw)


def most_gain(trust: float) -> float:
    """The most by which a vote multiplies the odds of one option against another."""
    return float(LEAST_ODDS**-trust)


def score(
    candidate: Candidate, pooled: float, rule: float = 0.0, weights: FusionWeights | None = None
) -> float:
    """How much speaks for a candidate, from 0 to 1: a probability where the weights are fitted.

    Never more than the recognition confidence: of the right place a misread text is still wrong.

    Args:
        candidate: For its recognition confidence and grounding.
        pooled: Its belief after pooling.
        rule: -1 (a rule is broken) to 1 (a rule holds), 0 where none applies.
        weights: The shipped ones by default.
    """
    w = weights or default_weights()
    total = w.intercept + w.pooled * log_odds(pooled) + w.rule * rule
    if candidate.ocr is not None:
        total += w.ocr * (candidate.ocr - 1.0)
    if candidate.grounding is Grounding.FUZZY:
        total += w.fuzzy
    found = 1.0 / (1.0 + math.exp(-total))
    return found if candidate.ocr is None else min(found, candidate.ocr)


def log_odds(belief: float) -> float:
    """Of a belief, which counts as no nearer to 0 or 1 than a thousandth."""
    clipped = min(max(belief, _FLOOR), 1.0 - _FLOOR)
    return math.log(clipped / (1.0 - clipped))

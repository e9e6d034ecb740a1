"""Fit: trust, confidence and thresholds, one after the other, each only as far as it helps.

The GCN-only rule (the default weights, nothing asked) is what everything is measured against. A fusion
that is not shown to give a better field F1, on documents that it was not fitted on, is not used: then
the trust is 0, nothing is asked, and the hybrid is the GCN.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hybrid.verify.fuse import Fusion, default_fusion

from .confidence import KEEPING_DECISIONS, WAYS, ConfidenceChoice, choose_confidence
from .evidence import (
    Counts,
    Evidence,
    NotCollectedError,
    Value,
    counts_by_document,
    counts_of,
    f1_gain,
)
from .trust import TrustEvidence, answered, best_weights, is_shown, trust_evidence

FOLDS = 5
ACCEPT = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
ANSWER = tuple(k / 20 for k in range(1, 13))
READS = (0.02, 0.05, 0.1, 0.2, 0.4)
"""Beliefs in what the LLM read by itself that are tried."""
EMPTIES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Weights of an empty reading as a vote for "absent" that are tried."""
_HELD_OUT_EVERY = 3


@dataclass(frozen=True)
class WayToFuse:
    """How much of a fusion is fitted.

    Attributes:
        confidences: Ways from scores to confidences that are tried.
        thresholds: Whether `accept` and `answer` are fitted too.
        reads: Whether what the LLM reads by itself counts, with a belief that is fitted.
    """

    confidences: Sequence[str]
    thresholds: bool
    reads: bool = False


WAYS_TO_FUSE = (
    WayToFuse(KEEPING_DECISIONS, thresholds=False),
    WayToFuse(KEEPING_DECISIONS, thresholds=False, reads=True),
    WayToFuse(KEEPING_DECISIONS, thresholds=True),
    WayToFuse(KEEPING_DECISIONS, thresholds=True, reads=True),
    WayToFuse(tuple(WAYS), thresholds=True),
)
"""The simplest first: few documents tell a trust, but not two thresholds as well. Of ways that gain
about as much, the first one is taken."""


@dataclass(frozen=True)
class Fit:
    """What was fitted and why.

    Attributes:
        fusion: To be used.
        trust: Whether votes help.
        confidence: Which way scores become confidences.
        f1_alone: Micro field F1 of the GCN-only rule, on the documents that fusion was fitted on.
        f1_gain: What fusions gain on documents that they were not fitted on, and the standard error
            of that; None where it did not come to that, since votes do not help.
        reason: Why the LLM is asked, or is not.
    """

    fusion: Fusion
    trust: TrustEvidence
    confidence: ConfidenceChoice
    f1_alone: float
    f1_gain: tuple[float, float] | None
    reason: str

    def record(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "reason": self.reason,
            "trust": asdict(self.trust)
            | {
                "helps": self.trust.helps,
                "trusts": list(self.trust.trusts),
                "gcn_weights": list(self.trust.gcn_weights),
            },
            "confidence": asdict(self.confidence),
            "f1_gcn_only": round(self.f1_alone, 4),
            "f1_gain": round(self.f1_gain[0], 4) if self.f1_gain else None,
            "f1_gain_error": round(self.f1_gain[1], 4) if self.f1_gain else None,
        }


def split(documents: Sequence[Evidence]) -> tuple[list[Evidence], list[Evidence]]:
    """Documents to fit on, and every third, by the hash of its id, to be held out for the risk.

    A document and its copies stay together.
    """
    families = _families(documents)
    held_out = [d for family in families[::_HELD_OUT_EVERY] for d in family]
    rest = [f for number, f in enumerate(families) if number % _HELD_OUT_EVERY]
    return [d for family in rest for d in family], held_out


def folds_of(documents: Sequence[Evidence]) -> list[list[Evidence]]:
    """The documents in folds, by the hash of their ids; a document and its copies in one."""
    families = _families(documents)
    folds = [[d for family in families[k::FOLDS] for d in family] for k in range(FOLDS)]
    return [fold for fold in folds if fold]


def _families(documents: Sequence[Evidence]) -> list[list[Evidence]]:
    """Documents with their copies, by the hash of their ids."""
    families: dict[tuple[str, str], list[Evidence]] = {}
    for document in documents:
        families.setdefault((document.dataset, document.original_id), []).append(document)
    return [families[name] for name in sorted(families, key=lambda name: _hash(*name))]


def fit(documents: Sequence[Evidence]) -> Fit:
    """Fits a fusion: how far votes count, what confidence is shown, and the two thresholds.

    Each step has a function of its own: `trust_evidence` and `best_weights`, `choose_confidence`,
    `best_thresholds`. The F1 that decides whether the LLM is asked at all is that of fusions on
    documents that none of these steps has seen.

    Args:
        documents: At least two, none of which is held out.
    """
    folds = folds_of(documents)
    alone = [counts_by_document(fold, default_fusion()) for fold in folds]
    before = [counts for fold in alone for counts in fold]
    f1_alone = sum(before, Counts()).f1
    votes = trust_evidence(folds)
    gain: tuple[float, float] | None = None
    if not votes.helps:
        reason = (
            "the LLM's votes do not help: on documents that the trust was not fitted on they save "
            f"{votes.gain:.4f} nats a document, and the standard error is {votes.error:.4f}"
        )
    elif not (tried := [t for way in _ways(documents) if (t := _tried(documents, folds, way))]):
        reason = "a fitted fusion asks for more than the LLM was asked"
    else:
        gain, fused = _simplest([(f1_gain(before, after), found) for after, found in tried])
        reason = (
            f"on documents that fusion was not fitted on, the field F1 is {f1_alone:.4f} without the "
            f"LLM's votes and {gain[0]:+.4f} with them, and the standard error is {gain[1]:.4f}"
        )
    if gain is not None and is_shown(*gain):
        fusion, confidence = fused
    else:  # the GCN-only rule; only the confidence that is shown may be another one
        fusion = default_fusion()
        valued = [[d.values(d.judged(fusion)) for d in fold] for fold in folds]
        fusion, confidence = choose_confidence(fusion, valued, KEEPING_DECISIONS)
    return Fit(fusion, votes, confidence, f1_alone, gain, reason)


def _ways(documents: Sequence[Evidence]) -> list[WayToFuse]:
    """Those that differ on these documents: readings can count only where the LLM read."""
    is_read = any(v.read is not None for d in documents for v in d.votes.values())
    return [way for way in WAYS_TO_FUSE if is_read or not way.reads]


def _simplest(
    tried: Sequence[tuple[tuple[float, float], tuple[Fusion, ConfidenceChoice]]],
) -> tuple[tuple[float, float], tuple[Fusion, ConfidenceChoice]]:
    """The first whose gain is no more than a standard error below the largest one.

    The one-standard-error rule of Breiman, Friedman, Olshen and Stone (1984): what is fitted more gains
    on other documents only if it is seen to.

    Args:
        tried: Gain and its standard error, and what was fitted; the simplest first.
    """
    most, error = max((gain for gain, _ in tried), key=lambda gain: gain[0])
    return next(t for t in tried if t[0][0] >= most - error)


def _tried(
    documents: Sequence[Evidence], folds: Sequence[Sequence[Evidence]], way: WayToFuse
) -> tuple[list[Counts], tuple[Fusion, ConfidenceChoice]] | None:
    """A way to fuse, on documents that fusions were not fitted on, and fitted on all.

    Returns:
        Counts in the order of the folds, and the fusion. None if it asks for what the LLM was not
        asked.
    """
    found: list[Counts] = []
    try:
        for number, held_out in enumerate(folds):
            others = [d for k, fold in enumerate(folds) if k != number for d in fold]
            found += counts_by_document(held_out, _fused(others, way)[0])
        return found, _fused(documents, way)
    except NotCollectedError:
        return None


def _fused(documents: Sequence[Evidence], way: WayToFuse) -> tuple[Fusion, ConfidenceChoice]:
    """Trust, confidence and thresholds, fitted on all of the documents.

    Raises:
        NotCollectedError: If it asks for what the LLM was not asked.
    """
    if way.reads:
        tried = [_trusting(documents, read) for read in READS]
        fusion = max(tried, key=lambda fusion: round(counts_of(documents, fusion).f1, 9))
    else:
        fusion = _trusting(documents, 0.0)
    folds = folds_of(documents)
    valued = [[d.values(d.judged(fusion)) for d in fold] for fold in folds]
    fitted, confidence = choose_confidence(fusion, valued, way.confidences)
    found = best_thresholds(documents, fitted) if way.thresholds else fitted
    if found is None:
        raise NotCollectedError
    return _without_lists(documents, found), confidence


def _trusting(documents: Sequence[Evidence], read: float) -> Fusion:
    """With the weights of GCN, votes and empty readings that suit a belief in readings."""
    tried: list[tuple[float, float, Fusion]] = []
    any_empty = any(vote.empty for document in documents for vote in document.votes.values())
    for empty in EMPTIES if any_empty else (0.0,):
        fusion = default_fusion().model_copy(update={"read": read, "empty": empty})
        questions = [q for d in documents for q in answered(d, fusion)]
        weights, loss = best_weights(questions)
        tried.append((loss, empty, fusion.model_copy(update=weights._asdict())))
    return min(tried, key=lambda t: t[:2])[2]


def best_thresholds(documents: Sequence[Evidence], fusion: Fusion) -> Fusion | None:
    """The same fusion with the scores `accept` and `answer` that give the best field F1.

    Micro F1 over the documents, for each pair out of `ACCEPT` and `ANSWER`; of several with the
    best F1 the present pair, else the one that asks least and is nearest to the present `answer`.
    `accept` values for which the LLM was not asked enough are left out.

    Returns:
        None where all are left out.
    """
    gold = sum(len(d.gold) for d in documents)
    tried: list[tuple[float, bool, float, float, Fusion]] = []
    present = fusion.weights
    for accept in sorted({*ACCEPT, present.accept}):
        here = _with_weights(fusion, accept=accept)
        try:
            values = [v for d in documents for v in d.values(d.judged(here, every_doubtful=True))]
        except NotCollectedError:
            continue
        for answer in sorted({*ANSWER, present.answer}):
            given = [v.right for v in values if v.score >= answer]
            f1 = Counts(sum(given), len(given), gold).f1
            same = (accept, answer) == (present.accept, present.answer)
            near = -abs(answer - present.answer)
            chosen = _with_weights(here, answer=answer)
            tried.append((round(f1, 9), same, -accept, near, chosen))
    return max(tried, key=lambda t: t[:4])[4] if tried else None


def _without_lists(documents: Sequence[Evidence], fusion: Fusion) -> Fusion:
    """Structured replies cost most: without them, unless they are seen to make the field F1 better.

    See `is_shown`.
    """
    without = fusion.model_copy(update={"lists": False})
    try:
        before, after = (counts_by_document(documents, f) for f in (without, fusion))
    except NotCollectedError:
        return without
    return fusion if is_shown(*f1_gain(before, after)) else without


def held_out_values(documents: Sequence[Evidence], fusion: Fusion) -> Iterator[list[Value]]:
    """The values that a fusion gives, by document."""
    for document in documents:
        values = document.values(document.judged(fusion))
        yield [v for v in values if v.score >= fusion.answer]


def _with_weights(fusion: Fusion, **changes: float) -> Fusion:
    weights = fusion.weights.model_copy(update=changes)
    return fusion.model_copy(update={"weights": weights})


def _hash(dataset: str, name: str) -> str:
    return hashlib.sha256(f"calibrate/{dataset}/{name}".encode()).hexdigest()

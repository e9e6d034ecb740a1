"""Decide: options, beliefs and votes become a leaf with a status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hybrid.extraction import Confidence, FieldResult, Grounding, Status
from hybrid.schema import Leaf
from hybrid.verify.ask import Vote
from hybrid.verify.candidates import Candidate
from hybrid.verify.fuse import FusionWeights, confidence, default_weights, pool, prior


@dataclass(frozen=True)
class Choice:
    """All that is known of one leaf before the rules are looked at.

    Attributes:
        path: Concrete.
        leaf: Its field.
        options: Candidates; the GCN's proposal, if it has one, is the one with the best prior.
        vote: The LLM's; None where it was not asked.
        trust: How far that vote counts.
    """

    path: str
    leaf: Leaf
    options: tuple[Candidate, ...]
    vote: Vote | None = None
    trust: float = 0.0

    @property
    def votes(self) -> tuple[float, ...] | None:
        """The LLM's shares, or None where it was not asked or did not answer."""
        return self.vote.shares if self.vote else None

    @property
    def beliefs(self) -> list[float]:
        """After pooling; last is "absent"."""
        return pool(prior(self.options), self.votes, self.trust)

    @property
    def best(self) -> int | None:
        """Index of the option that is believed most, or None for "absent"."""
        beliefs = self.beliefs
        index = max(range(len(beliefs)), key=beliefs.__getitem__)
        return None if index == len(self.options) else index

    def proposed(self, weights: FusionWeights) -> int | None:
        """Index of the GCN's proposal, or None where it proposes nothing."""
        beliefs = prior(self.options)[:-1]
        if not beliefs or max(beliefs) < weights.proposed:
            return None
        return max(range(len(beliefs)), key=beliefs.__getitem__)


def is_sure(
    options: Sequence[Candidate], rule: float = 0.0, weights: FusionWeights | None = None
) -> bool:
    """The GCN's proposal needs no question."""
    w = weights or default_weights()
    if not options:
        return False
    beliefs = prior(options)[:-1]
    best = max(range(len(beliefs)), key=beliefs.__getitem__)
    return confidence(options[best], beliefs[best], rule, w) >= w.accept


def can_matter(options: Sequence[Candidate], trust: float) -> bool:
    """Whether any vote of an LLM could change what is answered; if not, asking is a waste.

    An option gains most by a vote that is all for it, and none loses more than by a vote that is
    full for each of the others (which no vote can be), so those are tried.

    Args:
        options: Of the question.
        trust: How far the vote would count.
    """
    w = default_weights()
    beliefs = prior(options)
    answers = {_answer(options, beliefs, w)}
    for chosen in range(len(beliefs)):
        for_it = [float(index == chosen) for index in range(len(beliefs))]
        against_it = [1.0 - share for share in for_it]
        answers.add(_answer(options, pool(beliefs, for_it, trust), w))
        if chosen in answers:
            answers.add(_answer(options, pool(beliefs, against_it, trust), w))
    return len(answers) > 1


def _answer(options: Sequence[Candidate], beliefs: Sequence[float], w: FusionWeights) -> int | None:
    """Index of the option that is answered, or None."""
    best = max(range(len(beliefs)), key=beliefs.__getitem__)
    if best == len(options) or confidence(options[best], beliefs[best], 0.0, w) < w.answer:
        return None
    return best


def decide(choice: Choice, rule: float = 0.0, weights: FusionWeights | None = None) -> FieldResult:
    """The leaf that a choice becomes.

    Args:
        choice: Options with beliefs.
        rule: Verdict of the rules on the value that is believed most.
        weights: The shipped ones by default.

    Returns:
        With a value, or null and a reason; never an ungrounded value, because every option is read
        from the page (lenient mode adds those of the LLM itself elsewhere).
    """
    w = weights or default_weights()
    proposed = choice.proposed(w)
    if choice.vote is not None and choice.votes is None:
        return _unverified(choice, proposed, w)
    beliefs = choice.beliefs
    best = choice.best
    fused = confidence(choice.options[best], beliefs[best], rule, w) if best is not None else None
    if best is None or fused is None or fused < w.answer:
        return _without_value(choice, proposed, fused, w)
    candidate = choice.options[best]
    llm = choice.votes[best] if choice.votes else None
    status, reason = Status.ACCEPTED, None
    if choice.votes:
        favourite = max(range(len(choice.votes)), key=choice.votes.__getitem__)
        if proposed is None:
            status = Status.ADDED
        elif best != proposed:
            status = Status.CORRECTED
            reason = f"the GCN proposed {choice.options[proposed].text!r}"
        elif favourite == best:
            status = Status.AGREED
        else:
            other = choice.options[favourite].text if favourite < len(choice.options) else "none"
            reason = f"the LLM preferred {other!r} and was outvoted"
    return candidate.result(
        status, fused, llm, reason, _alternatives(choice, beliefs, skip=best, weights=w)
    )


def _unverified(choice: Choice, proposed: int | None, w: FusionWeights) -> FieldResult:
    reason = f"the LLM could not be asked: {choice.vote.problem if choice.vote else ''}"
    beliefs = prior(choice.options)
    if proposed is None:
        return FieldResult(
            status=Status.UNVERIFIED,
            reason=reason,
            alternatives=_alternatives(choice, beliefs, skip=None, weights=w),
        )
    candidate = choice.options[proposed]
    fused = confidence(candidate, beliefs[proposed], 0.0, w)
    alternatives = _alternatives(choice, beliefs, skip=proposed, weights=w)
    return candidate.result(Status.UNVERIFIED, fused, None, reason, alternatives)


def _without_value(
    choice: Choice, proposed: int | None, fused: float | None, w: FusionWeights
) -> FieldResult:
    beliefs = choice.beliefs
    if proposed is not None and choice.votes:
        status = Status.REJECTED
        reason = f"the LLM's vote speaks against {choice.options[proposed].text!r}"
    elif not choice.options:
        status = Status.ABSTAINED
        reason = "nothing on the pages was found for this field"
    else:
        status = Status.ABSTAINED
        shown = f" ({fused:.2f})" if fused is not None else ""
        reason = f"no candidate is believed enough{shown}"
    return FieldResult(
        status=status,
        confidence=Confidence(llm=round(choice.votes[-1], 4) if choice.votes else None),
        reason=reason,
        alternatives=_alternatives(choice, beliefs, skip=None, weights=w),
    )


def _alternatives(
    choice: Choice, beliefs: Sequence[float], skip: int | None, weights: FusionWeights
) -> tuple[FieldResult, ...]:
    ranked = sorted((i for i in range(len(choice.options)) if i != skip), key=lambda i: -beliefs[i])
    results = []
    for index in ranked[:3]:
        option = choice.options[index]
        if option.grounding is Grounding.NONE:
            continue
        fused = confidence(option, beliefs[index], 0.0, weights)
        llm = choice.votes[index] if choice.votes else None
        results.append(option.result(Status.ABSTAINED, fused, llm))
    return tuple(results)

"""Decide: options, beliefs and votes become a leaf with a status.

Whether an LLM was asked or not, this is the one way from options to values: a field without a vote,
with a vote that nobody trusts, or with an LLM that is down is decided as the GCN alone decides it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hybrid.extraction import Confidence, FieldResult, Grounding, Status
from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.ask import LLM, Vote
from hybrid.verify.candidates import Candidate
from hybrid.verify.fuse import Fusion, FusionWeights, default_fusion, pool, prior, score, tempered
from hybrid.verify.rules import check

_LONGEST_SAID = 60
"""Characters of an answer that are shown in a reason."""


@dataclass(frozen=True)
class Choice:
    """All that is known of one leaf before the rules are looked at.

    Attributes:
        path: Concrete.
        leaf: Its field.
        options: Candidates; the GCN's proposal, if it has one, is the one with the best prior.
        vote: The LLM's, or that of whoever verifies; None where there is none.
        trust: How far that vote counts.
        gcn: How far the GCN's beliefs count beside it.
        read: Index of the option that the LLM read by itself, or None.
        least: Belief in that option where the GCN's is smaller.
        by_keys: No label feeds the leaf, so its options are what stands beside its keys.
    """

    path: str
    leaf: Leaf
    options: tuple[Candidate, ...]
    vote: Vote | None = None
    trust: float = 0.0
    read: int | None = None
    least: float = 0.0
    gcn: float = 1.0
    by_keys: bool = False

    @property
    def votes(self) -> tuple[float, ...] | None:
        """The vote's shares, or None where nobody was asked or nobody answered."""
        return self.vote.shares if self.vote else None

    def llm_share(self, index: int) -> float | None:
        """The LLM's share for an option, -1 for "absent"; None where it did not vote."""
        return self.votes[index] if self.vote and self.votes and self.vote.voter == LLM else None

    @property
    def beliefs(self) -> list[float]:
        """After pooling; last is "absent"."""
        if self.votes is None:
            return self.prior
        return pool(tempered(self.prior, self.gcn), self.votes, self.trust)

    @property
    def prior(self) -> list[float]:
        """Before the vote; last is "absent"."""
        return prior(self.options, self.read, self.least)

    def proposed(self, weights: FusionWeights) -> int | None:
        """Index of the GCN's proposal, or None where it proposes nothing."""
        beliefs = prior(self.options)[:-1]
        known = [0.0 if o.gcn is None else b for o, b in zip(self.options, beliefs, strict=True)]
        if not known or max(known) < weights.proposed:
            return None
        return likeliest(known)


@dataclass(frozen=True)
class Judgement:
    """A choice with what is believed most.

    Attributes:
        choice: What was judged.
        beliefs: After pooling; last is "absent".
        best: Index of the option that is believed most, or None for "absent".
        rule: The rules' verdict on it.
        score: Of it, or None for "absent".
    """

    choice: Choice
    beliefs: tuple[float, ...]
    best: int | None
    rule: float
    score: float | None


def likeliest(beliefs: Sequence[float]) -> int:
    """Index of the largest belief, the first of several."""
    return max(range(len(beliefs)), key=beliefs.__getitem__)


def judge_all(
    schema: FieldSchema,
    choices: Sequence[Choice],
    weights: FusionWeights,
    others: Mapping[str, Fusion] | None = None,
) -> list[Judgement]:
    """What is believed most in each choice of a document, with the rules' verdicts on all of it.

    Args:
        schema: Of the document.
        choices: On all of its leaves.
        weights: Of the scores.
        others: Paths of leaves whose scores have other weights, each to its fusion.
    """
    weights_of = {path: fusion.weights for path, fusion in (others or {}).items()}
    beliefs = [choice.beliefs for choice in choices]
    bests = [likeliest(b) for b in beliefs]
    believed = {
        c.path: c.options[best].value
        for c, best in zip(choices, bests, strict=True)
        if best < len(c.options)
    }
    verdicts = check(schema, believed)
    return [
        _judged(c, pooled, best, verdicts.get(c.path, 0.0), weights_of.get(c.path, weights))
        for c, pooled, best in zip(choices, beliefs, bests, strict=True)
    ]


def decide_all(
    schema: FieldSchema,
    choices: Sequence[Choice],
    fusion: Fusion,
    others: Mapping[str, Fusion] | None = None,
) -> dict[str, FieldResult]:
    """The leaves that the choices of a document become, in the schema's order.

    Args:
        schema: Of the document.
        choices: On all of its leaves.
        fusion: By which they are decided.
        others: Paths of leaves that it was not fitted for, each to its own fusion.
    """
    others = others or {}
    decided = {
        judged.choice.path: _decided(judged, others.get(judged.choice.path, fusion))
        for judged in judge_all(schema, choices, fusion.weights, others)
    }
    order = {leaf.path: i for i, leaf in enumerate(schema.leaves)}
    return dict(sorted(decided.items(), key=lambda item: _order(item[0], schema, order)))


def decide(choice: Choice, rule: float = 0.0, fusion: Fusion | None = None) -> FieldResult:
    """The leaf that a choice becomes.

    Args:
        choice: Options with beliefs.
        rule: Verdict of the rules on the value that is believed most.
        fusion: With the shipped weights by default.

    Returns:
        With a value, or null and a reason; never an ungrounded value, because every option is read
        from the page (lenient mode adds those of the LLM itself elsewhere).
    """
    fusion = fusion or default_fusion()
    beliefs = choice.beliefs
    return _decided(_judged(choice, beliefs, likeliest(beliefs), rule, fusion.weights), fusion)


def _judged(
    choice: Choice, beliefs: Sequence[float], best: int, rule: float, weights: FusionWeights
) -> Judgement:
    if best == len(choice.options):
        return Judgement(choice, tuple(beliefs), None, 0.0, None)
    value = score(choice.options[best], beliefs[best], rule, weights)
    return Judgement(choice, tuple(beliefs), best, rule, value)


def _decided(judged: Judgement, fusion: Fusion) -> FieldResult:
    if judged.best is None or judged.score is None or judged.score < fusion.answer:
        return _without_value(judged, fusion)
    choice, best = judged.choice, judged.best
    status, reason = _status(choice, best, fusion.weights)
    return choice.options[best].result(
        status,
        fusion.confidence(judged.score),
        choice.llm_share(best),
        reason,
        _alternatives(judged, fusion, skip=best),
    )


def _status(choice: Choice, best: int, weights: FusionWeights) -> tuple[Status, str | None]:
    """What the LLM did to the GCN's proposal, and what a reader should know of it."""
    if choice.vote is not None and choice.votes is None:
        return _unvoted(choice.vote, Status.ACCEPTED)
    if choice.vote is None or not choice.votes:
        return Status.ACCEPTED, None
    proposed, favourite = choice.proposed(weights), choice.vote.favourite
    if proposed is None:
        return Status.ADDED, None
    if best != proposed:
        return Status.CORRECTED, f"the GCN proposed {choice.options[proposed].text!r}"
    if favourite == best:
        return Status.AGREED, None
    if favourite is None:
        return Status.ACCEPTED, f"{choice.vote.voter} had no preference"
    other = choice.options[favourite].text if favourite < len(choice.options) else "none"
    return Status.ACCEPTED, f"{choice.vote.voter} preferred {other!r} and was outvoted"


def _unvoted(vote: Vote, answered: Status) -> tuple[Status, str]:
    """The status of a field on which there is no vote; `answered` where the LLM did answer."""
    if vote.unsupported is not None:
        said = vote.unsupported[:_LONGEST_SAID]
        return answered, f"the LLM answered {said!r}, which does not stand on the page"
    return Status.UNVERIFIED, f"the LLM could not be asked: {vote.problem or ''}"


def _without_value(judged: Judgement, fusion: Fusion) -> FieldResult:
    choice = judged.choice
    proposed = choice.proposed(fusion.weights)
    if choice.vote is not None and choice.votes is None:
        status, reason = _unvoted(choice.vote, Status.ABSTAINED)
    elif judged.score is not None and judged.score >= fusion.weights.answer:
        status = Status.ABSTAINED
        reason = f"less sure ({fusion.confidence(judged.score):.2f}) than the wished risk asks for"
    elif proposed is not None and choice.vote is not None:
        status = Status.REJECTED
        reason = f"{choice.vote.voter}'s vote speaks against {choice.options[proposed].text!r}"
    elif not choice.options:
        status = Status.ABSTAINED
        reason = "nothing on the pages was found for this field"
        if choice.by_keys:
            key = choice.leaf.keys[0] if choice.leaf.keys else choice.leaf.name
            reason += f": no value beside {key!r}; if the pages call it otherwise, say so with Keys"
    else:
        status = Status.ABSTAINED
        shown = "" if judged.score is None else f" ({fusion.confidence(judged.score):.2f})"
        reason = f"no candidate is believed enough{shown}"
    absent = choice.llm_share(-1)
    return FieldResult(
        status=status,
        confidence=Confidence(llm=None if absent is None else round(absent, 4)),
        reason=reason,
        alternatives=_alternatives(judged, fusion, skip=None),
    )


def _alternatives(judged: Judgement, fusion: Fusion, skip: int | None) -> tuple[FieldResult, ...]:
    choice, beliefs = judged.choice, judged.beliefs
    ranked = sorted((i for i in range(len(choice.options)) if i != skip), key=lambda i: -beliefs[i])
    results = []
    for index in ranked[:3]:
        option = choice.options[index]
        if option.grounding is Grounding.NONE:
            continue
        fused = fusion.confidence(score(option, beliefs[index], 0.0, fusion.weights))
        results.append(option.result(Status.ABSTAINED, fused, choice.llm_share(index)))
    return tuple(results)


def _order(path: str, schema: FieldSchema, order: dict[str, int]) -> tuple[int, int, int]:
    """Flat leaves where the schema has them; a list's items one after the other."""
    leaf = schema.leaf_of(path)
    if leaf.list_path is None:
        return (order[leaf.path], 0, 0)
    first = min(order[x.path] for x in schema.leaves if x.list_path == leaf.list_path)
    number = int(path[path.index("[") + 1 : path.index("]")])
    return (first, number, order[leaf.path])

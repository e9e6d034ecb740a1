"""Rules: no LLM at all; where dates and sums tell the options of a field apart, they vote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from hybrid.extraction import LlmUsage
from hybrid.schema import FieldSchema
from hybrid.verify.ask import Question, Vote
from hybrid.verify.decide import likeliest
from hybrid.verify.fuse import Fusion, default_fusion, prior
from hybrid.verify.resolve import Proposal
from hybrid.verify.rules import check
from hybrid.verify.strategies.base import Case, OpenLlm, Voting

VOTER = "the rule check"
_WEIGHTS = {1.0: 1.0, 0.0: 0.2, -1.0: 0.01}
"""Of an option, by the rules' verdict on it. That a sum comes out by chance is rare."""


class RulesStrategy:
    """A field on which no rule tells the options apart keeps what the GCN says."""

    name = "rules"
    prompts = ()
    rounds = 0

    @property
    def fusion(self) -> Fusion:
        """The shipped weights; rules count as much as the GCN, and lists are left to the GCN."""
        return default_fusion(1.0).model_copy(update={"lists": False})

    def votes(self, case: Case, open_llm: OpenLlm) -> Voting:
        """See `Strategy`; the LLM is never opened."""
        believed = _believed(case.proposal)
        votes = [_vote(case.schema, question, believed) for question in case.questions]
        return Voting(votes, LlmUsage())


def _believed(proposal: Proposal) -> dict[str, Any]:
    """The values that the GCN believes most, by path."""
    values = {path: candidate.value for path, candidate in proposal.lists.items()}
    for path, found in proposal.flat.items():
        best = likeliest(prior(found))
        if best < len(found):
            values[path] = found[best].value
    return values


def _vote(schema: FieldSchema, question: Question, believed: Mapping[str, Any]) -> Vote | None:
    verdicts = []
    for option in question.options:
        verdict = check(schema, {**believed, question.path: option.value}).get(question.path, 0.0)
        # Nearly every date is plausible: only one that is not tells something.
        verdicts.append(min(verdict, 0.0) if isinstance(option.value, date) else verdict)
    if not any(verdicts):
        return None
    weights = [_WEIGHTS[verdict] for verdict in (*verdicts, 0.0)]
    return Vote(tuple(w / sum(weights) for w in weights), voter=VOTER)

"""Debate: a proposer argues for what the GCN proposes, a sceptic refutes it, a judge decides.

The two take turns until they name the same letter, or for some rounds. The judge sees page, options
and what was said; the log-probabilities of its one token are the vote.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hybrid.errors import MissingExtraError, ModelError
from hybrid.extraction import LlmUsage
from hybrid.verify.ask import Vote, block_of, joined_thoughts, shares_of
from hybrid.verify.prompts import DEBATE, DEBATE_JUDGE, page_blocks
from hybrid.verify.strategies.base import Case, OpenLlm, Voting
from hybrid.verify.strategies.statements import Statement, Topic

if TYPE_CHECKING:
    from hybrid.errors import ServerError
    from hybrid.llm.backend import ChatReply

MOST_ROUNDS = 4
"""As much as fits beside a page in a small context (`hybrid.verify.prompts`)."""


class DebateStrategy:
    """The sides are agents of AutoGen's agentchat, a team for each question.

    Args:
        rounds: Statements of each side at most, from 1 to 4.

    Raises:
        MissingExtraError: If AutoGen's agentchat is not installed.
        ModelError: If there are too few or too many rounds.
    """

    prompts = (DEBATE, DEBATE_JUDGE)
    fusion = None

    def __init__(self, rounds: int = 1) -> None:
        if not 1 <= rounds <= MOST_ROUNDS:
            raise ModelError(
                f"rounds of a debate are a number from 1 to {MOST_ROUNDS}, not {rounds}"
            )
        if find_spec("autogen_agentchat") is None:
            raise MissingExtraError(
                "strategy debate needs the package 'autogen-agentchat': "
                "pip install 'hybrid-extract[debate]'"
            )
        self._rounds = rounds

    @property
    def name(self) -> str:
        """See `Strategy`."""
        return f"debate,rounds={self._rounds}" if self._rounds > 1 else "debate"

    @property
    def rounds(self) -> int:
        """See `Strategy`: each side's statements, and the judge's letter."""
        return 2 * self._rounds + 1

    def votes(self, case: Case, open_llm: OpenLlm) -> Voting:
        """See `Strategy`."""
        from hybrid.llm.backend import usage_of
        from hybrid.verify.strategies.debate_team import debates_on

        backend, room = open_llm()
        blocks = page_blocks(case.document, room)
        topics = [Topic(question, block_of(question, blocks)) for question in case.questions]
        debates = debates_on(topics, backend, self._rounds)
        usage = sum((statement.usage for said in debates for statement in said), LlmUsage())
        # A server that gave no reply at all is not asked for a verdict.
        heard = [n for n, said in enumerate(debates) if said[-1].answered]
        requests = [topics[n].judge_request(debates[n]) for n in heard]
        verdicts = dict(zip(heard, backend.complete_many(requests) if heard else [], strict=True))
        usage = sum(map(usage_of, verdicts.values()), usage)
        votes = []
        for number, (topic, said) in enumerate(zip(topics, debates, strict=True)):
            vote, corrected = _vote(topic, said, verdicts.get(number))
            votes.append(vote)
            usage += LlmUsage(corrections=corrected)
        return Voting(votes, usage)


def _vote(
    topic: Topic, said: Sequence[Statement], verdict: ChatReply | ServerError | None
) -> tuple[Vote, bool]:
    """A question's vote, and whether it is for another letter than was proposed at first."""
    from hybrid.llm.reasoning import thoughts_of

    problem = next((s.problem for s in reversed(said) if s.problem is not None), None)
    if verdict is None or isinstance(verdict, Exception):
        return Vote(None, str(verdict) if verdict is not None else problem), False
    letter, proposed = verdict.text.strip(), said[0].letter
    thoughts = joined_thoughts([topic.note(said, letter), thoughts_of(verdict)])
    shares = shares_of(verdict, len(topic.texts), backwards=False)
    return Vote(shares, problem, thoughts), bool(proposed) and proposed != letter

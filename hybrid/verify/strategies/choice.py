"""Choice: which of these lines holds the field? The default, one token a question and order."""

from __future__ import annotations

from hybrid.verify.ask import question_pairs
from hybrid.verify.prompts import VERIFY
from hybrid.verify.strategies.base import Case, OpenLlm, Voting
from hybrid.verify.strategies.drawing import DrawingStrategy, polled


class ChoiceStrategy(DrawingStrategy):
    """The LLM does not know what the GCN proposes: its vote is independent of it."""

    kind = "choice"
    needs_thoughts = True
    prompts = (VERIFY,)
    rounds = 1

    def votes(self, case: Case, open_llm: OpenLlm) -> Voting:
        """See `Strategy`."""
        backend, room = open_llm()
        pairs = question_pairs(case.document, case.questions, room)
        return polled(backend, pairs, self.sampling, case.questions)

"""Choice: which of these lines holds the field? The default, one token a question and order."""

from __future__ import annotations

from hybrid.verify.ask import ask
from hybrid.verify.prompts import VERIFY
from hybrid.verify.strategies.base import Case, OpenLlm, Voting


class ChoiceStrategy:
    """The LLM does not know what the GCN proposes: its vote is independent of it."""

    name = "choice"
    prompts = (VERIFY,)
    rounds = 1
    fusion = None

    def votes(self, case: Case, open_llm: OpenLlm) -> Voting:
        """See `Strategy`."""
        backend, room = open_llm()
        return Voting(*ask(case.document, case.questions, backend, room))

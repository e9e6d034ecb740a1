"""Critique: the LLM sees what the GCN proposes, and says keep, change to another line, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hybrid.document import Segment
from hybrid.verify.ask import NONE_OF_THEM, Question, block_of, field_request, option_text
from hybrid.verify.candidates import Candidate
from hybrid.verify.decide import likeliest
from hybrid.verify.fuse import prior
from hybrid.verify.prompts import CRITIQUE, page_blocks
from hybrid.verify.strategies.base import Case, OpenLlm, Voting
from hybrid.verify.strategies.drawing import DrawingStrategy, polled

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatRequest


class CritiqueStrategy(DrawingStrategy):
    """One token a question and order, as in `choice`, but the LLM judges a proposal.

    Its vote is not independent of the GCN's: a weak model tends to keep what it is shown.
    """

    kind = "critique"
    needs_thoughts = True
    prompts = (CRITIQUE,)
    rounds = 1

    def votes(self, case: Case, open_llm: OpenLlm) -> Voting:
        """See `Strategy`."""
        backend, room = open_llm()
        blocks = page_blocks(case.document, room)
        pairs = []
        for question in case.questions:
            block = block_of(question, blocks)
            pairs.append((_request(question, block, False), _request(question, block, True)))
        return polled(backend, pairs, self.sampling, case.questions)


def proposed_option(options: Sequence[Candidate]) -> int | None:
    """Index of the option that the GCN proposes, or None where it knows nothing of the field."""
    if all(option.gcn is None for option in options):
        return None
    return likeliest(prior(options)[:-1])


def _request(question: Question, block: Sequence[Segment], backwards: bool) -> ChatRequest:
    proposed = proposed_option(question.options)
    shown = [option_text(option) for option in question.options]
    texts = [
        f"keep {text}"
        if number == proposed
        else f"change to {text}"
        if proposed is not None
        else text
        for number, text in enumerate(shown)
    ]
    texts.append(NONE_OF_THEM)
    return field_request(
        CRITIQUE,
        question,
        block,
        texts[::-1] if backwards else texts,
        proposal=shown[proposed] if proposed is not None else "",
    )

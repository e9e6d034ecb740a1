"""The LLM is shown the GCN's proposal, and says keep, change, or none."""

from __future__ import annotations

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.ask import Question
from hybrid.verify.resolve import Proposal, question_on
from hybrid.verify.strategies import Case, make_strategy
from tests.hybrid.conftest import make_predictions

SCHEMA = FieldSchema(Receipt)


def case_on(receipt: Document, path: str, marks: dict[int, dict[str, float]]) -> Case:
    proposal = Proposal.of(receipt, SCHEMA, make_predictions(receipt, marks))
    question: Question = question_on(receipt, SCHEMA, path, proposal.flat[path])
    return Case(receipt, SCHEMA, proposal, [question])


def choosing(text: str) -> ScriptedBackend:
    def reply(request: ChatRequest) -> ChatReply:
        lines = request.messages[-1].content.splitlines()
        letter = next(x[0] for x in lines if x[1:2] == ":" and text in x)
        return ChatReply(text=letter, usage=LlmUsage(requests=1, prompt_tokens=100))

    return ScriptedBackend(reply)


def test_the_proposal_is_shown_and_kept(receipt: Document) -> None:
    case = case_on(receipt, "total", {5: {"total": 0.6}, 7: {"total": 0.2}})
    backend = choosing("keep [5]")
    voting = make_strategy("critique").votes(case, lambda: (backend, 4096))
    assert len(backend.requests) == 2
    forwards, backwards = (r.messages[-1].content for r in backend.requests)
    assert "A first reading says that the total (" in forwards
    assert "of this document is: [5] RM 12.20\n" in forwards
    assert forwards.index("keep [5]") < forwards.index("change to [7]")
    assert backwards.index("keep [5]") > backwards.index("change to [7]")
    assert forwards.partition("</page>")[0] == backwards.partition("</page>")[0]
    (vote,) = voting.votes
    assert vote is not None
    assert vote.shares is not None
    assert vote.shares[0] == 1.0
    assert voting.usage.prompt_tokens == 200


def test_another_line_and_none_can_be_chosen(receipt: Document) -> None:
    case = case_on(receipt, "total", {5: {"total": 0.6}, 7: {"total": 0.2}})
    for text, index in (("change to [7]", 1), ("none of these", -1)):
        backend = choosing(text)
        (vote,) = make_strategy("critique").votes(case, lambda b=backend: (b, 4096)).votes  # type: ignore[misc]
        assert vote is not None
        assert vote.shares is not None
        assert vote.shares[index] == 1.0


def test_without_a_proposal_nothing_is_kept(receipt: Document) -> None:
    case = case_on(receipt, "total", {5: {"total": 0.6}})
    question = case.questions[0]
    unknown = Question(
        question.path, question.leaf, tuple(o.with_gcn(None) for o in question.options)
    )
    backend = choosing("none of these")
    make_strategy("critique").votes(
        Case(receipt, SCHEMA, case.proposal, [unknown]), lambda: (backend, 4096)
    )
    text = backend.requests[0].messages[-1].content
    assert "A first reading found no total" in text
    assert "keep" not in text
    assert "change to" not in text

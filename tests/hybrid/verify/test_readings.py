"""What the LLM read by itself is one more option, as far as readings are believed."""

from __future__ import annotations

import pytest

from hybrid.document import Document
from hybrid.extraction import FieldResult, Status
from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.ask import Question, Vote, shares_for
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.decide import Choice, decide
from hybrid.verify.fuse import Fusion, default_fusion
from hybrid.verify.resolve import (
    Proposal,
    answered_choice,
    choices_of,
    is_worth_asking,
    question_on,
)
from tests.hybrid.conftest import make_predictions

SCHEMA = FieldSchema(Receipt)


def believing(read: float) -> Fusion:
    return default_fusion(1.0).model_copy(update={"read": read})


def asked(receipt: Document, path: str, marks: dict[int, dict[str, float]]) -> Question:
    proposal = Proposal.of(receipt, SCHEMA, make_predictions(receipt, marks))
    return question_on(receipt, SCHEMA, path, proposal.flat[path])


def line(receipt: Document, path: str, number: int) -> Candidate:
    return read_candidates([receipt.segments[number]], SCHEMA.by_path[path], None)[0]


def reading(question: Question, read: Candidate, certainty: float = 0.95) -> Vote:
    count = len(question.options) + 1
    return Vote((1 / count,) * count, read=read, certainty=certainty)


def test_another_place_is_one_more_option(receipt: Document) -> None:
    question = asked(receipt, "company", {2: {"company": 0.05}})
    company = line(receipt, "company", 0)
    vote = reading(question, company)
    choice = answered_choice(question, vote, believing(0.2))
    assert [o.text for o in choice.options] == [*(o.text for o in question.options), company.text]
    assert choice.votes == shares_for(len(question.options), len(choice.options), 0.95)
    result = decide(choice, fusion=believing(0.2))
    assert (result.text, result.status) == (company.text, Status.ADDED)
    assert result.citations == company.citations
    assert result.confidence.gcn is None
    # Where readings are not believed, it says nothing of how the options compare.
    unbelieved = answered_choice(question, vote, believing(0.0))
    assert unbelieved.options == question.options
    assert decide(unbelieved, fusion=believing(0.0)).value is None


def test_an_unsure_reading_is_not_enough(receipt: Document) -> None:
    question = asked(receipt, "company", {2: {"company": 0.05}})
    vote = reading(question, line(receipt, "company", 0), certainty=0.1)
    assert (
        decide(answered_choice(question, vote, believing(0.2)), fusion=believing(0.2)).text is None
    )


def test_a_known_option_is_believed_at_least_as_much(receipt: Document) -> None:
    question = asked(receipt, "company", {0: {"company": 0.05}, 2: {"company": 0.3}})
    vote = reading(question, line(receipt, "company", 0))
    choice = answered_choice(question, vote, believing(0.2))
    assert choice.options == question.options
    place = [o.segments for o in choice.options].index((0,))
    assert choice.prior[place] == pytest.approx(0.2)
    # What the GCN proposes is what it proposed without the LLM.
    assert choice.proposed(believing(0.2).weights) is None
    strong = answered_choice(question, vote, believing(0.01))
    assert strong.prior[place] == pytest.approx(0.05)


def test_any_answer_may_matter_where_readings_count(receipt: Document) -> None:
    question = asked(receipt, "company", {2: {"company": 0.021}})
    found = question.options
    assert not is_worth_asking(SCHEMA, question, found, default_fusion(0.2))
    assert is_worth_asking(SCHEMA, question, found, believing(0.2))


def test_without_an_answer_nothing_is_added(receipt: Document) -> None:
    predictions = make_predictions(receipt, {0: {"company": 0.6}})
    proposal = Proposal.of(receipt, SCHEMA, predictions)
    question = question_on(receipt, SCHEMA, "company", proposal.flat["company"])
    down = Vote(None, "down", read=line(receipt, "company", 2))
    choices = choices_of(SCHEMA, proposal, believing(0.2), [(question, down)])
    (company,) = (c for c in choices if c.path == "company")
    assert company.options == tuple(proposal.flat["company"])
    assert company.vote == down


def test_a_vote_without_a_favourite() -> None:
    assert Vote((0.5, 0.5)).favourite is None
    assert Vote((0.2, 0.5, 0.3)).favourite == 1
    assert Vote(None).favourite is None


def test_an_empty_reading_is_a_vote_for_absent_as_far_as_it_counts(receipt: Document) -> None:
    question = asked(receipt, "company", {0: {"company": 0.6}})
    count = len(question.options) + 1
    vote = Vote((1 / count,) * count, empty=True, certainty=0.99)

    def decided(empty: float) -> FieldResult:
        fusion = default_fusion(1.0).model_copy(update={"empty": empty})
        choice = answered_choice(question, vote, fusion)
        assert choice.votes is not None
        assert sum(choice.votes) == pytest.approx(1.0)
        return decide(choice, fusion=fusion)

    ignored, weak, full = (decided(empty) for empty in (0.0, 0.1, 1.0))
    alone = decide(Choice(question.path, question.leaf, question.options)).confidence.fused
    assert alone is not None
    assert ignored.confidence.fused == alone
    assert ignored.reason == "the LLM had no preference"
    assert weak.confidence.fused is not None
    assert 0.45 < weak.confidence.fused < alone
    assert (full.value, full.status) == (None, Status.REJECTED)

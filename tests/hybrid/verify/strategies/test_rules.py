"""No LLM: dates and sums vote where they tell the options apart."""

from __future__ import annotations

from typing import Any

import pytest

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt, Receipt
from hybrid.verify.resolve import Proposal, question_on
from hybrid.verify.strategies import Case, Voting, make_strategy
from tests.hybrid.conftest import make_document, make_predictions


def never() -> Any:
    raise AssertionError("no LLM is opened")


def voted(document: Document, schema: FieldSchema, path: str, marks: Any) -> tuple[Case, Voting]:
    proposal = Proposal.of(document, schema, make_predictions(document, marks))
    question = question_on(document, schema, path, proposal.flat[path])
    case = Case(document, schema, proposal, [question])
    return case, make_strategy("rules").votes(case, never)


def test_a_sum_that_comes_out_speaks_for_an_option() -> None:
    page = make_document(
        [
            ("SUBTOTAL 58.00", 50, 250, 150, 270),
            ("TAX 5.80", 50, 280, 150, 300),
            ("58.80", 400, 310, 480, 330),
            ("63.80", 400, 340, 480, 360),
        ]
    )
    marks = {
        0: {"sub_total.subtotal_price": 0.97},
        1: {"sub_total.tax_price": 0.97},
        2: {"total.total_price": 0.5},
        3: {"total.total_price": 0.3},
    }
    case, voting = voted(page, FieldSchema(ItemizedReceipt), "total.total", marks)
    (vote,) = voting.votes
    assert vote is not None
    assert vote.shares is not None
    texts = [option.text for option in case.questions[0].options]
    assert "63.80" in texts[vote.shares.index(max(vote.shares))]
    assert sum(vote.shares) == pytest.approx(1)
    assert vote.voter == "the rule check"
    assert voting.usage == LlmUsage()


def test_an_impossible_date_is_spoken_against() -> None:
    page = make_document([("25/12/2098", 10, 10, 90, 30), ("25/12/2018", 10, 50, 90, 70)])
    marks = {0: {"date": 0.5}, 1: {"date": 0.3}}
    case, voting = voted(page, FieldSchema(Receipt), "date", marks)
    (vote,) = voting.votes
    assert vote is not None
    assert vote.shares is not None
    by_text = {o.text: s for o, s in zip(case.questions[0].options, vote.shares, strict=False)}
    assert by_text["25/12/2018"] == vote.shares[-1] > 10 * by_text["25/12/2098"]


def test_where_no_rule_tells_apart_there_is_no_vote(receipt: Document) -> None:
    marks = {3: {"date": 0.5}, 5: {"total": 0.5}, 7: {"total": 0.3}, 0: {"company": 0.5}}
    for path in ("date", "total", "company"):
        _, voting = voted(receipt, FieldSchema(Receipt), path, marks)
        assert list(voting.votes) == [None]

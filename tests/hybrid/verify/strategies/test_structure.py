"""One structured call reads the doubtful fields, and votes for what it reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.ask import Vote
from hybrid.verify.resolve import Proposal, question_on
from hybrid.verify.strategies import Case, Voting, make_strategy
from tests.hybrid.conftest import make_predictions

SCHEMA = FieldSchema(Receipt)
MARKS = {
    1: {"address": 0.9},
    2: {"address": 0.6},
    5: {"total": 0.6},
    7: {"total": 0.2},
}


def case_on(receipt: Document, *paths: str) -> Case:
    proposal = Proposal.of(receipt, SCHEMA, make_predictions(receipt, MARKS))
    questions = [question_on(receipt, SCHEMA, path, proposal.flat[path]) for path in paths]
    return Case(receipt, SCHEMA, proposal, questions)


def reading(**fields: tuple[str, list[int]]) -> ScriptedBackend:
    said = {name: {"value": value, "lines": lines} for name, (value, lines) in fields.items()}

    def reply(request: ChatRequest) -> ChatReply:
        return ChatReply(text=json.dumps(said), usage=LlmUsage(requests=1, prompt_tokens=100))

    return ScriptedBackend(reply)


def votes(case: Case, backend: ScriptedBackend) -> list[Vote]:
    found = make_strategy("structure").votes(case, lambda: (backend, 4096)).votes
    assert all(vote is not None for vote in found)
    return [vote for vote in found if vote is not None]


def test_one_call_asks_for_the_doubtful_fields_only(receipt: Document) -> None:
    case = case_on(receipt, "address", "total")
    backend = reading(address=("12 JALAN BESAR 45600 KUALA LUMPUR", [1, 2]), total=("20.00", [7]))
    address, total = votes(case, backend)
    (request,) = backend.requests
    fields = request.messages[-1].content.partition("Fields:")[2]
    assert "- address" in fields
    assert "- total" in fields
    assert "- company" not in fields
    assert "- date" not in fields
    assert address.shares == (1.0, 0.0, 0.0, 0.0)
    assert total.shares is not None
    assert case.questions[1].options[total.shares.index(1.0)].text == "20.00"


@pytest.mark.parametrize(
    ("said", "favourite"),
    [
        (("", []), None),
        (("12 JALAN BESAR", [1]), 1),
        (("12 JALAN BESAR 45600 KUALA LUMPAR", [1, 2]), 0),
        (("ACME SDN BHD", [0]), None),
    ],
)
def test_what_is_read_is_an_option_or_none_or_something_else(
    receipt: Document, said: Any, favourite: int | None
) -> None:
    (vote,) = votes(case_on(receipt, "address"), reading(address=said))
    assert vote.shares is not None
    if favourite is None:
        assert vote.shares == pytest.approx((0.25,) * 4)
    else:
        assert vote.shares[favourite] == 1.0


def test_what_is_not_on_the_page_is_no_vote(receipt: Document) -> None:
    (vote,) = votes(case_on(receipt, "address"), reading(address=("NOWHERE ROAD 99", [1])))
    assert vote.shares is None
    assert vote.unsupported == "NOWHERE ROAD 99"


def test_a_reply_that_is_none_gives_no_votes(receipt: Document) -> None:
    backend = ScriptedBackend(lambda _: ChatReply(text="[1, 2]"))
    voting = make_strategy("structure").votes(
        case_on(receipt, "address", "total"), lambda: (backend, 4096)
    )
    assert all(vote is not None and vote.shares is None and vote.problem for vote in voting.votes)
    assert voting.usage.invalid_replies == 1


def drawing(*totals: str) -> ScriptedBackend:
    """Reads another total with each seed."""

    def reply(request: ChatRequest) -> ChatReply:
        assert request.temperature > 0
        assert request.seed is not None
        said = {"total": {"value": totals[request.seed], "lines": []}}
        return ChatReply(text=json.dumps(said), usage=LlmUsage(requests=1, prompt_tokens=100))

    return ScriptedBackend(reply)


def drawn(case: Case, backend: ScriptedBackend, scorer: str = "majority") -> Voting:
    strategy = make_strategy("structure", len(TOTALS), scorer)
    assert strategy.name == f"structure,samples=4,scorer={scorer}"
    return strategy.votes(case, lambda: (backend, 4096))


TOTALS = ("12.20", "20.00", "12.20", "")


def test_several_readings_are_as_sure_as_they_agree(receipt: Document) -> None:
    case = case_on(receipt, "total")
    texts = [option.text for option in case.questions[0].options]
    backend = drawing(*TOTALS)
    voting = drawn(case, backend)
    assert len(backend.requests) == 4
    assert voting.usage.prompt_tokens == 400
    (vote,), (samples,) = voting.votes, voting.samples
    assert vote is not None
    assert vote.shares is not None
    assert sum(vote.shares) == pytest.approx(1.0)
    by_text = dict(zip(texts, vote.shares, strict=False))
    right = next(share for text, share in by_text.items() if "12.20" in text)
    # Two of three that read something, and one of four that read nothing and so prefers nothing.
    assert right == pytest.approx(0.75 * 2 / 3 + 0.25 / len(vote.shares))
    assert vote.read is not None
    assert "12.20" in vote.read.text
    assert vote.certainty == 0.5
    assert [texts[s.answer] for s in samples][1] == "20.00"
    assert len(samples) == 3


def test_readings_of_nothing_prefer_nothing(receipt: Document) -> None:
    voting = drawn(case_on(receipt, "total"), drawing("", "", "", ""))
    (vote,), (samples,) = voting.votes, voting.samples
    assert vote is not None
    assert vote.read is None
    assert vote.favourite is None
    assert not samples


def test_replies_that_are_none_are_no_readings(receipt: Document) -> None:
    backend = ScriptedBackend(lambda _: ChatReply(text="[1, 2]"))
    voting = drawn(case_on(receipt, "total"), backend)
    (vote,) = voting.votes
    assert vote is not None
    assert vote.shares is None
    assert voting.usage.invalid_replies == 4

"""Several answers of one letter: what is asked, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import Scripted, ScriptedBackend
from hybrid.verify.strategies import Voting, make_strategy
from tests.hybrid.verify.strategies.test_critique import case_on
from tests.hybrid.verify.strategies.test_reflect import MARKS, letter_of

THOUGHT = LlmUsage(requests=1, completion_tokens=50, reasoning_tokens=49)


def thinking(*answers: str) -> Callable[[ChatRequest], Scripted]:
    """Answers by the request's seed, after a thought; "" for a server that fails."""

    def reply(request: ChatRequest) -> Scripted:
        answer = answers[request.seed or 0]
        if not answer:
            return ServerError("no answer")
        letter = letter_of(request, answer)
        logprobs = {c: -0.1 if c == letter else -4.0 for c in request.choices or ()}
        thought = f"Number {request.seed}: {answer}?"
        return ChatReply(text=letter, logprobs=logprobs, reasoning=thought, usage=THOUGHT)

    return reply


def drawn(
    receipt: Document, name: str, answers: tuple[str, ...], scorer: str = "majority"
) -> tuple[Voting, list[ChatRequest]]:
    backend = ScriptedBackend(thinking(*answers))
    strategy = make_strategy(name, len(answers), scorer)
    return strategy.votes(
        case_on(receipt, "total", MARKS), lambda: (backend, 4096)
    ), backend.requests


@pytest.mark.parametrize("name", ["choice", "critique"])
def test_the_order_turns_and_thoughts_begin_anew(receipt: Document, name: str) -> None:
    voting, requests = drawn(receipt, name, ("12.20", "20.00", "20.00"))
    assert [request.seed for request in requests] == [0, 1, 2]
    # The profile's own temperature is for thoughts; a temperature of ours would replace it.
    assert {request.temperature for request in requests} == {0.0}
    places = [text.index("[5] RM") < text.index("[7] 20") for text in map(options_of, requests)]
    assert places == [True, True, False]
    (vote,), (samples,) = voting.votes, voting.samples
    assert vote is not None
    assert vote.shares is not None
    assert vote.shares[:2] == pytest.approx((1 / 3, 2 / 3))
    assert [sample.answer for sample in samples] == [0, 1, 1]
    assert vote.reasoning == "Number 0: 12.20?\n\nNumber 1: 20.00?\n\nNumber 2: 20.00?"
    assert voting.usage.reasoning_tokens == 3 * 49


def options_of(request: ChatRequest) -> str:
    """The lines with letters: critique's proposal stands before them."""
    lines = request.messages[-1].content.partition("</page>")[2].splitlines()
    return "\n".join(line for line in lines if line[1:2] == ":")


def test_a_single_answer_is_asked_for_as_ever(receipt: Document) -> None:
    voting, requests = drawn(receipt, "choice", ("12.20",))
    assert [request.seed for request in requests] == [None, None]
    assert voting.samples == ()


def test_an_answer_that_fails_is_left_out(receipt: Document) -> None:
    voting, _ = drawn(receipt, "choice", ("", "20.00", ""), "likelihood")
    (vote,), (samples,) = voting.votes, voting.samples
    assert vote is not None
    assert vote.shares is not None
    assert vote.shares[1] > 0.9
    assert (len(samples), vote.problem) == (1, "no answer")
    voting, _ = drawn(receipt, "choice", ("", ""))
    (vote,), (samples,) = voting.votes, voting.samples
    assert vote is not None
    assert (vote.shares, vote.problem, list(samples)) == (None, "no answer", [])

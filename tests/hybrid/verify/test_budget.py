"""A budget is kept: what may not fit is not sent, and nothing is half asked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest, Message, NotSentError, usage_of
from hybrid.llm.scripted import ScriptedBackend
from hybrid.verify.budget import TokenMeter

PAGE = "\n".join(f"[{n}] NASI GORENG {n}.50" for n in range(30))


def request(text: str = PAGE, most: int = 1) -> ChatRequest:
    return ChatRequest(messages=(Message(role="user", content=text),), max_tokens=most)


def counting(request: ChatRequest) -> ChatReply:
    """A server whose tokens are three bytes each."""
    sent = sum(len(m.content.encode()) for m in request.messages) // 3 + 10
    usage = LlmUsage(requests=1, prompt_tokens=sent, completion_tokens=request.max_tokens)
    return ChatReply(text="A", usage=usage)


def answered(replies: list[Any]) -> list[bool]:
    return [isinstance(reply, ChatReply) for reply in replies]


def test_a_batch_is_sent_wholly_or_not_at_all() -> None:
    backend = ScriptedBackend(counting)
    meter = TokenMeter(1000)
    metered = meter.around(backend)
    with meter.watched():
        assert answered(metered.complete_many([request()])) == [True]
        refused = [meter.refused]
    with meter.watched():
        replies = metered.complete_many([request()] * 5)
        assert answered(replies) == [False] * 5
        refused.append(meter.refused)
    assert refused == [False, True]
    assert len(backend.requests) == 1
    assert all(isinstance(r, NotSentError) and usage_of(r) == LlmUsage() for r in replies)
    with pytest.raises(
        NotSentError, match=r"about \d+ tokens do not fit into the \d+ left of 1000"
    ):
        metered.complete(request(most=900))


def test_a_server_that_answers_once_is_counted_by_single_requests() -> None:
    """Four readings of a page cost it four times, unless the server draws them as one."""
    backend = ScriptedBackend(counting)
    drawn = [request().model_copy(update={"seed": seed, "temperature": 0.7}) for seed in range(4)]
    budget = 3 * usage_of(counting(request())).prompt_tokens
    assert answered(TokenMeter(budget).around(backend).complete_many(drawn)) == [True] * 4
    backend.draws_several = False
    meter = TokenMeter(budget)
    assert answered(meter.around(backend).complete_many(drawn)) == [False] * 4
    assert meter.spent == 0


def test_estimates_follow_what_the_server_counts() -> None:
    """The first request is estimated high; then the same page is known to be cheaper."""
    backend = ScriptedBackend(counting)
    cost = usage_of(counting(request())).prompt_tokens
    meter = TokenMeter(5 * cost)
    metered = meter.around(backend)
    assert answered(metered.complete_many([request()] * 4)) == [False] * 4
    for _ in range(4):
        assert answered(metered.complete_many([request()])) == [True]
    assert meter.spent <= meter.budget


def test_thoughts_and_further_rounds_are_kept_in_mind() -> None:
    cost = usage_of(counting(request())).prompt_tokens
    for meter, rounds in ((TokenMeter(4 * cost, beside=4 * cost), 1), (TokenMeter(4 * cost), 4)):
        with meter.watched(rounds):
            assert answered(meter.around(ScriptedBackend(counting)).complete_many([request()])) == [
                False
            ]


def test_a_server_that_does_not_count_is_counted_for() -> None:
    meter = TokenMeter(10_000)
    metered = meter.around(ScriptedBackend(lambda _: ChatReply(text="A")))
    sent = 0
    while answered(metered.complete_many([request()])) == [True]:
        sent += 1
    assert 3 < sent < 30


@settings(max_examples=100)
@given(
    st.integers(1, 3000),
    st.lists(st.tuples(st.text(max_size=300), st.integers(1, 50), st.integers(1, 3)), max_size=12),
)
def test_the_budget_is_kept(budget: int, batches: list[tuple[str, int, int]]) -> None:
    """Whatever is asked, with a vocabulary of at least two letters a token and no other piece."""

    def cutting(asked: ChatRequest) -> ChatReply:
        text = asked.messages[0].content
        letters = sum(c.isascii() and c.isalpha() for c in text)
        rest = len(text.encode("utf-8", "replace")) - letters - text.count(" ")
        usage = LlmUsage(
            requests=1,
            prompt_tokens=letters // 2 + rest + 9,
            completion_tokens=asked.max_tokens,
        )
        return ChatReply(text="A", usage=usage)

    meter = TokenMeter(budget)
    metered = meter.around(ScriptedBackend(cutting))
    spent = 0
    for text, most, count in batches:
        shared = PAGE + text
        for reply in metered.complete_many([request(shared, most)] * count):
            usage = usage_of(reply)
            spent += usage.prompt_tokens + usage.completion_tokens
    assert spent == meter.spent <= budget

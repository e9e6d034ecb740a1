"""Several answers to one prompt are one request, and its prompt is counted once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import (
    ChatReply,
    ChatRequest,
    InvalidReplyError,
    Message,
    RequestRefusedError,
    drawn_together,
    usage_of,
)
from hybrid.llm.habits import Habits
from hybrid.verify.budget import TokenMeter
from tests.hybrid.llm.pretended_app import Answer, behind_a_socket, in_this_process

WAYS = pytest.mark.parametrize("opened", [behind_a_socket, in_this_process])
Opened = Callable[..., Any]
USAGE = {
    "prompt_tokens": 300,
    "completion_tokens": 8,
    "prompt_tokens_details": {"cached_tokens": 256},
    "completion_tokens_details": {"reasoning_tokens": 6},
}


def drawing(seed: int | None, text: str = "Total?", **more: Any) -> ChatRequest:
    messages = (Message(role="user", content=text),)
    return ChatRequest(messages=messages, temperature=0.7, max_tokens=9, seed=seed, **more)


def completion(*texts: str | None, reasoning: str | None = None) -> str:
    choices = [
        {"index": k, "finish_reason": "stop", "message": {"content": text, "reasoning": reasoning}}
        for k, text in enumerate(texts)
    ]
    return json.dumps({"object": "chat.completion", "choices": choices, "usage": USAGE})


def serving(asked: list[Any], reply: Callable[[Any], tuple[int, str]]) -> Answer:
    def answer(path: str, body: Any) -> tuple[int, str]:
        asked.append(body)
        return reply(body)

    return answer


def as_many_as_wanted(body: Any) -> tuple[int, str]:
    return 200, completion(*(f"12.2{body['seed'] + k}" for k in range(body.get("n", 1))))


def texts(replies: list[ChatReply | ServerError]) -> list[str]:
    return [
        reply.text if isinstance(reply, ChatReply) else type(reply).__name__ for reply in replies
    ]


@pytest.mark.parametrize(
    ("requests", "sizes"),
    [
        ([], []),
        ([drawing(0), drawing(1), drawing(2)], [3]),
        ([drawing(None), drawing(None)], [1, 1]),
        ([drawing(0), drawing(2), drawing(1)], [1, 1, 1]),
        ([drawing(0), drawing(1, "Date?"), drawing(2, "Date?")], [1, 2]),
        ([drawing(3), drawing(4), drawing(3), drawing(4)], [2, 2]),
        ([drawing(0), drawing(1, logprobs=True)], [1, 1]),
    ],
)
def test_which_requests_are_one(requests: list[ChatRequest], sizes: list[int]) -> None:
    groups = drawn_together(requests)
    assert [len(group) for group in groups] == sizes
    assert [request for group in groups for request in group] == requests


@WAYS
def test_one_request_has_the_answers_of_its_seeds(opened: Opened) -> None:
    asked: list[Any] = []
    with opened(serving(asked, as_many_as_wanted), model="m") as backend:
        replies = backend.complete_many([drawing(3), drawing(4), drawing(5)])
    (body,) = asked
    assert (body["n"], body["seed"]) == (3, 3)
    assert texts(replies) == ["12.23", "12.24", "12.25"]
    assert [usage_of(reply).completion_tokens for reply in replies] == [3, 3, 2]
    total = sum(map(usage_of, replies), LlmUsage())
    assert total.seconds > 0
    assert total.model_copy(update={"seconds": 0.0}) == LlmUsage(
        requests=1, prompt_tokens=300, cached_tokens=256, completion_tokens=8
    )


@WAYS
def test_a_single_answer_is_asked_for_as_ever(opened: Opened) -> None:
    asked: list[Any] = []
    with opened(serving(asked, as_many_as_wanted), model="m") as backend:
        backend.complete_many([drawing(0), drawing(7)])
    assert all("n" not in body for body in asked)
    assert len(asked) == 2


@WAYS
def test_a_server_that_answers_once_is_asked_again(opened: Opened) -> None:
    asked: list[Any] = []

    def once(body: Any) -> tuple[int, str]:
        return 200, completion(f"12.2{body['seed']}")

    requests = [drawing(0), drawing(1), drawing(2)]
    with opened(serving(asked, once), model="m") as backend:
        assert texts(backend.complete_many(requests)) == ["12.20", "12.21", "12.22"]
        assert [(body["seed"], body.get("n")) for body in asked] == [(0, 3), (1, None), (2, None)]
        asked.clear()
        replies = backend.complete_many(requests)
    # It is not tried again, and what each request cost is counted.
    assert sorted((body["seed"], body.get("n")) for body in asked) == [
        (0, None),
        (1, None),
        (2, None),
    ]
    assert [usage_of(reply).prompt_tokens for reply in replies] == [300, 300, 300]


@WAYS
def test_a_server_that_refuses_several_is_asked_for_single_ones(opened: Opened) -> None:
    asked: list[Any] = []

    def refusing(body: Any) -> tuple[int, str]:
        return (400, '{"error": "n?"}') if "n" in body else (200, completion(str(body["seed"])))

    with opened(serving(asked, refusing), model="m") as backend:
        assert texts(backend.complete_many([drawing(0), drawing(1)])) == ["0", "1"]
        assert not backend.draws_several
    assert [body.get("n") for body in asked] == [2, None, None]


@WAYS
def test_a_request_that_is_refused_is_refused(opened: Opened) -> None:
    def refusing(body: Any) -> tuple[int, str]:
        return 400, '{"error": "too long"}'

    with opened(serving([], refusing), model="m") as backend:
        replies = backend.complete_many([drawing(0), drawing(1)])
    assert all(isinstance(reply, RequestRefusedError) for reply in replies)


@WAYS
def test_one_broken_answer_does_not_make_all_later_ones_dear(opened: Opened) -> None:
    asked: list[Any] = []
    broken = iter([True])

    def broken_once(body: Any) -> tuple[int, str]:
        return (200, '{"choices": null}') if next(broken, False) else as_many_as_wanted(body)

    requests = [drawing(0), drawing(1), drawing(2)]
    with opened(serving(asked, broken_once), model="m") as backend:
        first = backend.complete_many(requests)
        assert texts(first) == ["InvalidReplyError", "12.21", "12.22"]
        asked.clear()
        assert texts(backend.complete_many(requests)) == ["12.20", "12.21", "12.22"]
        assert backend.draws_several
    assert [body.get("n") for body in asked] == [3]


@WAYS
def test_a_prompt_that_is_too_long_says_nothing_of_several(opened: Opened) -> None:
    asked: list[Any] = []

    def answer(body: Any) -> tuple[int, str]:
        if body["messages"][0]["content"] == "long":
            return 400, '{"error": {"message": "too long"}}'
        return as_many_as_wanted(body)

    with opened(serving(asked, answer), model="m") as backend:
        refused = backend.complete_many([drawing(0, "long"), drawing(1, "long")])
        assert texts(refused) == ["RequestRefusedError", "RequestRefusedError"]
        asked.clear()
        assert texts(backend.complete_many([drawing(0), drawing(1)])) == ["12.20", "12.21"]
    assert [body.get("n") for body in asked] == [2]


@WAYS
def test_one_answer_that_cannot_be_used_costs_no_other(opened: Opened) -> None:
    def answer(body: Any) -> tuple[int, str]:
        return 200, completion('{"total": 1}', "total: 1", '{"total": 2}')

    requests = [drawing(seed, json_schema={"type": "object"}) for seed in range(3)]
    with opened(serving([], answer), model="m") as backend:
        replies = backend.complete_many(requests)
    assert texts(replies) == ['{"total": 1}', "InvalidReplyError", '{"total": 2}']
    assert isinstance(replies[1], InvalidReplyError)
    assert sum(map(usage_of, replies), LlmUsage()).invalid_replies == 1


@WAYS
def test_thoughts_of_several_answers_are_counted_by_their_share(opened: Opened) -> None:
    """The server tells the tokens of all thoughts together."""

    def answer(body: Any) -> tuple[int, str]:
        return 200, completion("12.20", "12.20", reasoning="total" * 3)

    with opened(serving([], answer), model="m") as backend:
        replies = backend.complete_many([drawing(0), drawing(1)])
    assert [usage_of(reply).reasoning_tokens for reply in replies] == [3, 3]


@WAYS
def test_a_refused_budget_is_left_out_of_several_too(opened: Opened) -> None:
    asked: list[Any] = []

    def refusing(body: Any) -> tuple[int, str]:
        if "thinking_token_budget" in body:
            return 400, '{"error": {"message": "thinking_token_budget is not known"}}'
        return as_many_as_wanted(body)

    habits = Habits(always_thinks=True, thinking_budget=20)
    with opened(serving(asked, refusing), model="m", habits=habits) as backend:
        assert texts(backend.complete_many([drawing(0), drawing(1)])) == ["12.20", "12.21"]
    assert [body["n"] for body in asked] == [2, 2]


@WAYS
def test_a_budget_counts_one_prompt(opened: Opened) -> None:
    requests = [drawing(seed) for seed in range(4)]
    with opened(serving([], as_many_as_wanted), model="m") as backend:
        meter = TokenMeter(400)
        replies = meter.around(backend).complete_many(requests)
    assert texts(replies) == ["12.20", "12.21", "12.22", "12.23"]
    assert meter.spent == 308


def test_a_budget_that_four_prompts_would_not_fit_into_fits_one() -> None:
    """An estimate of one prompt and four answers, on the safe side."""
    estimate = 4 * 9 + 40 + len("Total?")
    requests = [drawing(seed) for seed in range(4)]
    for budget, sent in ((estimate, True), (estimate - 12, False)):
        asked: list[Any] = []
        with in_this_process(serving(asked, as_many_as_wanted), model="m") as backend:
            TokenMeter(budget).around(backend).complete_many(requests)
        assert bool(asked) is sent

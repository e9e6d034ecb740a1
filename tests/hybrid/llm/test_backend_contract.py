"""What every way to a server keeps to: one suite over a socket and over this process."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hybrid.errors import ServerError
from hybrid.llm.backend import (
    ChatBackend,
    ChatReply,
    ChatRequest,
    InvalidReplyError,
    Message,
    RequestRefusedError,
)
from hybrid.llm.habits import Habits
from tests.hybrid.llm.pretended_app import Answer, behind_a_socket, in_this_process

MESSAGES = (Message(role="user", content="Total?"),)
CHOICE = ChatRequest(messages=MESSAGES, choices=("A", "B"), logprobs=True, max_tokens=1)
FREE = ChatRequest(messages=MESSAGES)
WAYS = pytest.mark.parametrize("opened", [behind_a_socket, in_this_process])
Opened = Callable[..., Any]


def completion(text: str | None, **message: Any) -> str:
    top = [{"token": "A", "logprob": -0.1}, {"token": "B", "logprob": -2.4}]
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": text, **message},
        "logprobs": {"content": [{"token": "A", "logprob": -0.1, "top_logprobs": top}]},
    }
    usage = {
        "prompt_tokens": 300,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 256},
    }
    return json.dumps({"id": "c", "object": "chat.completion", "choices": [choice], "usage": usage})


def always(status: int, text: str) -> Answer:
    return lambda path, body: (status, text)


@WAYS
def test_a_choice_with_its_votes_and_its_cost(opened: Opened) -> None:
    asked: list[Any] = []

    def answer(path: str, body: Any) -> tuple[int, str]:
        asked.append((path, body))
        return 200, completion("A")

    with opened(answer, model="m") as backend:
        typed: ChatBackend = backend
        reply = typed.complete(CHOICE)
    assert reply.text == "A"
    assert reply.logprobs == {"A": -0.1, "B": -2.4}
    usage = reply.usage
    assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (300, 256, 5)
    assert usage.seconds > 0
    ((path, body),) = asked
    assert path == "/v1/chat/completions"
    assert body["structured_outputs"] == {"choice": ["A", "B"]}


@WAYS
def test_thoughts_are_apart_and_asked_for(opened: Opened) -> None:
    asked: list[Any] = []

    def answer(path: str, body: Any) -> tuple[int, str]:
        asked.append(body)
        return 200, completion("B", reasoning="B is last")

    habits = Habits(thinking_switch="enable_thinking", thinking_budget=50)
    with opened(answer, model="m", habits=habits) as backend:
        reply = backend.complete(FREE.model_copy(update={"reasoning": True}))
    assert (reply.text, reply.reasoning) == ("B", "B is last")
    assert reply.usage.reasoning_tokens > 0
    assert asked[0]["chat_template_kwargs"] == {"enable_thinking": True}


@WAYS
def test_a_refusal_is_no_failure_of_the_server(opened: Opened) -> None:
    refusal = json.dumps({"error": {"message": "at most 4096 tokens", "code": 400}})
    with opened(always(400, refusal), model="m") as backend:
        with pytest.raises(RequestRefusedError, match=r"400: .*at most 4096 tokens"):
            backend.complete(FREE)
        assert backend.available


@WAYS
@pytest.mark.parametrize("text", ["{", "[]", completion(None), completion("C")])
def test_answers_that_cannot_be_used(opened: Opened, text: str) -> None:
    with opened(always(200, text), model="m") as backend:
        with pytest.raises(InvalidReplyError) as caught:
            backend.complete(CHOICE)
        assert backend.available
    assert caught.value.usage.invalid_replies == 1


@WAYS
def test_errors_are_retried_then_told(opened: Opened) -> None:
    statuses = [500, 503, 200, 500, 500, 500]

    def answer(path: str, body: Any) -> tuple[int, str]:
        status = statuses.pop(0)
        return status, completion("A") if status == 200 else '{"error": {"message": "oops"}}'

    with opened(answer, model="m", retries=2, first_wait=0.001) as backend:
        assert backend.complete(CHOICE).text == "A"
        with pytest.raises(ServerError, match="answered 500"):
            backend.complete(CHOICE)
        assert backend.available


@WAYS
def test_silence_ends_in_a_server_that_is_down(opened: Opened) -> None:
    awake = threading.Event()

    def answer(path: str, body: Any) -> tuple[int, str]:
        awake.wait(10)
        return 200, completion("A")

    with opened(answer, model="m", timeout=0.2, retries=1, first_wait=0.001) as backend:
        started = time.monotonic()
        with pytest.raises(ServerError, match="is down"):
            backend.complete(CHOICE)
        assert 0.3 < time.monotonic() - started < 5
        assert not backend.available
        assert all(isinstance(r, ServerError) for r in backend.complete_many([CHOICE] * 20))
        awake.set()


@WAYS
def test_a_long_answer_may_take_long(opened: Opened) -> None:
    """No byte comes before all of it is written, which is no silence of a server that is down."""

    def answer(path: str, body: Any) -> tuple[int, str]:
        time.sleep(0.6)
        return 200, completion("A")

    long = CHOICE.model_copy(update={"choices": None, "max_tokens": 4800})
    with opened(answer, model="m", timeout=0.2, retries=0) as backend:
        assert backend.complete(long).text == "A"
        with pytest.raises(ServerError, match="is down"):
            backend.complete(CHOICE)


@WAYS
def test_a_slow_answer_among_others_fails_alone(opened: Opened) -> None:
    awake, slow = threading.Event(), [0]

    def answer(path: str, body: Any) -> tuple[int, str]:
        if body["messages"][-1]["content"] == "slow":
            slow[0] += 1
            awake.wait(10)
        return 200, completion("A")

    message = Message(role="user", content="slow")
    asked = CHOICE.model_copy(update={"messages": (message,)})
    with opened(answer, model="m", timeout=0.4, retries=3, first_wait=0.001) as backend:
        failed, *others = backend.complete_many([asked, *[CHOICE] * 5])
        assert isinstance(failed, ServerError)
        assert "gave no answer within 0 s" in str(failed)
        assert all(isinstance(other, ChatReply) for other in others)
        assert slow == [1]
        assert backend.available
        awake.set()


@WAYS
def test_long_waits_are_not_repeated_and_several_end_it(opened: Opened) -> None:
    awake, asked = threading.Event(), [0]

    def answer(path: str, body: Any) -> tuple[int, str]:
        asked[0] += 1
        awake.wait(10)
        return 200, completion("A")

    long = CHOICE.model_copy(update={"choices": None, "max_tokens": 960})
    with opened(answer, model="m", timeout=0.05, retries=1, first_wait=0.001) as backend:
        with pytest.raises(ServerError, match="gave no answer within 0 s"):
            backend.complete(long)
        assert backend.available
        with pytest.raises(ServerError, match="is down"):
            backend.complete(long)
        assert not backend.available
        assert asked == [2]
        awake.set()


@WAYS
def test_requests_of_several_threads_are_in_flight_together(opened: Opened) -> None:
    together = threading.Barrier(6)

    def answer(path: str, body: Any) -> tuple[int, str]:
        together.wait(10)  # passes only once six are there
        return 200, completion("A")

    with (
        opened(answer, model="m", retries=0) as backend,
        ThreadPoolExecutor(2) as documents,
    ):
        replies = [
            r for many in documents.map(backend.complete_many, [[CHOICE] * 3] * 2) for r in many
        ]
    assert all(isinstance(reply, ChatReply) for reply in replies)


@WAYS
def test_no_more_are_in_flight_than_allowed(opened: Opened) -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def answer(path: str, body: Any) -> tuple[int, str]:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1
        return 200, completion("A")

    with opened(answer, model="m", max_concurrency=3) as backend:
        backend.complete_many([CHOICE] * 9)
    assert most == [3]


@WAYS
def test_asyncio(opened: Opened) -> None:
    with opened(always(200, completion("B")), model="m") as backend:
        assert asyncio.run(backend.acomplete(CHOICE)).text == "B"


@WAYS
def test_models_and_metrics(opened: Opened) -> None:
    def answer(path: str, body: Any) -> tuple[int, str]:
        if path == "/v1/models":
            return 200, json.dumps({"data": [{"id": "m", "max_model_len": 512}]})
        return (200, "counted 3") if path == "/metrics" else (404, "{}")

    with opened(answer) as backend:
        assert backend.model == "m"
        assert backend.served_models() == {"m": 512}
        assert backend.metrics() == "counted 3"


@WAYS
def test_a_server_without_metrics(opened: Opened) -> None:
    with opened(always(404, "{}"), model="m") as backend:
        assert backend.metrics() is None
        assert backend.available

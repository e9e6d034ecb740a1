"""The HTTP backend against pretended answers: retries, breaker, concurrency, reading replies."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import (
    ChatReply,
    ChatRequest,
    InvalidReplyError,
    Message,
    RequestRefusedError,
    usage_of,
)
from hybrid.llm.habits import Habits
from hybrid.llm.http import HttpBackend

URL = "http://llm.test/v1"
MESSAGES = (Message(role="system", content="Page"), Message(role="user", content="Total?"))
FREE = ChatRequest(messages=MESSAGES)
CHOICE = ChatRequest(messages=MESSAGES, choices=("1", "none"), logprobs=True, max_tokens=4, seed=3)


def answer(text: str | None = "1", **message: Any) -> httpx.Response:
    choice = {"index": 0, "finish_reason": "stop"}
    choice["message"] = {"role": "assistant", "content": text, **message}
    return completion(choice)


def completion(*choices: dict[str, Any], usage: dict[str, Any] | None = None) -> httpx.Response:
    body = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
    return httpx.Response(200, json={**body, "choices": choices, "usage": usage})


@pytest.fixture
def backend() -> Iterator[HttpBackend]:
    with HttpBackend(URL, "m", retries=3, first_wait=0.001) as made:
        yield made


@pytest.fixture
def chat() -> Iterator[respx.Route]:
    with respx.mock(base_url=URL) as router:
        yield router.post("/chat/completions")


def test_what_is_sent(chat: respx.Route, backend: HttpBackend) -> None:
    chat.side_effect = [answer(), answer("{}")]
    backend.complete(CHOICE)
    backend.complete(ChatRequest(messages=MESSAGES, json_schema={"type": "object"}))
    first, second = (json.loads(call.request.content) for call in chat.calls)
    assert first == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Page"},
            {"role": "user", "content": "Total?"},
        ],
        "max_tokens": 4,
        "temperature": 0.0,
        "seed": 3,
        "logprobs": True,
        "top_logprobs": 20,
        "structured_outputs": {"choice": ["1", "none"]},
    }
    assert second["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert "structured_outputs" not in second
    assert "chat_template_kwargs" not in second


def test_thinking_is_switched_where_the_model_has_a_switch(chat: respx.Route) -> None:
    chat.side_effect = [answer(), answer()]
    with HttpBackend(URL, "m", habits=Habits(thinking_switch="enable_thinking")) as backend:
        backend.complete(FREE)
        backend.complete(FREE.model_copy(update={"reasoning": True}))
    sent = [json.loads(call.request.content)["chat_template_kwargs"] for call in chat.calls]
    assert sent == [{"enable_thinking": False}, {"enable_thinking": True}]


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ({}, "none"),
        ({"OPENAI_API_KEY": "theirs"}, "theirs"),
        ({"OPENAI_API_KEY": "theirs", "HYBRID_LLM_API_KEY": "ours"}, "ours"),
    ],
)
def test_the_api_key(
    environment: dict[str, str], key: str, chat: respx.Route, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "HYBRID_LLM_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    chat.return_value = answer()
    with HttpBackend(URL, "m") as backend:
        backend.complete(FREE)
    assert chat.calls.last.request.headers["authorization"] == f"Bearer {key}"


def test_usage_and_logprobs_are_read(chat: respx.Route, backend: HttpBackend) -> None:
    top = [("1", -0.1), ("none", -2.4), ("1", -5.0), ("The", -9999.0)]
    tokens = [
        {
            "token": "1",
            "logprob": -0.1,
            "bytes": None,
            "top_logprobs": [{"token": t, "logprob": p, "bytes": None} for t, p in top],
        }
    ]
    chat.return_value = completion(
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "1"},
            "logprobs": {"content": tokens},
        },
        usage={
            "prompt_tokens": 900,
            "completion_tokens": 1,
            "total_tokens": 901,
            "prompt_tokens_details": {"cached_tokens": 896},
        },
    )
    reply = backend.complete(CHOICE)
    assert reply.logprobs == {"1": -0.1, "none": -2.4}
    counted = LlmUsage(requests=1, prompt_tokens=900, cached_tokens=896, completion_tokens=1)
    assert reply.usage.model_copy(update={"seconds": 0.0}) == counted


@pytest.mark.parametrize("text", ["1", "7"])
def test_the_seconds_of_every_reply_are_counted(
    text: str, chat: respx.Route, backend: HttpBackend
) -> None:
    def slow(_: httpx.Request) -> httpx.Response:
        time.sleep(0.05)
        return answer(text)

    chat.side_effect = slow
    (reply,) = backend.complete_many([CHOICE])
    assert isinstance(reply, InvalidReplyError) is (text == "7")
    assert 0.05 <= usage_of(reply).seconds < 5


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_both_names_of_the_reasoning(field: str, chat: respx.Route, backend: HttpBackend) -> None:
    chat.return_value = answer("1", **{field: "Line 1 says TOTAL."})
    assert backend.complete(FREE).reasoning == "Line 1 says TOTAL."


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (answer("7"), "none of the 2 choices"),
        (answer(""), "empty"),
        (answer(None), "empty"),
        (answer(None, reasoning="Hm."), "empty"),
        (completion(), "not a chat completion"),
        (httpx.Response(200, json={"hello": 1}), "not a chat completion"),
        (httpx.Response(200, text="<html>"), "not a chat completion"),
    ],
)
def test_an_unusable_answer_is_an_invalid_reply_and_not_retried(
    reply: httpx.Response, words: str, chat: respx.Route, backend: HttpBackend
) -> None:
    chat.return_value = reply
    with pytest.raises(InvalidReplyError, match=words) as caught:
        backend.complete(CHOICE)
    assert caught.value.usage.invalid_replies == 1
    assert chat.call_count == 1
    assert backend.available


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(429),
        httpx.Response(429, headers={"retry-after": "0.01"}),
        httpx.Response(429, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        httpx.Response(408),
        httpx.Response(500),
        httpx.Response(503),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut"),
    ],
)
def test_passing_failures_are_retried(
    failure: httpx.Response | Exception, chat: respx.Route, backend: HttpBackend
) -> None:
    chat.side_effect = [failure, failure, answer()]
    assert backend.complete(CHOICE).text == "1"
    assert chat.call_count == 3
    assert backend.available


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refused_request_is_not_retried(
    status: int, chat: respx.Route, backend: HttpBackend
) -> None:
    chat.return_value = httpx.Response(status, json={"error": {"message": "too\nlong"}})
    with pytest.raises(RequestRefusedError, match=rf"llm\.test/v1 answered {status}: .*too") as e:
        backend.complete(FREE)
    assert "\n" not in str(e.value)
    assert chat.call_count == 1
    assert backend.available


def test_a_server_that_keeps_failing_is_given_up_for_this_request_only(
    chat: respx.Route, backend: HttpBackend
) -> None:
    chat.side_effect = [httpx.Response(500)] * 4 + [answer()]
    with pytest.raises(ServerError, match="500"):
        backend.complete(FREE)
    assert chat.call_count == 4
    assert backend.complete(FREE).text == "1"


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow")])
def test_the_breaker_opens_when_no_attempt_gets_through(
    failure: Exception, chat: respx.Route, backend: HttpBackend
) -> None:
    chat.side_effect = failure
    with pytest.raises(ServerError, match=r"llm\.test/v1 is down: "):
        backend.complete(FREE)
    assert chat.call_count == 4
    assert not backend.available
    results = backend.complete_many([FREE] * 50)
    assert chat.call_count == 4
    assert all(isinstance(r, ServerError) and "is down" in str(r) for r in results)


def test_the_breaker_ends_the_waiting_of_others(chat: respx.Route) -> None:
    chat.side_effect = httpx.ConnectError("refused")
    started = time.monotonic()
    with HttpBackend(URL, "m", retries=2, first_wait=0.1, max_concurrency=8) as backend:
        results = backend.complete_many([FREE] * 200)
    assert all(isinstance(result, ServerError) for result in results)
    assert chat.call_count <= 8 * 3
    assert time.monotonic() - started < 3


class Counter:
    """A pretended server that notes how many requests are in flight at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.01)
        with self.lock:
            self.now -= 1
        question = json.loads(request.content)["messages"][-1]["content"]
        return httpx.Response(400) if question == "3" else answer(f"answer {question}")


def numbered(count: int) -> list[ChatRequest]:
    return [
        ChatRequest(messages=(Message(role="user", content=str(number)),))
        for number in range(count)
    ]


def test_many_requests_are_bounded_ordered_and_fail_alone(chat: respx.Route) -> None:
    chat.side_effect = counter = Counter()
    with HttpBackend(URL, "m", max_concurrency=4) as backend:
        results = backend.complete_many(numbered(20))
    assert 2 <= counter.most <= 4
    assert isinstance(results.pop(3), RequestRefusedError)
    texts = [result.text for result in results if isinstance(result, ChatReply)]
    assert texts == [f"answer {number}" for number in range(20) if number != 3]


async def test_asyncio_shares_the_bound(chat: respx.Route) -> None:
    import asyncio

    chat.side_effect = counter = Counter()
    with HttpBackend(URL, "m", max_concurrency=4) as backend:
        asked = [r for r in numbered(20) if r.messages[0].content != "3"]
        replies = await asyncio.gather(*map(backend.acomplete, asked))
    assert 2 <= counter.most <= 4
    assert [r.text for r in replies] == [f"answer {r.messages[0].content}" for r in asked]


def test_the_first_served_model_is_taken() -> None:
    with respx.mock(base_url=URL) as router, HttpBackend(URL) as backend:
        listed = {"object": "list", "data": [{"id": "first"}, {"id": "second"}]}
        route = router.get("/models").mock(return_value=httpx.Response(200, json=listed))
        assert backend.model == backend.model == "first"
        assert route.call_count == 1


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        (httpx.Response(200, json={"data": []}), "serves no model"),
        (httpx.Response(200, json={"ok": 1}), "not an OpenAI"),
        (httpx.Response(200, json=["a"]), "not an OpenAI"),
        (httpx.Response(200, json={"data": ["a"]}), "not an OpenAI"),
        (httpx.Response(200, html="<html>"), "not an OpenAI"),
        (httpx.Response(404), "404"),
    ],
)
def test_a_server_without_models(listed: httpx.Response, words: str) -> None:
    with respx.mock(base_url=URL) as router, HttpBackend(URL) as backend:
        router.get("/models").mock(return_value=listed)
        with pytest.raises(ServerError, match=words):
            backend.complete(FREE)


@pytest.mark.parametrize(
    "tokens",
    [
        [('"', {'"': -0.01}), ("A", {"A": -0.2, "B": -1.7}), ('"', {'"': 0.0})],
        [('"A', {'"A': -0.2, '"B': -1.7, '"': -9.0}), ('"', {'"': 0.0})],
    ],
)
def test_choices_as_schema(
    tokens: list[tuple[str, dict[str, float]]], chat: respx.Route, backend: HttpBackend
) -> None:
    """The vote is where the word begins, behind its quote."""
    content = [
        {"token": t, "top_logprobs": [{"token": k, "logprob": v} for k, v in top.items()]}
        for t, top in tokens
    ]
    choice = {"message": {"content": '"A"'}, "logprobs": {"content": content}}
    chat.return_value = completion(choice)
    backend.choices_as_schema = True
    reply = backend.complete(
        ChatRequest(messages=MESSAGES, choices=("A", "B"), logprobs=True, max_tokens=1)
    )
    assert (reply.text, reply.logprobs) == ("A", {"A": -0.2, "B": -1.7})
    sent = json.loads(chat.calls.last.request.content)
    schema = sent["response_format"]["json_schema"]["schema"]
    assert schema == {"type": "string", "enum": ["A", "B"]}
    assert "structured_outputs" not in sent
    assert sent["max_tokens"] > 4, "room for the quotes"


@pytest.mark.parametrize("text", ["A", '"C"', '["A"]', "12", '"A'])
def test_choices_as_schema_that_are_none(text: str, chat: respx.Route) -> None:
    chat.return_value = answer(text)
    with HttpBackend(URL, "m") as backend:
        backend.choices_as_schema = True
        asked = ChatRequest(messages=MESSAGES, choices=("A", "B"))
        if text == "A":
            assert backend.complete(asked).text == "A"
            return
        with pytest.raises(InvalidReplyError, match="none of the 2 choices"):
            backend.complete(asked)


def test_a_server_that_was_down_can_be_asked_again(chat: respx.Route) -> None:
    chat.side_effect = [httpx.ConnectError("refused"), answer()]
    with HttpBackend(URL, "m", retries=0) as backend:
        with pytest.raises(ServerError, match="is down"):
            backend.complete(FREE)
        backend.try_again()
        assert backend.complete(FREE).text == "1"

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest, InvalidReplyError, Message
from hybrid.llm.cached import CachedBackend, request_key
from hybrid.llm.scripted import ScriptedBackend

USAGE = LlmUsage(requests=1, prompt_tokens=70, cached_tokens=32, completion_tokens=5)


def request(text: str = "hello", schema: dict[str, Any] | None = None) -> ChatRequest:
    return ChatRequest(messages=(Message(role="user", content=text),), json_schema=schema)


def full_reply(text: str) -> ChatReply:
    return ChatReply(text=text, reasoning="hm", logprobs={"a": -0.5}, usage=USAGE)


def echo(asked: ChatRequest) -> ChatReply:
    return full_reply(f"re: {asked.messages[-1].content}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "replies.jsonl"


def test_a_reply_comes_back_as_it_was_with_its_usage(path: Path) -> None:
    server = ScriptedBackend(echo)
    first = CachedBackend(server, path).complete(request())
    again = CachedBackend(None, path, model="scripted").complete(request())
    assert first == again == full_reply("re: hello")
    assert again.usage == USAGE


def test_only_what_is_missing_is_asked_and_equal_requests_once(path: Path) -> None:
    server = ScriptedBackend(echo)
    backend = CachedBackend(server, path)
    backend.complete(request("a"))
    replies = backend.complete_many([request("b"), request("a"), request("b")])
    assert [r.text for r in replies if isinstance(r, ChatReply)] == ["re: b", "re: a", "re: b"]
    assert [r.messages[0].content for r in server.requests] == ["a", "b"]
    assert len(path.read_text().splitlines()) == 2


def test_pictures_are_part_of_a_request_and_older_keys_hold() -> None:
    plain = request("a")
    seeing = plain.model_copy(update={"pictures": ("data:a",)})
    assert request_key("m", plain) != request_key("m", seeing)
    # As runs that were recorded before there were pictures have it.
    assert (
        request_key("m", plain)
        == "2653a55f8a321a17bcb369b4eb6d12a504221190f554b2a88e63969a646862c2"
    )


def test_invalid_replies_are_recorded_as_they_are(path: Path) -> None:
    cut = ChatReply(text='{"a": [1, 2', usage=USAGE, finish_reason="length")
    problems = []
    for server in (ScriptedBackend([cut]), None):
        backend = CachedBackend(server, path, model="scripted")
        with pytest.raises(InvalidReplyError, match="cut off at max_tokens") as caught:
            backend.complete(request(schema={"type": "object"}))
        problems.append(str(caught.value))
        assert caught.value.reply == cut
        assert caught.value.usage == USAGE + LlmUsage(invalid_replies=1)
    assert problems[0] == problems[1]


def test_an_answer_that_is_none_at_all_is_recorded(path: Path) -> None:
    broken = InvalidReplyError("not a chat completion", USAGE)
    for server in (ScriptedBackend([broken]), None):
        backend = CachedBackend(server, path, model="scripted")
        with pytest.raises(InvalidReplyError, match="not a chat completion") as caught:
            backend.complete(request())
        assert caught.value.usage == USAGE + LlmUsage(invalid_replies=1)


def test_failures_of_the_server_are_not_recorded(path: Path) -> None:
    server = ScriptedBackend([ServerError("down"), "well again"])
    backend = CachedBackend(server, path)
    with pytest.raises(ServerError, match="down"):
        backend.complete(request())
    assert not path.exists()
    assert backend.complete(request()).text == "well again"


def test_without_a_server_a_missing_request_is_named(path: Path) -> None:
    backend = CachedBackend(None, path, model="tiny")
    with pytest.raises(ServerError, match="no recorded reply of tiny") as caught:
        backend.complete(request("what is the total?"))
    assert "what is the total?" in str(caught.value)
    assert request_key("tiny", request("what is the total?"))[:12] in str(caught.value)
    assert "run once with a server" in str(caught.value)
    assert isinstance(backend.complete_many([request()])[0], ServerError)


@pytest.mark.parametrize("kept", [1, 20, 10_000])
def test_a_half_written_line_is_ignored_and_overwritten(path: Path, kept: int) -> None:
    CachedBackend(ScriptedBackend(echo), path).complete_many([request("a"), request("b")])
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second[: min(kept, len(second) - 1)])
    server = ScriptedBackend(echo)
    backend = CachedBackend(server, path)
    assert backend.complete(request("a")).text == "re: a"
    assert backend.complete(request("b")).text == "re: b"
    assert len(server.requests) == 1
    assert path.read_bytes() == first + second


def test_a_broken_line_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"key": 3}\n')
    with pytest.raises(ServerError, match=r"replies\.jsonl, line 1 is broken"):
        CachedBackend(None, path, model="m")


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match="cannot be read"):
        CachedBackend(None, tmp_path, model="m")
    (tmp_path / "file").write_text("")
    backend = CachedBackend(ScriptedBackend(echo), tmp_path / "new" / "replies")
    (tmp_path / "new").write_text("in the way")
    with pytest.raises(ServerError, match="cannot be recorded"):
        backend.complete(request())


def test_without_backend_a_model_is_needed(path: Path) -> None:
    with pytest.raises(ValueError, match="name the model"):
        CachedBackend(None, path)


def test_keys_tell_everything_apart_that_changes_an_answer() -> None:
    forwards: dict[str, Any] = {"properties": {"a": {}, "b": {}}}
    backwards: dict[str, Any] = {"properties": {"b": {}, "a": {}}}
    keys = {
        request_key("m", request()),
        request_key("n", request()),
        request_key("m", request("other")),
        request_key("m", request().model_copy(update={"max_tokens": 7})),
        request_key("m", request(schema=forwards)),
        request_key("m", request(schema=backwards)),
    }
    assert len(keys) == 6
    assert request_key("m", request()) == request_key("m", request())


def test_threads_share_a_file(path: Path) -> None:
    backend = CachedBackend(ScriptedBackend(echo), path)
    texts = [f"question {i % 20}" for i in range(200)]
    threads = [
        threading.Thread(target=backend.complete_many, args=([request(t) for t in texts[i::8]],))
        for i in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = path.read_text().splitlines()
    assert len(lines) == 20
    assert len({json.loads(line)["key"] for line in lines}) == 20
    replay = CachedBackend(None, path, model="scripted")
    assert all(replay.complete(request(t)).text == f"re: {t}" for t in texts)


async def test_async_and_properties(path: Path) -> None:
    server = ScriptedBackend(echo, model="m", profile="p")
    backend = CachedBackend(server, path)
    assert (await backend.acomplete(request())).text == "re: hello"
    assert (backend.model, backend.profile, backend.available) == ("m", "p", True)
    server.available = False
    assert not backend.available
    backend.close()
    replay = CachedBackend(None, path, model="m")
    assert (replay.model, replay.profile, replay.available) == ("m", "m", True)
    replay.close()

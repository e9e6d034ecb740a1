from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from hybrid.errors import ServerError
from hybrid.llm.backend import ChatBackend, ChatReply, ChatRequest, Message
from hybrid.llm.cached import CachedBackend
from hybrid.llm.scripted import ScriptedBackend
from hybrid.llm.server_metrics import PrefixCache
from hybrid.pipeline.connection import LlmConnection

URL = "http://127.0.0.1:9/v1#model"


def connecting(reply: Callable[[ChatRequest], Any]) -> Callable[..., Any]:
    @contextmanager
    def connect(spec: str, *, on_status: Any = None) -> Iterator[ScriptedBackend]:
        yield ScriptedBackend(reply)

    return connect


def prose(request: ChatRequest) -> ChatReply:
    return ChatReply(text="Red is a warm colour.")


def test_what_the_probe_misses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid.llm.connect.connect", connecting(prose))
    said: list[str] = []
    connection = LlmConnection(URL, on_status=said.append)
    connection.open()
    assert any("JSON schemas are not honoured" in w for w in connection.warnings)
    assert any("log-probabilities" in w for w in connection.warnings)
    assert said == connection.warnings


def test_a_server_that_is_down_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[ChatRequest] = []

    def down(request: ChatRequest) -> ServerError:
        calls.append(request)
        return ServerError("the server is down")

    monkeypatch.setattr("hybrid.llm.connect.connect", connecting(down))
    connection = LlmConnection(URL)
    asked = []
    for _ in range(3):
        with pytest.raises(ServerError, match="is down"):
            connection.open()
        asked.append(len(calls))
    assert asked[0] > 0
    assert asked == [asked[0]] * 3


def test_a_given_backend_is_used_as_it_is() -> None:
    backend = ScriptedBackend(prose)
    connection = LlmConnection("scripted", backend)
    assert connection.open() is backend
    assert backend.requests == []
    assert connection.trust == 0.5


def cached(path: Path) -> Callable[[ChatBackend], ChatBackend]:
    return lambda backend: CachedBackend(backend, path)


def question(text: str) -> ChatRequest:
    return ChatRequest(messages=(Message(role="user", content=text),))


def test_a_wrapped_server_is_started_at_the_first_miss(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []

    def reply(request: ChatRequest) -> str:
        asked.append(request.messages[-1].content)
        return "fine"

    monkeypatch.setattr("hybrid.llm.connect.connect", connecting(reply))
    with closing(LlmConnection("smollm2-135m", wrap=cached(tmp_path / "replies"))) as connection:
        backend = connection.open()
        assert asked == []
        assert backend.complete(question("a")).text == "fine"
        assert asked[-1] == "a"
        assert len(asked) > 1, "the server was probed"
        assert connection.warnings

    def refuse(spec: str, *, on_status: Any = None) -> Any:
        raise AssertionError("no server is needed")

    monkeypatch.setattr("hybrid.llm.connect.connect", refuse)
    with closing(LlmConnection("smollm2-135m", wrap=cached(tmp_path / "replies"))) as again:
        assert again.open().complete(question("a")).text == "fine"
        assert again.warnings == []
        assert (again.model, again.trust, again.context_tokens) == (
            connection.model,
            connection.trust,
            connection.context_tokens,
        )


def test_a_wrapped_server_that_is_down_answers_with_its_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(
        "hybrid.llm.connect.connect", connecting(lambda _: ServerError("the server is down"))
    )
    connection = LlmConnection(URL, wrap=cached(tmp_path / "replies"))
    backend = connection.open()
    before = backend.available
    failures = backend.complete_many([question("a"), question("b")])
    assert [str(f) for f in failures] == ["the server is down"] * 2
    assert (before, backend.available) == (True, False)
    with pytest.raises(ServerError, match="is down"):
        backend.complete(question("c"))


async def test_a_given_backend_can_be_wrapped_too(tmp_path: Path) -> None:
    given = ScriptedBackend(lambda _: "fine", model="m")
    connection = LlmConnection("m", given, wrap=cached(tmp_path / "replies"))
    assert (await connection.open().acomplete(question("a"))).text == "fine"
    assert connection.open().complete(question("a")).text == "fine"
    assert len(given.requests) == 1


@pytest.mark.parametrize(
    ("spec", "model", "context"),
    [
        ("qwen3-0.6b", "qwen3-0.6b", 8192),
        ("http://127.0.0.1:9/v1#tiny", "tiny", 4096),
        ("http://127.0.0.1:9/v1", None, 4096),
        ("unheard-of", None, 4096),
    ],
)
def test_what_is_known_without_a_server(spec: str, model: str | None, context: int) -> None:
    connection = LlmConnection(spec)
    assert connection.model == model
    assert connection.context_tokens == context


def test_ones_own_profile_is_read_once_and_asked_by_its_served_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'name = "mine"\nserved_model = "Mine-7B"\nmax_model_len = 9000\ntrust = 0.8\n'
        '[source]\nkind = "hub"\nrepo = "me/mine"\n'
    )
    connection = LlmConnection(str(file))
    assert (connection.model, connection.trust) == ("Mine-7B", 0.8)
    file.unlink()
    assert connection.context_tokens == 9000


def test_choices_go_as_schemas_where_only_those_are_honoured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reply(request: ChatRequest) -> str:
        schema = request.json_schema or {}
        if "enum" in schema:
            return '"A"'
        return '{"colour": "mauve-7", "count": 1}' if schema else "Red is a warm colour."

    monkeypatch.setattr("hybrid.llm.connect.connect", connecting(reply))
    connection = LlmConnection(URL)
    backend: Any = connection.open()
    assert backend.choices_as_schema
    assert any("they are sent as JSON schemas" in w for w in connection.warnings)


def test_a_model_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(spec: str, *, on_status: Any = None) -> Any:
        raise AssertionError("no server is needed")

    monkeypatch.setattr("hybrid.llm.connect.connect", refuse)
    monkeypatch.setattr("hybrid.llm.local.connect_local", connecting(lambda _: "fine"))
    with closing(LlmConnection("smollm2-135m", engine="local")) as connection:
        assert connection.open().complete(question("a")).text == "fine"
        assert connection.prefix_cache() is None, "nobody counts"


def test_the_prefix_cache_is_counted_from_the_probe_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid.llm.connect.connect", connecting(lambda _: "fine"))

    def counted(backend: Any) -> PrefixCache:
        return PrefixCache(1000 + 10 * len(backend.requests), 4 * len(backend.requests))

    monkeypatch.setattr("hybrid.llm.server_metrics.prefix_cache", counted)
    connection = LlmConnection(URL)
    assert connection.prefix_cache() is None, "not connected yet"
    backend = connection.open()
    assert connection.prefix_cache() is None, "nothing was asked"
    backend.complete_many([question("a"), question("b")])
    assert connection.prefix_cache() == PrefixCache(20, 8)
    monkeypatch.setattr("hybrid.llm.server_metrics.prefix_cache", lambda _: None)
    assert connection.prefix_cache() is None, "it tells no more"

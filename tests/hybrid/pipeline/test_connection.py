from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
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
    for _ in range(3):
        with pytest.raises(ServerError, match="is down"):
            connection.open()
    assert len(calls) == 1


def test_a_given_backend_is_used_as_it_is() -> None:
    backend = ScriptedBackend(prose)
    connection = LlmConnection("scripted", backend)
    assert connection.open() is backend
    assert backend.requests == []
    assert connection.trust == 0.5

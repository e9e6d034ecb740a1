"""A server whose parser keeps thoughts apart, and a model on it that no profile describes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hybrid.llm.backend import ChatRequest, Message
from hybrid.llm.habits import Habits
from hybrid.llm.http import HttpBackend
from hybrid.llm.unasked_thoughts import make_room_for_thoughts
from hybrid.pipeline.connection import LlmConnection
from tests.hybrid.llm.pretended_app import Answer, behind_a_socket

THOUGHT = 100
"""Tokens of each of the model's thoughts."""


def thinking(switch: str | None, *, refuses: bool = False) -> Answer:
    """A server that thinks for so many tokens, then answers; the grammar begins after the thought."""

    def answer(path: str, body: Any) -> tuple[int, str]:
        if path.endswith("/models"):
            return 200, json.dumps({"data": [{"id": "stranger-9b", "max_model_len": 8192}]})
        if not path.endswith("/chat/completions"):
            return 404, "{}"
        template = body.get("chat_template_kwargs", {})
        if refuses and template:
            return 400, json.dumps({"error": {"message": "unknown field chat_template_kwargs"}})
        thinks = switch is None or template.get(switch, True)
        room = body["max_tokens"] - (THOUGHT if thinks else 0)
        message = {"role": "assistant", "content": _content(body) if room > 0 else None}
        if thinks:
            message["reasoning"] = "Let me see."
        choice = {"message": message, "finish_reason": "stop" if room > 0 else "length"}
        return 200, json.dumps({"choices": [choice], "usage": {"prompt_tokens": 9}})

    return answer


def _content(body: Any) -> str:
    if "structured_outputs" in body:
        return str(body["structured_outputs"]["choice"][0])
    if "response_format" not in body:
        return "The sea is wide."
    schema = body["response_format"]["json_schema"]["schema"]
    if "enum" in schema:
        return json.dumps(schema["enum"][0])
    return json.dumps({"colour": "mauve-7", "count": 3})


def vote() -> ChatRequest:
    asked = (Message(role="user", content="Which?"),)
    return ChatRequest(messages=asked, max_tokens=1, choices=("A", "B"))


@pytest.mark.parametrize("switch", ["enable_thinking", "thinking"])
def test_thinking_is_turned_off_where_it_can_be(switch: str) -> None:
    with behind_a_socket(thinking(switch)) as backend:
        changed = make_room_for_thoughts(backend)
        assert changed is not None
        assert f"turned off (`{switch}`)" in changed
        reply = backend.complete(vote())
        assert (reply.text, reply.reasoning) == ("A", None)
        told = backend.complete(vote().model_copy(update={"reasoning": True}))
        assert (told.text, told.reasoning) == ("A", "Let me see.")


@pytest.mark.parametrize("refuses", [False, True])
def test_thoughts_get_room_where_nothing_turns_them_off(refuses: bool) -> None:
    with behind_a_socket(thinking(None, refuses=refuses)) as backend:
        changed = make_room_for_thoughts(backend)
        assert changed is not None
        assert "thinking_budget" in changed
        assert (backend.habits.always_thinks, backend.habits.thinking_switch) == (True, None)
        assert backend.complete(vote()).text == "A"


def test_a_model_that_answers_is_left_alone() -> None:
    with behind_a_socket(lambda path, body: (200, _answer(body)), model="m") as backend:
        assert make_room_for_thoughts(backend) is None
        assert backend.habits == Habits()


def test_a_model_that_does_not_think_and_does_not_answer_is_left_alone() -> None:
    empty = json.dumps({"choices": [{"message": {"content": ""}, "finish_reason": "stop"}]})
    with behind_a_socket(lambda path, body: (200, empty), model="m") as backend:
        assert make_room_for_thoughts(backend) is None
        assert backend.habits == Habits()


def _answer(body: Any) -> str:
    return json.dumps({"choices": [{"message": {"content": _content(body or {})}}]})


def test_the_pipeline_adapts_and_says_so() -> None:
    with behind_a_socket(thinking(None)) as behind:
        behind.model  # noqa: B018  # asks the server, so that it is known to listen
        connection = LlmConnection(f"{behind.base_url}#stranger-9b")
        backend = connection.open()
        assert backend.complete(vote()).text == "A"
        assert "stranger-9b: The model thinks before each answer" in connection.warnings[0]
        assert not any("not honoured" in warning for warning in connection.warnings)
        assert isinstance(backend, HttpBackend)
        assert connection.context_tokens == 8192 - backend.habits.thinking_budget
        connection.close()

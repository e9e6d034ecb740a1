"""What requests say to models with peculiarities."""

from __future__ import annotations

import json

import httpx
import pytest
import respx

from hybrid.llm.backend import ChatRequest, Message, RequestRefusedError
from hybrid.llm.connect import connect
from hybrid.llm.habits import Habits
from hybrid.llm.http import HttpBackend

URL = "http://llm.test/v1"
FREE = ChatRequest(messages=(Message(role="user", content="Total?"),), max_tokens=8)
THINKING = FREE.model_copy(update={"reasoning": True})
SAMPLING = {"temperature": 0.6, "top_p": 0.95, "top_k": 20}
ANSWER = {
    "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "12.20"}}]
}


def test_a_plain_model() -> None:
    assert Habits().fields(FREE) == {"max_tokens": 8, "temperature": 0.0}
    assert Habits().fields(THINKING) == {"max_tokens": 8, "temperature": 0.0}


def test_sampling_is_for_drawn_answers_only() -> None:
    habits = Habits(sampling=SAMPLING)
    assert habits.fields(FREE) == {"max_tokens": 8, "temperature": 0.0}
    drawn = habits.fields(FREE.model_copy(update={"temperature": 1.3}))
    assert drawn == {"max_tokens": 8, "temperature": 1.3, "top_p": 0.95, "top_k": 20}


def test_a_model_with_a_switch() -> None:
    habits = Habits(thinking_switch="think", thinking_budget=100, sampling=SAMPLING)
    assert habits.fields(FREE) == {
        "max_tokens": 8,
        "temperature": 0.0,
        "chat_template_kwargs": {"think": False},
    }
    assert habits.fields(THINKING) == {
        "max_tokens": 116,
        "temperature": 0.6,
        "top_p": 0.95,
        "top_k": 20,
        "thinking_token_budget": 100,
        "chat_template_kwargs": {"think": True},
    }


def test_a_model_that_always_thinks_has_room_for_its_answer() -> None:
    habits = Habits(always_thinks=True, thinking_budget=100, template_arguments={"effort": "low"})
    sent = habits.fields(FREE)
    # Beside the thought there are the tokens that begin and end it.
    assert sent["max_tokens"] == 116
    assert sent["chat_template_kwargs"] == {"effort": "low"}


def test_thoughts_of_several_answers_are_drawn() -> None:
    drawn = FREE.model_copy(update={"seed": 3})
    assert Habits(always_thinks=True, thinking_budget=9).fields(drawn)["temperature"] == 0.7
    advised = Habits(always_thinks=True, thinking_budget=9, sampling=SAMPLING)
    assert advised.fields(drawn)["temperature"] == 0.6
    assert Habits(sampling=SAMPLING).fields(drawn)["temperature"] == 0.0, "nothing to draw"
    assert Habits(always_thinks=True, thinking_budget=9).fields(FREE)["temperature"] == 0.0


def test_a_profile_is_turned_into_habits() -> None:
    with respx.mock(base_url=URL) as router:
        listed = {"data": [{"id": "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B"}]}
        router.get("/models").mock(return_value=httpx.Response(200, json=listed))
        chat = router.post("/chat/completions").mock(return_value=httpx.Response(200, json=ANSWER))
        with connect(URL) as backend:
            backend.complete(FREE)
    sent = json.loads(chat.calls.last.request.content)
    assert (sent["max_tokens"], sent["temperature"], sent["top_p"]) == (2064, 0.6, 0.95)
    assert sent["thinking_token_budget"] == 2048


def test_a_server_without_budgets_is_asked_without() -> None:
    refused = {"error": {"message": "thinking_token_budget is set but reasoning_config is not"}}
    with (
        respx.mock(base_url=URL) as router,
        HttpBackend(URL, "m", habits=Habits(always_thinks=True, thinking_budget=9)) as backend,
    ):
        chat = router.post("/chat/completions")
        chat.side_effect = [
            httpx.Response(400, json=refused),
            httpx.Response(200, json=ANSWER),
            httpx.Response(200, json=ANSWER),
            httpx.Response(400, json=refused),
        ]
        assert backend.complete(FREE).text == "12.20"
        assert backend.complete(FREE).text == "12.20"
        with pytest.raises(RequestRefusedError):
            backend.complete(FREE)
    sent = [json.loads(call.request.content) for call in chat.calls]
    assert ["thinking_token_budget" in body for body in sent] == [True, False, False, False]

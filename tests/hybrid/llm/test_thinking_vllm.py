"""The real thing: a tuned model that thinks, in a real vLLM server of its own."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from hybrid import LlmExtractor, load_document
from hybrid.llm.backend import ChatReply, ChatRequest, InvalidReplyError, Message
from hybrid.llm.connect import connect
from hybrid.llm.habits import Habits
from hybrid.llm.http import HttpBackend
from hybrid.llm.models import pull
from hybrid.llm.serve import VllmServer
from hybrid.llm.unasked_thoughts import make_room_for_thoughts
from hybrid.verify.prompts import VERIFY, render

NAME = "smollm2-135m-receipts-think"
PAGE = ["ACME SDN BHD", "12 JALAN BESAR", "DATE", "25/12/2018", "TOTAL", "12.20", "CASH", "20.00"]
LETTERS = ("A", "B", "C")


class Shop(BaseModel):
    """As little to think of as there can be."""

    company: str | None = Field(None, description="name of the company that issued the receipt")


pytestmark = [pytest.mark.vllm, pytest.mark.slow]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    pull(NAME)
    with VllmServer(NAME) as running:
        yield running.base_url


@pytest.fixture
def question() -> ChatRequest:
    texts = ("[7] 20.00", "[5] 12.20", "none of these lines")
    messages = render(
        VERIFY,
        page="\n".join(f"[{number}] {text}" for number, text in enumerate(PAGE)),
        field="total",
        description="total amount to pay, tax included",
        options=[{"letter": a, "text": t} for a, t in zip(LETTERS, texts, strict=True)],
    )
    return ChatRequest(messages=messages, max_tokens=1, choices=LETTERS, logprobs=True)


def check_letter(reply: ChatReply) -> None:
    assert reply.text in LETTERS
    assert reply.logprobs
    assert set(reply.logprobs) <= set(LETTERS)
    assert math.isclose(sum(map(math.exp, reply.logprobs.values())), 1.0, abs_tol=0.02)


def test_a_thought_then_a_letter_with_a_vote(server: str, question: ChatRequest) -> None:
    with connect(server) as backend:
        assert (backend.model, backend.habits.always_thinks) == (NAME, True)
        reply = backend.complete(question)
    check_letter(reply)
    assert reply.reasoning
    assert "think>" not in reply.reasoning
    assert reply.finish_reason == "stop"
    assert 0 < reply.usage.reasoning_tokens < reply.usage.completion_tokens


def test_a_thinking_model_that_no_profile_describes_answers_too(
    server: str, question: ChatRequest
) -> None:
    with connect(server) as backend:
        backend.habits = Habits()
        with pytest.raises(InvalidReplyError, match="all 1 tokens went into reasoning"):
            backend.complete(question)
        assert "thinks before each answer" in (make_room_for_thoughts(backend) or "")
        reply = backend.complete(question)
    check_letter(reply)
    assert reply.reasoning


def test_a_thought_that_is_cut_off_still_ends_in_a_letter(
    server: str, question: ChatRequest
) -> None:
    with connect(server) as backend:
        backend.habits = replace(backend.habits, thinking_budget=2)
        reply = backend.complete(question)
    check_letter(reply)
    # The thought, its end, the letter, and the end of the turn.
    assert reply.usage.completion_tokens <= 2 + 1 + 1 + 1


def test_a_schema_holds_after_a_thought(server: str) -> None:
    schema = {
        "type": "object",
        "properties": {"line": {"enum": [5, 7]}},
        "required": ["line"],
        "additionalProperties": False,
    }
    asked = (Message(role="user", content="[5] TOTAL 12.20\n[7] CASH 20.00\nWhich is the total?"),)
    with connect(server) as backend:
        reply = backend.complete(ChatRequest(messages=asked, json_schema=schema))
    assert json.loads(reply.text)["line"] in (5, 7)


def test_thoughts_are_recorded_on_request(server: str) -> None:
    samples = Path(__file__).parents[3] / "eval" / "samples" / "documents"
    whole = load_document(samples / "receipt-hardware.png")
    head = whole.pages[0].model_copy(update={"segments": whole.pages[0].segments[:8]})
    document = whole.model_copy(update={"pages": (head,)})
    results = []
    for reasoning in (True, False):
        with LlmExtractor.from_pretrained(server, reasoning=reasoning) as extractor:
            backend = extractor.connection.connected()
            assert isinstance(backend, HttpBackend)
            backend.habits = replace(backend.habits, thinking_budget=16)  # each takes its time
            results.append(extractor.extract(document, Shop))
    told, silent = results
    assert (told.run.reasoning or {})[""]
    assert not silent.run.reasoning
    assert silent.run.usage.reasoning_tokens > 0
    assert silent.run.usage.invalid_replies == 0

"""What every reply is checked for, and the scripted backend."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import (
    ChatBackend,
    ChatReply,
    ChatRequest,
    InvalidReplyError,
    Message,
    check_reply,
)
from hybrid.llm.http import HttpBackend
from hybrid.llm.scripted import ScriptedBackend

MESSAGES = (Message(role="user", content="Which line is the total?"),)
CHOICE = ChatRequest(messages=MESSAGES, choices=("1", "none"))
SCHEMA = ChatRequest(messages=MESSAGES, json_schema={"type": "object"})
FREE = ChatRequest(messages=MESSAGES)


def test_both_backends_are_chat_backends() -> None:
    with HttpBackend("http://127.0.0.1:9/v1", "m") as http:
        backends: list[ChatBackend] = [http, ScriptedBackend([])]
    assert all(backend.profile for backend in backends)


@pytest.mark.parametrize(
    ("ask", "text", "kept"),
    [
        (CHOICE, " none\n", "none"),
        (SCHEMA, '\n{"a": 1} ', '{"a": 1}'),
        (FREE, " as it is ", " as it is "),
    ],
)
def test_a_good_reply_passes(ask: ChatRequest, text: str, kept: str) -> None:
    assert check_reply(ask, ChatReply(text=text)).text == kept


@pytest.mark.parametrize(
    ("ask", "text", "words"),
    [
        (FREE, "", "empty"),
        (FREE, " \n", "empty"),
        (CHOICE, "", "empty"),
        (CHOICE, "2", "none of the 2 choices"),
        (CHOICE, "1 and none", "none of the 2 choices"),
        (SCHEMA, "The total is 3", "not JSON"),
        (SCHEMA, '{"a": ', "not JSON"),
    ],
)
def test_a_broken_reply_is_an_error_that_counts(ask: ChatRequest, text: str, words: str) -> None:
    usage = LlmUsage(requests=1, prompt_tokens=40, completion_tokens=3)
    with pytest.raises(InvalidReplyError, match=words) as caught:
        check_reply(ask, ChatReply(text=text, usage=usage))
    assert caught.value.usage == usage.model_copy(update={"invalid_replies": 1})


def test_an_answer_that_was_cut_off_says_so() -> None:
    with pytest.raises(InvalidReplyError, match="cut off at max_tokens"):
        check_reply(SCHEMA, ChatReply(text='{"a": ', finish_reason="length"))
    with pytest.raises(InvalidReplyError, match="all 256 tokens went into reasoning"):
        check_reply(FREE, ChatReply(text="", reasoning="Hm.", finish_reason="length"))


def test_choices_and_schema_exclude_each_other() -> None:
    with pytest.raises(ValidationError, match="not both"):
        ChatRequest(messages=MESSAGES, choices=("1",), json_schema={})


async def test_scripted_replies_come_in_order_and_are_checked() -> None:
    backend = ScriptedBackend(["1", "7", ServerError("down"), ChatReply(text="none")])
    first, second, third = backend.complete_many([CHOICE, CHOICE, CHOICE])
    assert isinstance(first, ChatReply)
    assert first.text == "1"
    assert isinstance(second, InvalidReplyError)
    assert str(third) == "down"
    assert (await backend.acomplete(CHOICE)).text == "none"
    with pytest.raises(ServerError, match="used up"):
        backend.complete(CHOICE)
    assert len(backend.requests) == 5


def test_a_script_can_be_a_function() -> None:
    backend = ScriptedBackend(lambda request: (request.choices or ("?",))[-1])
    assert backend.complete(CHOICE).text == "none"
    assert backend.complete(FREE).text == "?"

"""What the probe concludes from servers that honour, ignore or refuse."""

from __future__ import annotations

import math

import pytest

from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest, InvalidReplyError, RequestRefusedError
from hybrid.llm.probe import SCHEMA, probe
from hybrid.llm.scripted import ScriptedBackend

PROSE = "The sea is wide."
VOTES = {"A": math.log(0.7), "B": math.log(0.3)}


def honouring(request: ChatRequest) -> ChatReply:
    text = "A" if request.choices else PROSE
    if request.json_schema:
        text = '{"colour": "mauve-7", "count": 2}'
    return ChatReply(
        text=text,
        logprobs=VOTES if request.logprobs else None,
        reasoning="Hm." if request.reasoning else None,
    )


def test_a_server_that_honours_everything() -> None:
    features = probe(ScriptedBackend(honouring))
    assert features.missing == []
    assert features.reasoning


def test_a_server_that_ignores_what_it_does_not_know() -> None:
    raw = {"The": -0.2, "A": -3.0, "B": -6.0}
    features = probe(
        ScriptedBackend(lambda r: ChatReply(text=PROSE, logprobs=raw if r.logprobs else None))
    )
    assert not features.choices
    assert not features.json_schema
    assert features.logprobs
    assert not features.processed_logprobs
    assert len(features.missing) == 3


def test_json_that_breaks_the_schema_is_seen() -> None:
    def reply(request: ChatRequest) -> ChatReply:
        return ChatReply(text='{"colour": "blue"}') if request.json_schema else honouring(request)

    features = probe(ScriptedBackend(reply))
    assert not features.json_schema
    assert features.choices


def test_raw_logprobs_are_seen() -> None:
    def reply(request: ChatRequest) -> ChatReply:
        raw = {"A": -4.0, "B": -5.0}
        return honouring(request).model_copy(update={"logprobs": raw if request.logprobs else None})

    features = probe(ScriptedBackend(reply))
    assert features.logprobs
    assert not features.processed_logprobs
    assert "--logprobs-mode processed_logprobs" in features.missing[0]


def test_a_server_that_refuses_all_extras() -> None:
    def reply(request: ChatRequest) -> ChatReply | ServerError:
        if request.choices or request.json_schema or request.logprobs:
            return RequestRefusedError("unknown field")
        return ChatReply(text=PROSE)

    features = probe(ScriptedBackend(reply))
    assert features.missing == [
        "Choices are not honoured: answers are free text, many will be invalid.",
        "JSON schemas are not honoured: nested schemas cannot be structured.",
        "No log-probabilities come back: the LLM's votes have no shades.",
    ]


def test_a_server_that_is_down_is_not_a_server_without_features() -> None:
    with pytest.raises(ServerError, match="down"):
        probe(ScriptedBackend(lambda request: ServerError("down")))


def test_a_server_with_schemas_but_without_choices() -> None:
    def reply(request: ChatRequest) -> ChatReply:
        schema = request.json_schema or {}
        if "enum" in schema:
            return ChatReply(text='"A"')
        return honouring(request) if not request.choices else ChatReply(text=PROSE)

    features = probe(ScriptedBackend(reply))
    assert (features.choices, features.choices_as_schema) == (False, True)
    assert features.missing[0].endswith("they are sent as JSON schemas.")
    assert not probe(ScriptedBackend(honouring)).choices_as_schema


def test_thoughts_that_a_schema_suppresses_are_told_where_they_were_asked_for() -> None:
    def suppressing(request: ChatRequest) -> ChatReply:
        reply = honouring(request)
        return reply.model_copy(update={"reasoning": None}) if request.json_schema else reply

    assert probe(ScriptedBackend(suppressing)).missing == []
    told = probe(ScriptedBackend(suppressing), reasoning=True).missing
    assert ["does not where its answer" in line for line in told] == [True]
    never = probe(ScriptedBackend(lambda r: ChatReply(text=PROSE)), reasoning=True).missing
    assert never[-1] == "The model is to think, and no thoughts come back."
    assert probe(ScriptedBackend(honouring), reasoning=True).missing == []


def test_thoughts_without_end_are_thoughts() -> None:
    def endless(request: ChatRequest) -> ChatReply | ServerError:
        if not request.reasoning:
            return honouring(request)
        thought = ChatReply(text="", reasoning="Hm, hm,")
        return InvalidReplyError("empty", thought.usage, thought)

    assert probe(ScriptedBackend(endless)).reasoning


def test_nothing_in_the_schema_goes_on_for_ever() -> None:
    """A real model that was asked for prose filled a free integer with zeros until its tokens ended."""
    assert all("enum" in kind for kind in SCHEMA["properties"].values())

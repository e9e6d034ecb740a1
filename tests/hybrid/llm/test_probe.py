"""What the probe concludes from servers that honour, ignore or refuse."""

from __future__ import annotations

import math

import pytest

from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest, RequestRefusedError
from hybrid.llm.probe import probe
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

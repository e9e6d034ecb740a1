"""Small real requests that show what a server honours, because servers ignore what they do not know."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from hybrid.llm.backend import (
    ChatBackend,
    ChatReply,
    ChatRequest,
    InvalidReplyError,
    Message,
    RequestRefusedError,
)

# An answer in prose cannot be one of these by chance.
_PROSE = "Describe the sea in three long sentences of prose."
_CHOICES = ("A", "B")
_COLOUR = "mauve-7"
_SCHEMA = {
    "type": "object",
    "properties": {"colour": {"enum": [_COLOUR]}, "count": {"type": "integer"}},
    "required": ["colour", "count"],
    "additionalProperties": False,
}


@dataclass(frozen=True)
class ServerFeatures:
    """What a server and its model were seen to do.

    Attributes:
        choices: Answers keep to given choices.
        json_schema: Answers keep to a JSON schema.
        logprobs: Log-probabilities of the first token come back.
        processed_logprobs: They are normalised over the allowed choices.
        reasoning: The model thinks, and its thoughts come in a field of their own.
    """

    choices: bool
    json_schema: bool
    logprobs: bool
    processed_logprobs: bool
    reasoning: bool

    @property
    def missing(self) -> list[str]:
        """One plain sentence for each feature that verification would like and does not get."""
        sentences = {
            "choices": "Choices are not honoured: answers are free text, many will be invalid.",
            "json_schema": "JSON schemas are not honoured: nested schemas cannot be structured.",
            "logprobs": "No log-probabilities come back: the LLM's votes have no shades.",
            "processed_logprobs": (
                "Log-probabilities are not normalised over the choices: votes are rougher "
                "(start vLLM with --logprobs-mode processed_logprobs)."
            ),
        }
        # Without log-probabilities, that they are not normalised is no news.
        silent = set() if self.logprobs else {"processed_logprobs"}
        return [
            s for name, s in sentences.items() if not getattr(self, name) and name not in silent
        ]


def probe(backend: ChatBackend) -> ServerFeatures:
    """Finds out what a server honours, with three short requests.

    The first structured request makes the server warm up; on a CPU that takes some seconds.

    Raises:
        ServerError: If the server is down or fails.
    """
    chosen = _ask(backend, _request(choices=_CHOICES, max_tokens=8, logprobs=True))
    # Asked without choices too where they are refused, so that one lack is not taken for two.
    scored = chosen or _ask(backend, _request(max_tokens=1, logprobs=True))
    filled = _ask(backend, _request(json_schema=_SCHEMA, max_tokens=64))
    thought = _ask(backend, _request(max_tokens=32, reasoning=True))
    return ServerFeatures(
        choices=chosen is not None,
        json_schema=filled is not None and _fits(filled),
        logprobs=scored is not None and bool(scored.logprobs),
        processed_logprobs=chosen is not None and _is_normalised(chosen),
        reasoning=thought is not None and thought.reasoning is not None,
    )


def _request(**fields: object) -> ChatRequest:
    messages = (Message(role="user", content=_PROSE),)
    return ChatRequest.model_validate({"messages": messages, **fields})


def _ask(backend: ChatBackend, request: ChatRequest) -> ChatReply | None:
    try:
        return backend.complete(request)
    except (InvalidReplyError, RequestRefusedError):
        return None


def _fits(reply: ChatReply) -> bool:
    value = json.loads(reply.text)
    return (
        isinstance(value, dict)
        and value.keys() == {"colour", "count"}
        and value["colour"] == _COLOUR
        and isinstance(value["count"], int)
    )


def _is_normalised(reply: ChatReply) -> bool:
    votes = reply.logprobs or {}
    total = sum(math.exp(value) for value in votes.values())
    return set(votes) <= set(_CHOICES) and math.isclose(total, 1.0, abs_tol=0.02)

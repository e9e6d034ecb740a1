"""Small real requests that show what a server honours, because servers ignore what they do not know."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

from hybrid.errors import ServerError
from hybrid.llm.backend import (
    ChatBackend,
    ChatReply,
    ChatRequest,
    InvalidReplyError,
    Message,
    RequestRefusedError,
    choice_schema,
)

# An answer in prose cannot be one of these by chance.
PROSE = "Describe the sea in three long sentences of prose."
CHOICES = ("A", "B")
_COLOUR = "mauve-7"
_COUNTS = (1, 2, 3)
# No free integer: a model that is asked for prose may write digits until its tokens end.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"colour": {"enum": [_COLOUR]}, "count": {"enum": list(_COUNTS)}},
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
        reasoning: The model thinks when told to, and its thoughts can be told from the answer.
        choices_as_schema: Answers do not keep to choices, but to a JSON schema of one word.
        reasoning_with_schema: It also thinks where its answer keeps to a JSON schema; None where
            that was not tried.
    """

    choices: bool
    json_schema: bool
    logprobs: bool
    processed_logprobs: bool
    reasoning: bool
    choices_as_schema: bool = False
    reasoning_with_schema: bool | None = None

    @property
    def only_thinks(self) -> bool:
        """Thoughts came, and no answer that keeps to anything: they leave no room for one."""
        return self.reasoning and not (self.choices or self.json_schema or self.choices_as_schema)

    @property
    def missing(self) -> list[str]:
        """One plain sentence for each feature that the pipeline would like and does not get."""
        sentences = {
            "choices": "Choices are not honoured: answers are free text, many will be invalid.",
            "json_schema": "JSON schemas are not honoured: nested schemas cannot be structured.",
            "logprobs": "No log-probabilities come back: the LLM's votes have no shades.",
            "processed_logprobs": (
                "Log-probabilities are not normalised over the choices: votes are rougher "
                "(start vLLM with --logprobs-mode processed_logprobs)."
            ),
        }
        if self.choices_as_schema:
            sentences["choices"] = (
                "Choices are not honoured in vLLM's own way: they are sent as JSON schemas."
            )
        # Without log-probabilities, that they are not normalised is no news.
        silent = set() if self.logprobs else {"processed_logprobs"}
        said = [
            s for name, s in sentences.items() if not getattr(self, name) and name not in silent
        ]
        if self.reasoning_with_schema is False:
            said.append(
                "The model is to think, and does not where its answer has to keep to a JSON schema "
                "(vLLM needs --reasoning-parser for that)."
                if self.reasoning
                else "The model is to think, and no thoughts come back."
            )
        return said


def probe(backend: ChatBackend, *, reasoning: bool = False) -> ServerFeatures:
    """Finds out what a server honours, with three to five short requests.

    The first structured request makes the server warm up; on a CPU that takes some seconds.

    Args:
        backend: The server.
        reasoning: The model is going to be told to think.

    Raises:
        ServerError: If the server is down or fails.
    """
    asked = [
        request(choices=CHOICES, max_tokens=8, logprobs=True),
        request(json_schema=SCHEMA, max_tokens=64),
        request(max_tokens=32, reasoning=True),
    ]
    if reasoning:
        asked.append(request(json_schema=SCHEMA, max_tokens=64, reasoning=True))
    # All at once: none depends on another, and a user waits for them.
    results = [_seen(result) for result in backend.complete_many(asked)]
    chosen, filled = (r if isinstance(r, ChatReply) else None for r in results[:2])
    # Asked without choices too where they are refused, so that one lack is not taken for two.
    scored = chosen or ask(backend, request(max_tokens=1, logprobs=True))
    fitting = filled is not None and fits(filled.text)
    return ServerFeatures(
        choices=chosen is not None,
        json_schema=fitting,
        logprobs=scored is not None and bool(scored.logprobs),
        processed_logprobs=chosen is not None and is_normalised(chosen),
        reasoning=_has_thoughts(results[2]),
        choices_as_schema=chosen is None and fitting and keeps_to_word(backend),
        reasoning_with_schema=_has_thoughts(results[3]) if reasoning else None,
    )


def request(**fields: object) -> ChatRequest:
    """A request for prose, with those fields."""
    messages = (Message(role="user", content=PROSE),)
    return ChatRequest.model_validate({"messages": messages, **fields})


def ask(backend: ChatBackend, asked: ChatRequest) -> ChatReply | None:
    """The reply, or None where the server refuses or its answer breaks what was asked for.

    Raises:
        ServerError: If the server is down or fails.
    """
    try:
        return backend.complete(asked)
    except (InvalidReplyError, RequestRefusedError):
        return None


def reply_of(backend: ChatBackend, asked: ChatRequest) -> ChatReply | None:
    """What came back, be it an answer that breaks what was asked for; None where nothing did.

    Raises:
        ServerError: If the server is down or fails.
    """
    try:
        return backend.complete(asked)
    except InvalidReplyError as error:
        return error.reply
    except RequestRefusedError:
        return None


def _seen(result: ChatReply | ServerError) -> ChatReply | InvalidReplyError | None:
    """What came back; None where the request was refused.

    Raises:
        ServerError: If the server is down or failed.
    """
    if isinstance(result, ChatReply | InvalidReplyError):
        return result
    if isinstance(result, RequestRefusedError):
        return None
    raise result


def _has_thoughts(result: ChatReply | InvalidReplyError | None) -> bool:
    """Whether thoughts came back, be it that they did not end."""
    reply = result.reply if isinstance(result, InvalidReplyError) else result
    return reply is not None and reply.reasoning is not None


def fits(text: str) -> bool:
    """Whether a text is JSON that keeps to `SCHEMA`."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return (
        isinstance(value, dict)
        and value.keys() == {"colour", "count"}
        and value["colour"] == _COLOUR
        and value["count"] in _COUNTS
    )


def keeps_to_word(backend: ChatBackend) -> bool:
    """Whether a JSON schema of one word is honoured.

    Raises:
        ServerError: If the server is down or fails.
    """
    answer = ask(backend, request(json_schema=choice_schema(CHOICES), max_tokens=8))
    return answer is not None and answer.text.strip() in [json.dumps(word) for word in CHOICES]


def is_normalised(reply: ChatReply) -> bool:
    """Whether a choice's log-probabilities are those of the choices alone."""
    votes = reply.logprobs or {}
    total = sum(math.exp(value) for value in votes.values())
    return set(votes) <= set(CHOICES) and math.isclose(total, 1.0, abs_tol=0.02)

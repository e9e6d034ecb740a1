"""What every chat backend takes and returns, and the check that each reply has to pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

from hybrid.errors import ServerError
from hybrid.extraction import LlmUsage
from hybrid.llm.reply_json import parse_reply

_LONGEST = 100_000
"""Characters of an answer; what is asked for takes a few thousand."""
_CUT_OFF = {
    "length": ", cut off at max_tokens",
    "repetition": ", stopped since it went round in a loop",
}
"""By the reason for which an answer ended."""


class Message(BaseModel):
    """One turn of a conversation."""

    model_config = ConfigDict(frozen=True)

    role: Literal["system", "user", "assistant"]
    content: str


class ChatRequest(BaseModel):
    """One question.

    Attributes:
        messages: The conversation so far; the shared part first, so that the server's prefix cache
            holds it.
        max_tokens: Upper bound of the answer, with its reasoning.
        temperature: 0 for the most likely answer.
        choices: The answer is one of these, or None. Not together with `json_schema`.
        json_schema: The answer is a JSON value of this schema, or None.
        logprobs: Also return the log-probabilities of the answer's first token; of an answer by a
            JSON schema, of all its tokens.
        seed: For sampling, or None. A model that thinks draws its thoughts where there is one.
        reasoning: Let a reasoning model think first; otherwise it is told not to.
        pictures: "data:" addresses of what a vision model sees before the text of the last message.
    """

    model_config = ConfigDict(frozen=True)

    messages: tuple[Message, ...] = Field(min_length=1)
    max_tokens: int = Field(default=256, ge=1)
    temperature: float = Field(default=0.0, ge=0)
    choices: tuple[str, ...] | None = Field(default=None, min_length=1)
    json_schema: dict[str, Any] | None = None
    logprobs: bool = False
    seed: int | None = None
    reasoning: bool = False
    pictures: tuple[str, ...] = Field(default=(), repr=False)

    @model_validator(mode="after")
    def _check(self) -> ChatRequest:
        if self.choices is not None and self.json_schema is not None:
            raise ValueError("give choices or a JSON schema, not both")
        return self


class ChatReply(BaseModel):
    """One answer that passed `check_reply`.

    Attributes:
        text: The answer; one of the choices, or JSON, where that was asked for. Never empty.
        reasoning: What a reasoning model thought before, or None.
        draft: What it would have said before it corrected itself, or None where it did not.
        logprobs: Text of the likeliest first tokens of the answer to their natural log-probability,
            or None where not asked for or not given. Over the choices only where the server masks
            before it reports (`ServerFeatures.processed_logprobs`).
        tokens: The answer in pieces, each with its natural log-probability; None where not asked
            for (`json_schema` and `logprobs`) or not given.
        usage: Tokens of this one call.
        finish_reason: "stop", "length" or another word of the server's.
    """

    model_config = ConfigDict(frozen=True)

    text: str
    reasoning: str | None = None
    draft: str | None = None
    logprobs: dict[str, float] | None = None
    tokens: tuple[tuple[str, float], ...] | None = None
    usage: LlmUsage = LlmUsage(requests=1)
    finish_reason: str = "stop"


class RequestRefusedError(ServerError):
    """The server refused the request itself (4xx): the same request would be refused again."""


class NotSentError(ServerError):
    """The request was not sent, since it may not fit into what is left of a budget."""


class InvalidReplyError(ServerError):
    """The server answered, and the answer is empty or breaks the choices or the JSON schema.

    Attributes:
        usage: Tokens that the answer cost, with `invalid_replies=1`.
        reply: The answer as it came, or None where it was none at all.
    """

    def __init__(self, message: str, usage: LlmUsage, reply: ChatReply | None = None) -> None:
        super().__init__(message)
        self.usage = usage.model_copy(update={"invalid_replies": 1})
        self.reply = reply


def usage_of(reply: ChatReply | ServerError) -> LlmUsage:
    """What a request cost, whatever came of it; one that got no answer costs no tokens."""
    if isinstance(reply, NotSentError):
        return LlmUsage()
    if isinstance(reply, (ChatReply, InvalidReplyError)):
        return reply.usage
    return LlmUsage(requests=1)


def drawn_together(
    requests: Sequence[ChatRequest], draws_several: bool = True
) -> list[list[ChatRequest]]:
    """Requests in the groups in which a server can answer them as one, in their order.

    Of requests that follow each other and differ only in their seeds, each one more than the last,
    the prompt is sent, and counted, once: as `n` answers, which vLLM draws with these very seeds.
    Each is alone for a server that does not draw several.
    """
    groups: list[list[ChatRequest]] = []
    for request in requests:
        if groups and draws_several and _follows(request, groups[-1][-1]):
            groups[-1].append(request)
        else:
            groups.append([request])
    return groups


def _follows(request: ChatRequest, last: ChatRequest) -> bool:
    if last.seed is None or request.seed != last.seed + 1:
        return False
    return request == last.model_copy(update={"seed": request.seed})


class ChatBackend(Protocol):
    """Something that answers chat requests; safe to use from several threads."""

    @property
    def model(self) -> str:
        """The model's name as the server reports it."""

    @property
    def profile(self) -> str:
        """Name of the profile, or the server's address."""

    @property
    def available(self) -> bool:
        """False once the server was found to be down: every further request fails at once."""

    @property
    def draws_several(self) -> bool:
        """Whether requests are answered as one (`drawn_together`); False once it was seen not to."""

    def complete(self, request: ChatRequest) -> ChatReply:
        """Answers one request.

        Raises:
            InvalidReplyError: If the answer is empty or breaks the choices or the JSON schema.
            RequestRefusedError: If the server refuses the request.
            ServerError: If the server is down or fails.
        """

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """Same as `complete`, for asyncio."""

    def complete_many(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        """Answers several requests at a time.

        Returns:
            For each request, in order, its reply or the error that `complete` would raise.
        """

    def close(self) -> None:
        """Lets go of connections; the backend cannot be used afterwards."""


def check_reply(request: ChatRequest, reply: ChatReply) -> ChatReply:
    """Checks by code what the server was asked to guarantee.

    Args:
        request: What was asked.
        reply: What came back.

    Returns:
        The reply, with blanks around a choice or JSON removed.

    Raises:
        InvalidReplyError: If the text is empty, huge, not one of the choices, or not JSON. Whether
            JSON fits the schema in detail is for the caller's own model to say.
    """
    text = reply.text.strip()
    problem = None
    if not text:
        problem = "an empty answer"
        if reply.finish_reason == "length":
            problem += f" (all {request.max_tokens} tokens went into reasoning or blanks)"
    elif len(text) > _LONGEST:
        problem = f"an answer of {len(text)} characters"
        reply = reply.model_copy(update={"text": text[:_LONGEST]})
    elif request.choices is not None and text not in request.choices:
        problem = f"{text[:80]!r}, which is none of the {len(request.choices)} choices"
    elif request.json_schema is not None:
        problem = _json_problem(text, reply)
    if problem is not None:
        raise InvalidReplyError(f"the LLM gave {problem}", reply.usage, reply)
    structured = request.choices is not None or request.json_schema is not None
    return reply.model_copy(update={"text": text}) if structured else reply


def chat_messages(request: ChatRequest) -> list[dict[str, Any]]:
    """A request's messages as they are sent; pictures stand before the last one's text."""
    messages: list[dict[str, Any]] = [message.model_dump() for message in request.messages]
    if request.pictures:
        shown = [{"type": "image_url", "image_url": {"url": url}} for url in request.pictures]
        messages[-1]["content"] = [*shown, {"type": "text", "text": messages[-1]["content"]}]
    return messages


def choice_schema(choices: Sequence[str]) -> dict[str, Any]:
    """The JSON schema of one of some texts."""
    return {"type": "string", "enum": list(choices)}


def _json_problem(text: str, reply: ChatReply) -> str | None:
    try:
        parse_reply(text)
    except ValueError as error:
        cut = _CUT_OFF.get(reply.finish_reason, "")
        return f"{text[:80]!r}, which is not JSON ({error}{cut})"
    return None

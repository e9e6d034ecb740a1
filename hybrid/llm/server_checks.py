"""Checks of what a live server honours, each a request or two, for `hybrid models probe`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hybrid.errors import ServerError
from hybrid.llm.backend import (
    ChatReply,
    ChatRequest,
    InvalidReplyError,
    Message,
    RequestRefusedError,
)
from hybrid.llm.completion import part, read_completion
from hybrid.llm.habits import BUDGET
from hybrid.llm.http import HttpBackend
from hybrid.llm.probe import CHOICES, SCHEMA, fits, is_normalised, keeps_to_word, request
from hybrid.llm.server_report import Seen

_PUZZLE = "How many of the numbers 3, 8, 12, 17 and 25 are even? Think, then answer in one word."
_FEW = 32
"""Tokens of a thought that is to be cut short."""
_ROOM = 512
"""Tokens for a thought and its answer, where no profile says how many."""
_SEVERAL = 4
"""Answers to one request."""
_NO_THOUGHTS = "no thoughts were seen"
_MOST_ADAPTERS = 8
"""That are asked."""
_DECISION = {
    "state": "[0] TOTAL 12.20",
    "questions": {
        "total": {
            "type": "choice",
            "instructions": "What is on this line?",
            "criteria": {"amount": "an amount", "date": "a date"},
        }
    },
}


@dataclass(frozen=True)
class Thought:
    """How a model answered when it was told to think.

    Attributes:
        reply: Unchecked.
        own_field: The thoughts came in a field of their own.
    """

    reply: ChatReply
    own_field: bool


def answers(backend: HttpBackend) -> Seen:
    """A plain question is answered at all."""
    try:
        reply = backend.complete(request(max_tokens=16))
    except InvalidReplyError as error:
        return Seen("no", str(error))
    counted = reply.usage.prompt_tokens > 0
    tokens = "tokens are counted" if counted else "no tokens are counted"
    return Seen("yes", f"{_shown(reply.text)}; {tokens}")


def json_schema(backend: HttpBackend) -> Seen:
    """An answer keeps to a JSON schema that it could not keep to by chance."""
    then = "nested schemas are not structured, and a warning says so"
    try:
        reply = backend.complete(request(json_schema=SCHEMA, max_tokens=64))
    except (InvalidReplyError, RequestRefusedError) as error:
        return Seen("no", str(error), then)
    if fits(reply.text):
        return Seen("yes", _shown(reply.text))
    return Seen("no", f"{_shown(reply.text)} breaks the schema", then)


def choice(backend: HttpBackend) -> Seen:
    """An answer keeps to choices; where it does not, whether a JSON schema does instead."""
    try:
        reply = backend.complete(request(choices=CHOICES, max_tokens=8))
    except (InvalidReplyError, RequestRefusedError) as error:
        if keeps_to_word(backend):
            text = f"{error}; a JSON schema of one word is honoured"
            return Seen("no", text, "choices are sent as JSON schemas")
        return Seen("no", str(error), "answers that are no choice count for nothing")
    return Seen("yes", f"{_shown(reply.text)} of {', '.join(CHOICES)}")


def logprobs(backend: HttpBackend) -> Seen:
    """Log-probabilities of the first token come back."""
    reply = _scored(backend)
    if reply.logprobs:
        return Seen("yes", f"{len(reply.logprobs)} for the first token")
    return Seen("no", "none came back", "a vote is all or nothing")


def normalised_logprobs(backend: HttpBackend) -> Seen:
    """Log-probabilities are those of the choices alone, so that they are a vote."""
    try:
        reply = backend.complete(request(choices=CHOICES, max_tokens=8, logprobs=True))
    except (InvalidReplyError, RequestRefusedError) as error:
        return Seen("n/a", f"choices are not honoured: {error}")
    if not reply.logprobs:
        return Seen("n/a", "no log-probabilities come back")
    listed = ", ".join(
        f"{token!r} {value:.2f}" for token, value in list(reply.logprobs.items())[:4]
    )
    if is_normalised(reply):
        return Seen("yes", listed)
    then = "votes are rougher (vLLM needs --logprobs-mode processed_logprobs)"
    return Seen("no", f"{listed}: not the choices alone", then)


def several_answers(backend: HttpBackend) -> Seen:
    """One request has several answers that differ, and its prompt is counted once."""
    then = "answers that are drawn are asked for one by one, each with the prompt"
    body = backend.body(request(max_tokens=16, temperature=1.0, seed=0))
    try:
        data = backend.post("/chat/completions", {**body, "n": _SEVERAL})
    except RequestRefusedError as error:
        return Seen("no", str(error), then)
    listed = part(data, "choices")
    count = len(listed) if isinstance(listed, list) else 0
    if count < _SEVERAL:
        return Seen("no", f"{count} of {_SEVERAL} came", then)
    texts = {read_completion(data, place=k, answers=count).text for k in range(count)}
    return Seen("yes", f"{count} came, {len(texts)} different")


def reasoning(backend: HttpBackend) -> tuple[Seen, Thought | None]:
    """Thoughts come apart from the answer; also returns what was thought, if anything."""
    thought = _think(backend)
    reply = thought.reply
    if reply.reasoning is None:
        if backend.habits.thinking_budget:
            return Seen(
                "no", f"its profile says that it thinks, and it did not: {_shown(reply.text)}"
            ), None
        return Seen("n/a", "it does not think, or has no profile that says how it is told to"), None
    ended = "" if reply.text.strip() else ", and did not end"
    tokens = reply.usage.reasoning_tokens
    figures = {"reasoning_tokens": float(tokens)}
    if thought.own_field:
        return Seen("yes", f"in a field of their own, {tokens} tokens{ended}", "", figures), thought
    then = "it takes the thoughts out of the text itself"
    return Seen("no", f"in the answer's text, {tokens} tokens{ended}", then, figures), thought


def reasoning_with_schema(backend: HttpBackend, free: Thought | None) -> Seen:
    """Of a model that thinks: it does so too where its answer keeps to a JSON schema.

    Args:
        backend: The server.
        free: How it thought without a schema.
    """
    if free is None:
        return Seen("n/a", _NO_THOUGHTS)
    reply = _think(backend, json_schema=SCHEMA).reply
    fitting = fits(reply.text)
    if reply.reasoning is not None and fitting:
        return Seen(
            "yes", f"{reply.usage.reasoning_tokens} tokens of thoughts, then {_shown(reply.text)}"
        )
    if fitting:
        then = "--reasoning warns that it changes nothing there (vLLM needs --reasoning-parser)"
        return Seen("no", f"no thoughts, only {_shown(reply.text)}", then)
    then = "such answers count as invalid"
    if not reply.text.strip():
        return Seen("no", f"thoughts of {reply.usage.reasoning_tokens} tokens, no answer", then)
    return Seen("no", f"{_shown(reply.text)} breaks the schema", then)


def thinking_budget(backend: HttpBackend, free: Thought | None) -> Seen:
    """Of a model that thinks: a budget ends its thought, and an answer follows.

    Args:
        backend: The server.
        free: How it thought without so small a budget.
    """
    if free is None:
        return Seen("n/a", _NO_THOUGHTS)
    then = "only the limit on all tokens holds its thoughts"
    unbounded = free.reply.usage.reasoning_tokens
    try:
        reply = _think(backend, budget=_FEW).reply
    except RequestRefusedError as error:
        return Seen("no", str(error), then)
    tokens = reply.usage.reasoning_tokens
    figures = {"budget": float(_FEW), "reasoning_tokens": float(tokens)}
    text = f"{tokens} tokens with a budget of {_FEW}, {unbounded} without"
    if unbounded <= _FEW:
        return Seen("unknown", f"{text}: its thoughts are short anyway", "", figures)
    # Where the server does not count thoughts, their tokens are estimated by length.
    if tokens <= 1.5 * _FEW and reply.text.strip():
        return Seen("yes", text, "", figures)
    return Seen("no", text if reply.text.strip() else f"{text}, and no answer", then, figures)


def adapters(backend: HttpBackend) -> Seen:
    """LoRA adapters that the server lists beside a base model, and whether they answer."""
    listed = part(backend.get("/models"), "data")
    entries = listed if isinstance(listed, list) else []
    names = [str(part(e, "id")) for e in entries if isinstance(part(e, "parent"), str)]
    if not names:
        return Seen("n/a", "none is listed")
    failed = [name for name in names[:_MOST_ADAPTERS] if not _answers_as(backend, name)]
    if failed:
        return Seen("no", f"listed, and no answer from {', '.join(failed)}")
    return Seen("yes", ", ".join(names), "", {"adapters": float(len(names))})


def systemone(backend: HttpBackend) -> Seen:
    """Structured decisions of vLLM: many typed questions over one state, with probabilities."""
    try:
        data = backend.post("/systemone", {"model": backend.model, **_DECISION})
    except ServerError as error:
        if not backend.available:
            raise
        return Seen("no", str(error))
    answer = part(data, "answers", "total")
    if not isinstance(answer, Mapping):
        return Seen("no", f"an answer without decisions: {_shown(str(data))}")
    return Seen("yes", _shown(str(dict(answer))), "it asks by choices all the same")


def _scored(backend: HttpBackend) -> ChatReply:
    """A reply with log-probabilities, without choices where those are refused or not kept to."""
    try:
        return backend.complete(request(choices=CHOICES, max_tokens=8, logprobs=True))
    except (InvalidReplyError, RequestRefusedError):
        return backend.complete(request(max_tokens=1, logprobs=True))


def _think(
    backend: HttpBackend, json_schema: dict[str, Any] | None = None, budget: int | None = None
) -> Thought:
    """Tells the model to think, as the pipeline does.

    Raises:
        RequestRefusedError: If the budget given here, or something else, is refused.
        ServerError: If the server is down or fails.
    """
    asked = ChatRequest(
        messages=(Message(role="user", content=_PUZZLE),),
        max_tokens=_FEW if backend.habits.thinking_budget else _ROOM,
        reasoning=True,
        json_schema=json_schema,
    )
    body = backend.body(asked)
    if budget is not None:
        body[BUDGET] = budget
    try:
        data = backend.post("/chat/completions", body)
    except RequestRefusedError as error:
        if budget is not None or BUDGET not in body or BUDGET not in str(error):
            raise
        del body[BUDGET]
        data = backend.post("/chat/completions", body)
    message = part(data, "choices", 0, "message")
    told = part(message, "reasoning") or part(message, "reasoning_content")
    return Thought(read_completion(data), isinstance(told, str))


def _answers_as(backend: HttpBackend, name: str) -> bool:
    try:
        data = backend.post(
            "/chat/completions", {**backend.body(request(max_tokens=1)), "model": name}
        )
        return bool(read_completion(data).text)
    except ServerError:
        if not backend.available:
            raise
        return False


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")

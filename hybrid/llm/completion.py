"""Reads what a server sent as a chat completion; nothing in it is taken for granted."""

from __future__ import annotations

import json
from typing import Any

from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, InvalidReplyError
from hybrid.llm.reasoning import changes, split_reply

_MASKED = -1000.0
"""vLLM reports masked tokens with -9999 instead of minus infinity, which JSON does not have."""

_BLANKS = 40
"""Characters around an answer that are looked through for its beginning."""


def read_completion(
    data: Any, *, seconds: float = 0.0, quoted: bool = False, place: int = 0, answers: int = 1
) -> ChatReply:
    """A reply in a completion, as parsed JSON.

    Args:
        data: The completion.
        seconds: That the server took for it.
        quoted: The answer was asked for as a JSON string; what stands between its quotes is it.
        place: Of the reply among the completion's.
        answers: That the completion holds. The first counts the request, its prompt and its
            seconds; the tokens that were written are told for all together, and shared evenly.

    Raises:
        InvalidReplyError: If it holds no message.
    """
    usage = _read_usage(part(data, "usage"), seconds, place, answers)
    choice = part(data, "choices", place)
    message = part(choice, "message")
    if not isinstance(message, dict):
        raise InvalidReplyError("the LLM server's answer is not a chat completion", usage)
    content = message.get("content")
    if not isinstance(content, str | None):
        raise InvalidReplyError("the LLM server's answer has content that is no text", usage)
    # vLLM calls it `reasoning`, older servers and other makers `reasoning_content`.
    told = _text(message.get("reasoning")) or _text(message.get("reasoning_content"))
    split = split_reply(_text(content))
    reasoning = "\n".join(filter(None, (told, split.reasoning))) or None
    if reasoning is not None:
        usage = usage.model_copy(
            update={
                "reasoning_tokens": _thought(
                    None if answers > 1 else data, usage.completion_tokens, reasoning, split.answer
                )
            }
        )
    if split.draft is not None and changes(split.draft, split.answer):
        usage = usage.model_copy(update={"corrections": 1})
    return ChatReply(
        text=_unquoted(split.answer) if quoted else split.answer,
        reasoning=reasoning,
        draft=split.draft,
        logprobs=_first_token(choice, split.answer, reasoning is not None, quoted),
        tokens=_tokens(choice, split.answer),
        usage=usage,
        finish_reason=_text(part(choice, "finish_reason")) or "stop",
    )


def part(value: Any, *keys: str | int) -> Any:
    """What stands at a path in parsed JSON, or None where there is no such place."""
    for key in keys:
        try:
            value = value[key]
        except (TypeError, KeyError, IndexError):
            return None
    return value


def _text(value: Any) -> str:
    """A text that can be written to a file: JSON can hold halves of characters."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _read_usage(usage: Any, seconds: float, place: int, answers: int) -> LlmUsage:
    written, rest = divmod(_count(part(usage, "completion_tokens")), answers)
    written += place < rest
    if place:
        return LlmUsage(completion_tokens=written)
    return LlmUsage(
        requests=1,
        prompt_tokens=_count(part(usage, "prompt_tokens")),
        cached_tokens=_count(part(usage, "prompt_tokens_details", "cached_tokens")),
        completion_tokens=written,
        seconds=round(seconds, 4),
    )


def _thought(data: Any, completion: int, reasoning: str, answer: str) -> int:
    """Tokens of the thoughts: as the server says, else their share of the text."""
    told = _count(part(data, "usage", "completion_tokens_details", "reasoning_tokens"))
    if told:
        return told
    share = len(reasoning) / (len(reasoning) + len(answer))
    return min(max(round(completion * share), 1), completion)


def _unquoted(answer: str) -> str:
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return answer
    return _text(value) or answer


def _first_token(choice: Any, answer: str, reasoned: bool, quoted: bool) -> dict[str, float] | None:
    """Log-probabilities at the place where the answer begins, or None where that is not known."""
    tokens = part(choice, "logprobs", "content")
    if not isinstance(tokens, list) or not tokens:
        return None
    # Also where no thought is told: one may be empty, and its end is a token.
    place = _beginning(tokens, answer)
    if place is None:
        if reasoned:
            return None
        place = 0
    # A quote is a token of its own, or the beginning of the first one.
    while quoted and _text(part(tokens, place, "token")).strip() == '"':
        place += 1
    listed = part(tokens, place, "top_logprobs")
    found: dict[str, float] = {}
    for top in listed if isinstance(listed, list) and listed else tokens[place : place + 1]:
        token, value = part(top, "token"), part(top, "logprob")
        if not isinstance(token, str) or not isinstance(value, int | float):
            continue
        # NaN fails both comparisons. Different tokens can have the same text; the likeliest is first.
        if _MASKED < value <= 0:
            text = _text(token)
            if quoted and not (text := text.lstrip(' "')):
                continue
            found.setdefault(text, float(value))
    return found or None


def _tokens(choice: Any, answer: str) -> tuple[tuple[str, float], ...] | None:
    """An answer's tokens with their log-probabilities, where there are several and they make it up."""
    listed = part(choice, "logprobs", "content")
    if not isinstance(listed, list) or len(listed) < 2:
        return None
    place = _beginning(listed, answer)
    found: list[tuple[str, float]] = []
    for token in listed[place:] if place is not None else ():
        value = part(token, "logprob")
        if not isinstance(value, int | float) or not _MASKED < value <= 0:
            return None
        found.append((_text(part(token, "token")), float(value)))
    # What follows the answer ends the turn.
    while found and len("".join(text for text, _ in found[:-1])) >= len(answer):
        found.pop()
    return tuple(found) if "".join(text for text, _ in found) == answer else None


def _beginning(tokens: list[Any], answer: str) -> int | None:
    """The last token from which on the rest of the tokens is the answer.

    A token that ends the turn may come last: servers list it here, and leave it out of the text.
    """
    wanted = answer.strip()
    last = part(tokens, -1, "token")
    rest = ""
    for place in range(len(tokens) - 1, -1, -1):
        token = part(tokens, place, "token")
        if not isinstance(token, str):
            return None
        rest = token + rest
        if wanted in (rest.strip(), rest.removesuffix(last).strip()):
            return place
        if len(rest) > len(answer) + _BLANKS:
            return None
    return None

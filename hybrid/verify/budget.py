"""A budget of LLM tokens for one document.

Everything counts that goes over the wire: tokens sent, those too that the server finds in its prefix
cache, and tokens written, thoughts included. What requests will cost is estimated before they are
sent, on the safe side, and what they have cost is then as the server tells; a batch of requests
that may not fit is not sent at all, so that no question is half asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hybrid.errors import ServerError

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend, ChatReply, ChatRequest

_TOKENS_PER_LETTER = 0.5
"""Words are cut into pieces of more than two letters; all else counts as a token each byte, since
small vocabularies cut digits one by one. SmolLM2's tokens were .84 to 1.01 of this guess (median
.94) on 60 of SROIE's training documents; larger vocabularies make fewer."""
_TEMPLATE_TOKENS = 40
"""That a chat template puts around a request."""
_MARGIN = 1.05
"""On what was guessed or measured: the next question is another text."""


class TokenMeter:
    """Counts the tokens of one document, and refuses what may not fit.

    Args:
        budget: Tokens, sent and written.
        beside: Tokens that each request may take beside its text and its answer: thoughts, pictures.

    Attributes:
        spent: Tokens so far.
        refused: Whether something was refused since `watched`.
    """

    def __init__(self, budget: int, beside: int = 0) -> None:
        self.budget = budget
        self.spent = 0
        self.refused = False
        self._beside = beside
        self._scale = _MARGIN
        self._rounds = 1

    def around(self, backend: ChatBackend) -> ChatBackend:
        """A backend whose requests count."""
        return _Metered(backend, self)

    @contextmanager
    def watched(self, rounds: int = 1) -> Iterator[None]:
        """Begins something that is asked wholly or not at all.

        Args:
            rounds: How often its requests go out, each time with the replies of the times before;
                the last one asks for no more than a letter.
        """
        self.refused = False
        self._rounds = rounds
        yield
        self._rounds = 1

    def send(
        self, backend: ChatBackend, requests: Sequence[ChatRequest]
    ) -> list[ChatReply | ServerError]:
        """Sends requests, if all of them fit."""
        from hybrid.llm.backend import NotSentError, drawn_together

        together = drawn_together(requests, backend.draws_several)
        needed = sum(map(self._estimate_all, together))
        left = self.budget - self.spent
        if needed > left:
            self.refused = True
            problem = f"about {needed} tokens do not fit into the {left} left of {self.budget}"
            return [NotSentError(problem)] * len(requests)
        self._rounds = max(self._rounds - 1, 1)
        replies = backend.complete_many(requests)
        for request, reply in zip(requests, replies, strict=True):
            self._count(request, reply)
        return replies

    def _estimate_all(self, together: Sequence[ChatRequest]) -> int:
        """Of requests that are sent as one in this round, and of all rounds that follow."""
        rounds, answers, request = self._rounds, len(together), together[0]
        # Each reply is written once, and sent again with every later round.
        written = max(rounds - 1, 1) + rounds * (rounds - 1) // 2
        sent = 1 + (rounds - 1) * answers
        return sent * self._estimate_sent(request) + answers * written * request.max_tokens

    def _estimate_sent(self, request: ChatRequest) -> int:
        return int(_guess(request) * self._scale) + _TEMPLATE_TOKENS + self._beside

    def _count(self, request: ChatRequest, reply: ChatReply | ServerError) -> None:
        from hybrid.llm.backend import usage_of

        usage = usage_of(reply)
        self.spent += usage.prompt_tokens + usage.completion_tokens
        if usage.prompt_tokens:
            # From here on the server has told how its vocabulary cuts this very page.
            self._scale = usage.prompt_tokens / _guess(request) * _MARGIN
        elif usage.requests and not isinstance(reply, Exception):
            # A server that does not count: what was estimated is what it cost.
            self.spent += self._estimate_sent(request) + request.max_tokens


def _guess(request: ChatRequest) -> float:
    """Tokens of the messages, rather too many; at least one."""
    text = "".join(message.content for message in request.messages)
    letters = sum(c.isascii() and c.isalpha() for c in text)
    others = len(text.encode("utf-8", "replace")) - letters - text.count(" ")
    return _TOKENS_PER_LETTER * letters + others + 1


class _Metered:
    """A `ChatBackend` whose requests are counted."""

    def __init__(self, backend: ChatBackend, meter: TokenMeter) -> None:
        self._backend = backend
        self._meter = meter
        self.model, self.profile = backend.model, backend.profile

    @property
    def available(self) -> bool:
        return self._backend.available

    @property
    def draws_several(self) -> bool:
        return self._backend.draws_several

    def complete(self, request: ChatRequest) -> ChatReply:
        reply = self.complete_many([request])[0]
        if isinstance(reply, ServerError):
            raise reply
        return reply

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        return await asyncio.to_thread(self.complete, request)

    def complete_many(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        return self._meter.send(self._backend, requests)

    def close(self) -> None:
        self._backend.close()

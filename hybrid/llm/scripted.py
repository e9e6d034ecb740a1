"""A backend whose replies are written down beforehand, for tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest, check_reply

Scripted = str | ChatReply | ServerError


class ScriptedBackend:
    """Gives replies from a list, in order, or from a function of the request.

    Replies pass the same check as a server's. A `ServerError` in place of a reply is raised.

    Attributes:
        requests: What was asked, in order.
    """

    def __init__(
        self,
        replies: Iterable[Scripted] | Callable[[ChatRequest], Scripted],
        *,
        model: str = "scripted",
        profile: str = "scripted",
    ) -> None:
        self.model = model
        self.profile = profile
        self.available = True
        self.draws_several = True
        self.requests: list[ChatRequest] = []
        self._reply = replies if callable(replies) else _from_list(replies)

    def complete(self, request: ChatRequest) -> ChatReply:
        """See `ChatBackend`."""
        self.requests.append(request)
        reply = self._reply(request)
        if isinstance(reply, ServerError):
            raise reply
        return check_reply(request, ChatReply(text=reply) if isinstance(reply, str) else reply)

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        """See `ChatBackend`."""
        return self.complete(request)

    def complete_many(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        """See `ChatBackend`; one after the other, so that a list's order means something."""
        results: list[ChatReply | ServerError] = []
        for request in requests:
            try:
                results.append(self.complete(request))
            except ServerError as error:
                results.append(error)
        return results

    def close(self) -> None:
        """See `ChatBackend`."""


def _from_list(replies: Iterable[Scripted]) -> Callable[[ChatRequest], Scripted]:
    remaining = iter(replies)

    def reply(request: ChatRequest) -> Scripted:
        return next(remaining, ServerError("the scripted replies are used up"))

    return reply

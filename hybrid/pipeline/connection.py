"""An LLM that is connected to when it is first needed, and given up once it is down."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hybrid.document import Document
from hybrid.errors import HybridError, ModelError, ServerError

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend, ChatReply, ChatRequest
    from hybrid.llm.connect import LlmEngine
    from hybrid.llm.http import HttpBackend
    from hybrid.llm.profile import Profile
    from hybrid.llm.server_metrics import PrefixCache

DEFAULT_CONTEXT = 4096
"""Tokens; every shipped profile has at least as many."""


class LlmConnection:
    """Holds a backend, or the way to one.

    Args:
        spec: Profile name, folder of a model, or address.
        backend: An open backend instead, which then belongs to the caller.
        on_status: Told what is being waited for.
        wrap: Puts something around the backend, such as a `CachedBackend`; the server behind it
            is then started and probed at the first request that gets through to it, not before.
        reasoning: A model that can be told to think or not is told to think.
        engine: "local" runs the model in this process instead of talking to a server.
    """

    def __init__(
        self,
        spec: str,
        backend: ChatBackend | None = None,
        on_status: Callable[[str], None] | None = None,
        wrap: Callable[[ChatBackend], ChatBackend] | None = None,
        reasoning: bool = False,
        engine: LlmEngine = "http",
    ) -> None:
        self.spec = spec
        self.engine: LlmEngine = engine
        self.reasoning = reasoning
        self.warnings: list[str] = []
        self._given = backend
        self._backend = backend
        self._problem: str | None = None
        self._counted_before: PrefixCache | None = None
        self._on_status = on_status
        self._stack = ExitStack()
        self._lock = threading.Lock()
        self._wrapped = wrap(backend or _AtFirstRequest(self)) if wrap is not None else None

    def open(self) -> ChatBackend:
        """The backend, started and probed at the first call, or at the first request where wrapped.

        What the probe finds missing is added to `warnings` and told to `on_status`; choices go as
        JSON schemas where only those are honoured.

        Raises:
            ServerError: If it cannot be had; said once in full, and again at once on later calls.
        """
        return self._wrapped if self._wrapped is not None else self.connected()

    def open_for(self, document: Document) -> tuple[ChatBackend, int]:
        """The backend as it is used for one document, and the tokens for prompt and answer.

        A vision model sees the pictures of the first pages with every request, and a model that is
        to think does so.

        Raises:
            ServerError: As `open`.
        """
        backend = self.open()
        changes: dict[str, Any] = {"reasoning": True} if self.reasoning else {}
        if self._sees:
            changes["pictures"] = _pictures(document)
        room = self._room(self.beside(document))
        return (_Adjusted(backend, changes) if changes else backend), room

    def beside(self, document: Document) -> int:
        """Tokens that a request on a document may take beside its text and its answer."""
        profile = self._model_profile
        if profile is None or not self._sees:
            return self._thought_tokens
        return self._thought_tokens + len(_pictures(document)) * profile.picture_tokens

    @property
    def thinks(self) -> bool:
        """The model thinks before it answers, as far as can be known without asking it."""
        profile = self._model_profile
        if profile is None:
            return self.reasoning
        return profile.always_thinks or (self.reasoning and "reasoning" in profile.kind)

    @property
    def draws_thoughts(self) -> bool:
        """It is known to think, so that its thoughts can be drawn, and differ each time."""
        return self.thinks and self._model_profile is not None

    @property
    def _sees(self) -> bool:
        profile = self._model_profile
        return profile is not None and "vision" in profile.kind

    def connected(self) -> ChatBackend:
        """The server's own backend, without what was wrapped around it; see `open`."""
        from hybrid.llm.server_metrics import prefix_cache

        with self._lock:
            if self._problem is not None:
                raise ServerError(self._problem)
            if self._backend is None:
                try:
                    backend = self._stack.enter_context(self._connect())
                    self.warnings = [f"{backend.model}: {s}" for s in self._probe(backend)]
                    self._counted_before = prefix_cache(backend)
                    self._backend = backend
                except HybridError as error:
                    self._problem = str(error)
                    raise ServerError(self._problem) from None
                for warning in self.warnings:
                    if self._on_status is not None:
                        self._on_status(warning)
            return self._backend

    def _probe(self, backend: HttpBackend) -> list[str]:
        """Finds out what the server honours, sets the backend up for it, and tells what is missing."""
        from hybrid.llm.probe import probe
        from hybrid.llm.profiles import is_stranger
        from hybrid.llm.unasked_thoughts import make_room_for_thoughts

        said: list[str] = []
        features = probe(backend, reasoning=self.reasoning)
        stranger = features.only_thinks and is_stranger(self.spec, backend.model)
        if stranger and (changed := make_room_for_thoughts(backend)):
            said.append(changed)
            features = probe(backend, reasoning=self.reasoning)
        backend.choices_as_schema = features.choices_as_schema
        return said + features.missing

    def _connect(self) -> AbstractContextManager[HttpBackend]:
        if self.engine == "local":
            from hybrid.llm.local import connect_local

            return connect_local(self.spec, on_status=self._on_status)
        from hybrid.llm.connect import connect

        return connect(self.spec, on_status=self._on_status)

    def prefix_cache(self) -> PrefixCache | None:
        """What the server's prefix cache was asked and had since it was connected to and probed.

        By the server's own count, in which other users of the same server have a part. None where
        nothing was asked, or the server does not tell.
        """
        if self._backend is None or self._counted_before is None:
            return None
        from hybrid.llm.server_metrics import prefix_cache

        counted = prefix_cache(self._backend)
        seen = counted - self._counted_before if counted is not None else None
        return seen if seen is not None and seen.queries > 0 else None

    @property
    def available(self) -> bool:
        """False once connecting has failed or the server was found to be down."""
        return self._problem is None and (self._backend is None or self._backend.available)

    @property
    def draws_several(self) -> bool:
        """See `ChatBackend`; True until something has been asked."""
        return self._backend is None or self._backend.draws_several

    @property
    def model(self) -> str | None:
        """The served model's name: from profile or address, else as reported once connected."""
        if self._given is None:
            if self._is_address:
                named = self.spec.partition("#")[2]
            else:
                named = profile.asked_model if (profile := self._profile) is not None else ""
            if named:
                return named
        return self._backend.model if self._backend is not None else None

    @property
    def context_tokens(self) -> int:
        """For prompt and answer, without the model's thoughts."""
        return self._room(self._thought_tokens)

    def _room(self, taken: int) -> int:
        """The context, as the server tells, else as the profile serves it, less what is taken.

        Where neither says, a small model's: one that thinks or sees has more beside it. Where
        something is wrapped around the backend, the server does not count: a recorded prompt must
        not depend on whether there is one.
        """
        told = getattr(self._backend, "context_tokens", None) if self._wrapped is None else None
        if isinstance(told, int):
            return told - taken
        profile = self._profile
        return profile.max_model_len - taken if profile is not None else DEFAULT_CONTEXT

    @cached_property
    def trust(self) -> float:
        """How far fusion believes this LLM's votes: from its profile, else that of a stranger."""
        from hybrid.llm.profiles import STRANGER_TRUST, trust_of

        if self._given is not None:
            profile = self._profile
            return profile.trust if profile is not None else STRANGER_TRUST
        return trust_of(self.spec)

    @property
    def _thought_tokens(self) -> int:
        """That are added to each answer of this model."""
        profile = self._model_profile
        if profile is None:
            return self._seen_thought_tokens
        return profile.thought_tokens if profile.always_thinks or self.reasoning else 0

    @property
    def _seen_thought_tokens(self) -> int:
        """Those of a model that no profile describes, once it was seen to think."""
        habits = getattr(self._backend, "habits", None) if self._wrapped is None else None
        if habits is None or not (habits.always_thinks or self.reasoning):
            return 0
        return int(habits.thinking_budget)

    @property
    def _model_profile(self) -> Profile | None:
        """Of the model, also where someone else serves it under a name that is known."""
        if self._is_address and self.model is not None:
            return self._served_profile
        return self._profile

    @cached_property
    def _served_profile(self) -> Profile | None:
        from hybrid.llm.profiles import profile_of_served

        return profile_of_served(self.model or "")

    @property
    def _is_address(self) -> bool:
        from hybrid.llm.profiles import is_address

        return is_address(self.spec)

    @cached_property
    def _profile(self) -> Profile | None:
        """That the spec or the given backend names; an address names none."""
        from hybrid.llm.profiles import known_profiles, load_profile

        if self._is_address:
            return None
        try:
            if self._given is not None:
                return known_profiles()[0].get(self._given.profile)
            return load_profile(self.spec)
        except ModelError:  # said in full by `open`
            return None

    def close(self) -> None:
        """Stops the server if this connection started it."""
        if self._wrapped is not None and self._given is None:
            self._wrapped.close()
        self._stack.close()


def _pictures(document: Document) -> tuple[str, ...]:
    from hybrid.llm.profile import MAX_PICTURES

    seen = [page.image for page in document.pages[:MAX_PICTURES] if page.image is not None]
    return tuple(
        f"data:{image.media_type};base64,{base64.b64encode(image.data).decode()}" for image in seen
    )


class _Adjusted:
    """A `ChatBackend` that changes something in every request."""

    def __init__(self, backend: ChatBackend, changes: dict[str, Any]) -> None:
        self._backend = backend
        self._changes = changes
        self.model, self.profile = backend.model, backend.profile

    @property
    def available(self) -> bool:
        return self._backend.available

    @property
    def draws_several(self) -> bool:
        return self._backend.draws_several

    def complete(self, request: ChatRequest) -> ChatReply:
        return self._backend.complete(request.model_copy(update=self._changes))

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        return await self._backend.acomplete(request.model_copy(update=self._changes))

    def complete_many(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        changed = [request.model_copy(update=self._changes) for request in requests]
        return self._backend.complete_many(changed)

    def close(self) -> None:
        self._backend.close()


class _AtFirstRequest:
    """A `ChatBackend` that connects when it is asked something; a failure to is its answer."""

    def __init__(self, connection: LlmConnection) -> None:
        self._connection = connection

    @property
    def model(self) -> str:
        return self._connection.model or self._connection.spec

    @property
    def profile(self) -> str:
        return self._connection.spec

    @property
    def available(self) -> bool:
        return self._connection.available

    @property
    def draws_several(self) -> bool:
        return self._connection.draws_several

    def complete(self, request: ChatRequest) -> ChatReply:
        return self._connection.connected().complete(request)

    async def acomplete(self, request: ChatRequest) -> ChatReply:
        return await asyncio.to_thread(self.complete, request)

    def complete_many(self, requests: Sequence[ChatRequest]) -> list[ChatReply | ServerError]:
        try:
            backend = self._connection.connected()
        except ServerError as error:
            return [error] * len(requests)
        return backend.complete_many(requests)

    def close(self) -> None:
        """The connection itself closes what it opened."""

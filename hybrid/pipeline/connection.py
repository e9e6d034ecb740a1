"""An LLM that is connected to when it is first needed, and given up once it is down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from hybrid.errors import HybridError, ServerError

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend

DEFAULT_CONTEXT = 4096
"""Tokens; every shipped profile has at least as many."""


class LlmConnection:
    """Holds a backend, or the way to one.

    Args:
        spec: Profile name, folder of a model, or address.
        backend: An open backend instead, which then belongs to the caller.
        on_status: Told what is being waited for.
    """

    def __init__(
        self,
        spec: str,
        backend: ChatBackend | None = None,
        on_status: Callable[[str], None] | None = None,
    ) -> None:
        self.spec = spec
        self.warnings: list[str] = []
        self._given = backend
        self._backend = backend
        self._problem: str | None = None
        self._on_status = on_status
        self._stack = ExitStack()
        self._lock = threading.Lock()

    def open(self) -> ChatBackend:
        """The backend, started and probed at the first call.

        What the probe finds missing is added to `warnings` and told to `on_status`.

        Raises:
            ServerError: If it cannot be had; said once in full, and again at once on later calls.
        """
        from hybrid.llm.connect import connect
        from hybrid.llm.probe import probe

        with self._lock:
            if self._problem is not None:
                raise ServerError(self._problem)
            if self._backend is None:
                try:
                    backend = self._stack.enter_context(
                        connect(self.spec, on_status=self._on_status)
                    )
                    self.warnings = [f"{backend.model}: {s}" for s in probe(backend).missing]
                    self._backend = backend
                except HybridError as error:
                    self._problem = str(error)
                    raise ServerError(self._problem) from None
                for warning in self.warnings:
                    if self._on_status is not None:
                        self._on_status(warning)
            return self._backend

    @property
    def model(self) -> str | None:
        """The model that the server reported, once connected."""
        return self._backend.model if self._backend is not None else None

    @property
    def context_tokens(self) -> int:
        """Of the connected model."""
        return getattr(self._backend, "context_tokens", None) or DEFAULT_CONTEXT

    @property
    def trust(self) -> float:
        """How far fusion believes this LLM's votes: from its profile, else that of a stranger."""
        from hybrid.llm.profiles import STRANGER_TRUST, shipped_profiles, trust_of

        if self._given is not None:
            shipped = shipped_profiles().get(self._given.profile)
            return shipped.trust if shipped else STRANGER_TRUST
        return trust_of(self.spec)

    def close(self) -> None:
        """Stops the server if this connection started it."""
        self._stack.close()

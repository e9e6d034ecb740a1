"""Bounds on what a server may send: an answer that never ends must not take the program with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx

MAX_BYTES = 32_000_000
"""Of one answer; log-probabilities of a long thought take a few million."""


class AnswerTooLongError(httpx.TransportError):
    """A server sends more than `MAX_BYTES`."""


def bounded(seconds: float) -> Callable[[httpx.Response], None]:
    """A response hook for an `httpx.Client`.

    Args:
        seconds: That an answer may take from its first byte to its last. The client's own timeout
            only bounds the silence between two bytes.

    Returns:
        Makes reading a body end with `AnswerTooLongError` or `httpx.ReadTimeout`.
    """

    def hook(response: httpx.Response) -> None:
        if isinstance(response.stream, httpx.SyncByteStream):
            response.stream = _Bounded(response.stream, seconds)

    return hook


class _Bounded(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream, seconds: float) -> None:
        self._stream = stream
        self._seconds = seconds

    def __iter__(self) -> Iterator[bytes]:
        deadline = time.monotonic() + self._seconds
        size = 0
        for chunk in self._stream:
            size += len(chunk)
            if size > MAX_BYTES:
                raise AnswerTooLongError(f"an answer of more than {MAX_BYTES // 10**6} MB")
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout(f"the answer did not end within {self._seconds:.0f} s")
            yield chunk

    def close(self) -> None:
        self._stream.close()

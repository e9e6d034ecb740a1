"""Bounds on what a server may send and how long: what never ends must not take the program with it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

MAX_BYTES = 32_000_000
"""Of one answer; log-probabilities of a long thought take a few million."""


_WRITTEN, _READ = 240, 10_000
"""Tokens to write, and characters to read, that are worth as long a wait as any answer is: with two minutes
two tokens a second, which a model of 1.5 billion writes on two cores when it has sixteen requests."""
_MOST_READ = 100_000


class AnswerTooLongError(httpx.TransportError):
    """A server sends more than `MAX_BYTES`."""


def patience(body: Mapping[str, Any], seconds: float) -> float:
    """How long an answer may take: a server that writes a long one is silent until its end.

    Args:
        body: Of the request.
        seconds: For a short answer to a short question.
    """
    asked = json.dumps(body.get("messages", ""), ensure_ascii=False)
    # A picture comes as its bytes, which are many more than it has tokens.
    read = min(len(asked), _MOST_READ)
    return seconds * (1 + int(body.get("max_tokens", 0)) / _WRITTEN + read / _READ)


def silence(seconds: float) -> httpx.Timeout:
    """How long to wait for the next byte; a connection is there within ten seconds or not at all."""
    return httpx.Timeout(seconds, connect=min(seconds, 10.0), pool=None)


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

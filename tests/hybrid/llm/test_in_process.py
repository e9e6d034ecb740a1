"""An application of this process as a transport; what it shares with a socket is in the contract."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import httpx
import pytest

from hybrid.llm.in_process import InProcessTransport
from tests.hybrid.llm.pretended_app import running_loop

REQUEST = httpx.Request("GET", "http://this-process/x")


def with_timeout(seconds: float) -> httpx.Request:
    return httpx.Request("GET", "http://this-process/x", extensions={"timeout": {"read": seconds}})


def test_a_request_that_takes_too_long_is_cancelled_inside() -> None:
    cancelled = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with running_loop() as loop:
        transport = InProcessTransport(app, loop, lambda: None)
        with pytest.raises(httpx.ReadTimeout, match="no answer"):
            transport.handle_request(with_timeout(0.1))
        assert cancelled.wait(5)


def test_an_error_of_the_application_is_an_answer() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("a mistake")

    with running_loop() as loop:
        answer = InProcessTransport(app, loop, lambda: None).handle_request(REQUEST)
    assert answer.status_code == 500


def test_an_application_that_has_ended_is_not_asked() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        pytest.fail("asked")

    with running_loop() as loop:
        transport = InProcessTransport(app, loop, lambda: "it has ended: too little memory")
        with pytest.raises(httpx.ConnectError, match="too little memory"):
            transport.handle_request(REQUEST)
    gone = InProcessTransport(app, loop, lambda: None)
    with pytest.raises(httpx.ConnectError, match="ended"):
        gone.handle_request(REQUEST)


def test_one_that_ends_while_it_is_asked() -> None:
    problems: list[str | None] = [None, "it has ended: killed"]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(60)

    with running_loop() as loop:
        transport = InProcessTransport(app, loop, lambda: problems.pop(0))
        with pytest.raises(httpx.ConnectError, match="killed"):
            transport.handle_request(with_timeout(0.1))

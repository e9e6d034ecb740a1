"""A web application in this process as something that an `httpx.Client` can talk to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import Any

import httpx


class InProcessTransport(httpx.BaseTransport):
    """Calls an ASGI application that lives in an event loop of another thread.

    There is no socket; all else is as for a server, so that what is written for one works here too.
    Any thread may call. A request that takes too long is cancelled in the application.

    Args:
        app: The application; its errors are answers with status 500.
        loop: In which it runs.
        problem: Says why the application cannot answer any more, or None while it can.
    """

    def __init__(
        self, app: Any, loop: asyncio.AbstractEventLoop, problem: Callable[[], str | None]
    ) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._loop = loop
        self._problem = problem

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answers one request.

        Raises:
            httpx.ConnectError: If the application has ended.
            httpx.ReadTimeout: If it does not answer within the request's timeout.
        """
        self._check(request)
        seconds = request.extensions.get("timeout", {}).get("read")
        answer = self._answer(request)
        try:
            future = asyncio.run_coroutine_threadsafe(answer, self._loop)
        except RuntimeError as error:  # the loop was closed since
            answer.close()
            raise httpx.ConnectError("it has ended", request=request) from error
        try:
            return future.result(seconds)
        except TimeoutError as error:
            future.cancel()
            self._check(request)
            raise httpx.ReadTimeout(f"no answer in {seconds:.0f} s", request=request) from error
        except CancelledError as error:
            raise httpx.ConnectError("it has ended", request=request) from error

    def _check(self, request: httpx.Request) -> None:
        problem = self._problem()
        if problem is not None:
            raise httpx.ConnectError(problem, request=request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        assert isinstance(answer.stream, httpx.AsyncByteStream)
        content = b"".join([chunk async for chunk in answer.stream])
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)

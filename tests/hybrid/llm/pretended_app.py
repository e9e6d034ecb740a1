"""One pretended server behind a socket, and the same one inside this process."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hybrid.llm.http import HttpBackend
from hybrid.llm.in_process import InProcessTransport

Answer = Callable[[str, Any], tuple[int, str]]
"""From path and body (None for GET) to status and text; may take its time."""


@contextmanager
def behind_a_socket(answer: Answer, **options: Any) -> Iterator[HttpBackend]:
    """A backend that talks to the server over HTTP."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*answer(self.path, None))

        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            self._send(*answer(self.path, json.loads(self.rfile.read(length))))

        def _send(self, status: int, text: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            """A client that went away while it was answered is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        with HttpBackend(f"http://127.0.0.1:{server.server_address[1]}/v1", **options) as backend:
            yield backend
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def in_this_process(answer: Answer, **options: Any) -> Iterator[HttpBackend]:
    """A backend that calls the server's application."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = json.loads(message["body"]) if message["body"] else None
        status, text = await asyncio.to_thread(answer, scope["path"], body)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    with running_loop() as loop:
        transport = InProcessTransport(app, loop, lambda: None)
        with HttpBackend("http://this-process/v1", transport=transport, **options) as backend:
            yield backend


@contextmanager
def running_loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()

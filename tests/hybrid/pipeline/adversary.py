"""An OpenAI-compatible server that misbehaves as it is told, on a port of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Request = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What goes over the wire.

    Attributes:
        body: Bytes, or a value that is sent as JSON.
        status: Of HTTP.
        claimed: Content-Length, where it is another than the body's; None for the true one.
        chunked: The body comes in chunks, and the last chunk never.
        silent: Seconds before anything is sent, or after each byte where `drip`.
        drip: Bytes come one by one, for ever.
        headers: Further ones.
        raw: The body is all that is sent: no status line, no headers.
    """

    body: Any = b""
    status: int = 200
    claimed: int | None = None
    chunked: bool = False
    silent: float = 0.0
    drip: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    raw: bool = False

    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Behaviour = Callable[[Request], Answer]


@dataclass
class Adversary:
    """A running server.

    Attributes:
        url: Its address, ends in "/v1".
        requests: Bodies of the chat requests so far.
        ended: Set when the server is told to stop: nobody sleeps longer.
    """

    url: str
    requests: list[Request] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


@contextmanager
def misbehaving(
    behaviour: Behaviour, listed: Sequence[dict[str, Any]] = ({"id": "m"},)
) -> Iterator[Adversary]:
    """Runs a server, of the model "m" where nothing else is listed, while the context is open."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._send(Answer({"object": "list", "data": list(listed)}))

        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            request = json.loads(self.rfile.read(size))
            adversary.requests.append(request)
            self._send(behaviour(request))

        def _send(self, answer: Answer) -> None:
            adversary.ended.wait(answer.silent)
            body = answer.bytes()
            self.close_connection = True
            if answer.raw:
                self.wfile.write(body)
                return
            self.send_response(answer.status)
            self.send_header("content-type", "application/json")
            # Told, so that clients do not send the next request into a connection that closes.
            self.send_header("connection", "close")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.chunked:
                self.send_header("transfer-encoding", "chunked")
                body = f"{len(body):x}\r\n".encode() + body + b"\r\n"
            elif not answer.drip:
                claimed = len(body) if answer.claimed is None else answer.claimed
                self.send_header("content-length", str(claimed))
            self.end_headers()
            try:
                self.wfile.write(body)
                while answer.drip and not adversary.ended.wait(0.02):
                    self.wfile.write(b" ")
            except OSError:  # the client has given up
                pass

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Clients may give up at any time."""

    server = Server(("127.0.0.1", 0), Handler)
    adversary = Adversary(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield adversary
    finally:
        adversary.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def completion(content: Any, finish: Any = "stop", logprobs: Any = None, **message: Any) -> Answer:
    """A well-formed completion with that content."""
    choice = {"index": 0, "finish_reason": finish, "logprobs": logprobs}
    choice["message"] = {"role": "assistant", "content": content, **message}
    usage = {"prompt_tokens": 100, "completion_tokens": 90, "total_tokens": 190}
    return Answer({"id": "c", "object": "chat.completion", "choices": [choice], "usage": usage})


def saying(content: Any, **keywords: Any) -> Behaviour:
    """Answers everything with the same content."""
    return lambda request: completion(content, **keywords)

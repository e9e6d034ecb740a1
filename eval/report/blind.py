"""A page on which a person prefers one of two results without knowing which system made which.

It is served on this machine only. A page of another site, or another user's program, cannot choose
or read: every request has to carry the token of the address, the name of this very server in `Host`
(which also stops names that are pointed at 127.0.0.1), and no foreign `Origin`.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .html import render
from .pairs import Contestant, Pair, pairs_of, shown_pages, shown_values
from .preferences import WinRate, append_preference, read_preferences, win_rate

_LONGEST_FORM = 4096
_BUTTONS = ("1", "2", "0")


class BlindSession:
    """The documents to judge and what has been judged.

    Args:
        first: One contestant.
        second: The other one.
        path: `preferences.jsonl`; what it holds on these contestants is not asked again.
        seed: Of the order of documents and of sides.

    Attributes:
        pairs: All documents on which the two differ.
    """

    def __init__(self, first: Contestant, second: Contestant, path: Path, seed: int = 0) -> None:
        self.first, self.second, self.path = first, second, path
        self.pairs = pairs_of(first, second, seed)
        self._lock = threading.Lock()
        self._preferences = [p for p in read_preferences(path) if self._is_ours(p)]
        keys = {tuple(p["document"]) for p in self._preferences}
        self._waiting = [n for n, pair in enumerate(self.pairs) if pair.key not in keys]

    @property
    def preferences(self) -> list[dict[str, Any]]:
        """What was preferred between these two, earlier and now."""
        with self._lock:
            return list(self._preferences)

    @property
    def rate(self) -> WinRate:
        """The rate at which the first contestant wins."""
        return win_rate(self.preferences)

    def waiting(self) -> tuple[int, int]:
        """Number of the next pair, or -1 when all are judged, and how many are left."""
        with self._lock:
            return (self._waiting[0] if self._waiting else -1), len(self._waiting)

    def choose(self, number: int, button: str) -> None:
        """Records a preference; one on a pair that is judged already changes nothing."""
        pair = self.pairs[number]
        with self._lock:
            if number not in self._waiting:
                return
            preference = {
                "document": list(pair.key),
                "first": self.first.name,
                "second": self.second.name,
                "shown_first": "second" if pair.swapped else "first",
                "choice": pair.choice(button),
            }
            append_preference(self.path, preference)
            self._waiting.remove(number)
            self._preferences.append(preference)

    def page(self, token: str) -> str:
        """The next document, or the outcome when all are judged."""
        number, left = self.waiting()
        pair = self.pairs[number] if number >= 0 else None
        return render(
            "blind.html.j2",
            "blind.js",
            title="Which result is better?",
            forms=True,
            pair=pair,
            number=number,
            token=token,
            done=len(self.pairs) - left,
            total=len(self.pairs),
            pages=[] if pair is None else shown_pages(self.first, self.second, pair),
            values=[] if pair is None else shown_values(self.first, self.second, pair),
            rate=self.rate,
            names=(self.first.name, self.second.name),
        )

    def _is_ours(self, preference: dict[str, Any]) -> bool:
        names = (preference.get("first"), preference.get("second"))
        return names == (self.first.name, self.second.name)


class BlindServer:
    """Serves a session on a free port of 127.0.0.1 while the `with` block runs."""

    def __init__(self, session: BlindSession) -> None:
        self.session = session
        self.token = secrets.token_urlsafe(24)
        self.finished = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler, self)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def host(self) -> str:
        """Address and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"http://{self.host}/?token={self.token}"

    def __enter__(self) -> BlindServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until all documents are judged and the outcome was shown; False when time is up."""
        return self.finished.wait(timeout)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[_Handler], blind: BlindServer):
        super().__init__(address, handler)
        self.blind = blind


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:  # the name that http.server calls
        address = urlsplit(self.path)
        if address.path != "/" or not self._is_allowed(parse_qs(address.query).get("token", [])):
            self._refuse()
            return
        blind = self.server.blind
        self._send(HTTPStatus.OK, blind.session.page(blind.token))
        if blind.session.waiting()[0] < 0:
            blind.finished.set()

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _LONGEST_FORM:
            self._refuse()
            return
        form = parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
        if self.path != "/choose" or not self._is_allowed(form.get("token", [])):
            self._refuse()
            return
        blind = self.server.blind
        number, button = form.get("pair", [""])[0], form.get("choice", [""])[0]
        known = number.isdecimal() and int(number) < len(blind.session.pairs)
        if not known or button not in _BUTTONS:
            self._send(HTTPStatus.BAD_REQUEST, "unknown document or choice")
            return
        blind.session.choose(int(number), button)
        self._send(HTTPStatus.SEE_OTHER, "", Location=f"/?token={blind.token}")

    def _is_allowed(self, tokens: Sequence[str]) -> bool:
        blind = self.server.blind
        origin = self.headers.get("Origin")
        return (
            self.headers.get("Host") == blind.host
            and origin in (None, f"http://{blind.host}")
            and len(tokens) == 1
            and hmac.compare_digest(tokens[0].encode(), blind.token.encode())
        )

    def _refuse(self) -> None:
        # What was sent may not have been read: the connection must not be used again.
        self.close_connection = True
        self._send(HTTPStatus.FORBIDDEN, "open the address that the command printed")

    def _send(self, status: HTTPStatus, html: str, **headers: str) -> None:
        body = html.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        if self.close_connection:
            self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Says nothing: a person is at work on the terminal."""


__all__ = ["BlindServer", "BlindSession", "Pair"]

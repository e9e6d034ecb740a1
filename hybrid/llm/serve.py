"""Starts vLLM, waits until it is ready, and ends it with everything that it started."""

from __future__ import annotations

import atexit
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import httpx
from rich.console import Console

from hybrid.errors import ServerError
from hybrid.llm import supervise
from hybrid.llm.logs import server_log
from hybrid.llm.models import servable_model
from hybrid.llm.registry import registered
from hybrid.llm.vllm_command import (
    last_error,
    precision_told,
    vllm_command,
    vllm_environment,
)

_HOST = "127.0.0.1"


class VllmServer:
    """A vLLM server of our own, as a context manager.

    It is ended on leaving the context, on exceptions and Ctrl-C, and when this process ends in
    whatever way.

    Attributes:
        profile: Of the model.
        folder: Of the model.
        port: That it listens at, on this machine only.
        log_path: vLLM's output.
    """

    def __init__(
        self,
        profile: str | Path,
        port: int | None = None,
        log_path: Path | None = None,
        startup_timeout: float = 600.0,
        on_status: Callable[[str], None] | None = None,
    ) -> None:
        """Finds the model; nothing is started yet.

        Args:
            profile: Name of a profile, or the path of a profile or of a model folder.
            port: None for a free one.
            log_path: None for a file in the cache's `logs` folder.
            startup_timeout: Seconds until it has to be ready.
            on_status: Told in a line what goes on, about once a second.

        Raises:
            ModelError: If the model is unknown, not an LLM, or not pulled.
        """
        self.profile, self.folder = servable_model(profile)
        self.port = port or 0
        self.log_path = log_path
        self._startup_timeout = startup_timeout
        self._on_status = on_status or (lambda line: None)
        self._process: subprocess.Popen[bytes] | None = None
        self.precision = ""
        """As of `precision_told`; once it was started."""

    @property
    def base_url(self) -> str:
        """Address for clients, ends in "/v1"."""
        return f"http://{_HOST}:{self.port}/v1"

    @property
    def running(self) -> bool:
        """Whether the server's process is there."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts the server and returns when it is ready.

        Raises:
            ServerError: If it dies or is not ready in time; the message ends with vLLM's own words.
            MissingExtraError: If vLLM is not installed.
        """
        self.port = _free_port(self.port)
        command = vllm_command(self.profile, self.folder, _HOST, self.port)
        if self.log_path is None:
            self.log_path = server_log(f"{self.profile.name}-{self.port}")
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            log = self.log_path.open("wb")
        except OSError as error:
            raise ServerError(f"{self.log_path}: cannot be written: {error.strerror}") from error
        with log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", supervise.__file__, *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=vllm_environment(),
                start_new_session=True,
            )
        atexit.register(self.stop)
        try:
            self._wait_until_ready()
            self.precision = precision_told(self.profile, command)
            self._on_status(f"vLLM serves {self.profile.name} at {self.base_url}{self.precision}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the server and all that it started; does nothing where it has ended already."""
        process, self._process = self._process, None
        if process is None:
            return
        atexit.unregister(self.stop)
        assert process.stdin is not None
        process.stdin.close()
        # Beside the closed pipe, for a forked child of ours may hold a copy of it.
        process.terminate()
        process.wait()

    def check(self) -> None:
        """Checks that the server has not ended by itself.

        Raises:
            ServerError: If it has, with vLLM's own last words.
        """
        if self._process is not None and (code := self._process.poll()) is not None:
            log = self._read_log()
            raise ServerError(
                f"vLLM ended with exit code {code}: {last_error(log) or 'it said nothing'} "
                f"(log: {self.log_path})"
            )

    def __enter__(self) -> VllmServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _wait_until_ready(self) -> None:
        started = time.monotonic()
        while (elapsed := time.monotonic() - started) < self._startup_timeout:
            self._on_status(
                f"starting vLLM with {self.profile.name}, {elapsed:.0f} s (log: {self.log_path})"
            )
            self.check()
            if self._is_healthy():
                return
            time.sleep(min(1.0, self._startup_timeout / 10))
        said = last_error(self._read_log()) or "nothing"
        raise ServerError(
            f"vLLM was not ready after {self._startup_timeout:.0f} s; it last said: {said} "
            f"(log: {self.log_path})"
        )

    def _is_healthy(self) -> bool:
        try:
            return httpx.get(f"http://{_HOST}:{self.port}/health", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def _read_log(self) -> str:
        assert self.log_path is not None
        return self.log_path.read_text(encoding="utf-8", errors="replace")


def serve_forever(
    name: str | Path,
    port: int | None = None,
    log_path: Path | None = None,
    console: Console | None = None,
) -> None:
    """Serves a model until Ctrl-C or SIGTERM, announced so that `hybrid extract` finds it.

    Args:
        name: Of a profile, or the path of a profile or of a model folder.
        port: None for a free one.
        log_path: None for a file in the cache's `logs` folder.
        console: To print where it listens; None for standard error.

    Raises:
        ServerError: If it does not start, or ends by itself.
        ModelError: If the model is unknown, not an LLM, or not pulled.
        MissingExtraError: If vLLM is not installed.
    """
    console = console or Console(stderr=True)
    with _interrupt_on_terminate(), console.status("") as status:
        try:
            server = VllmServer(name, port, log_path, on_status=status.update)
            with server, registered(server.profile, server.folder, server.base_url):
                status.stop()
                console.print(
                    f"{server.profile.name} listens at {server.base_url}{server.precision} "
                    f"(log: {server.log_path}); Ctrl-C ends it",
                    soft_wrap=True,
                )
                while True:
                    time.sleep(0.5)
                    server.check()
        except KeyboardInterrupt:
            console.print("ended")


@contextmanager
def _interrupt_on_terminate() -> Iterator[None]:
    """Turns SIGTERM into KeyboardInterrupt, so that both take the same way out."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _free_port(port: int) -> int:
    """The port itself where it is free; any free one for 0."""
    with socket.socket() as probe:
        # As servers do: connections of an ended server that linger do not count as in use.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise ServerError(f"port {port} cannot be used: {error.strerror}") from error
        return int(probe.getsockname()[1])

"""vLLM inside this process: its own web application, called without a server or a socket."""

from __future__ import annotations

import asyncio
import atexit
import importlib
import json
import logging.config
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from hybrid.errors import ServerError
from hybrid.llm import guard
from hybrid.llm.connect import backend_of
from hybrid.llm.http import HttpBackend
from hybrid.llm.in_process import InProcessTransport
from hybrid.llm.logs import server_log
from hybrid.llm.models import servable_model
from hybrid.llm.vllm_check import argument_parser, first_of
from hybrid.llm.vllm_command import flags_here, last_error, precision_told, vllm_environment

URL = "http://this-process/v1"
"""Stands where a server's address would; nothing is looked up under it."""

# vLLM moves its modules about; the newest place comes first.
_SERVING = (
    "vllm.entrypoints.launchers.api_server.entry",
    "vllm.entrypoints.openai.api_server",
)
_GRACE_SECONDS = 15.0
_GUARD_SECONDS = 5.0


class LocalEngine:
    """A model in vLLM's engine, inside this process, as a context manager.

    What a server would do is done here: vLLM's own application (chat template, grammars, parsers,
    counts of tokens, errors) over its asynchronous engine, with the flags that the server gets. It
    runs in an event loop of a thread of its own, so that requests from all threads are batched
    together. The engine core itself computes in processes that vLLM starts; they end on leaving the
    context, on exceptions and Ctrl-C, and when this process ends in whatever way.

    Starting it imports the main module of the program once more in these processes: a script that
    uses it needs `if __name__ == "__main__":`.

    Attributes:
        profile: Of the model.
        folder: Of the model.
        log_path: vLLM's output.
    """

    def __init__(
        self,
        profile: str | Path,
        log_path: Path | None = None,
        startup_timeout: float = 600.0,
        on_status: Callable[[str], None] | None = None,
    ) -> None:
        """Finds the model; nothing is started yet.

        Args:
            profile: Name, or path of a profile or of a model folder.
            log_path: None for a file in the cache's `logs` folder.
            startup_timeout: Seconds until it has to be ready.
            on_status: Told in a line what goes on, about once a second.

        Raises:
            ModelError: If the model is unknown, not an LLM, or not pulled.
        """
        self.profile, self.folder = servable_model(profile)
        name = f"{self.profile.name}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.log_path = log_path or server_log(name)
        self._startup_timeout = startup_timeout
        self._on_status = on_status or (lambda line: None)
        self._token = uuid.uuid4().hex
        self._guard: subprocess.Popen[bytes] | None = None
        self._thread: threading.Thread | None = None
        self._transport: InProcessTransport | None = None
        self._end: Callable[[], object] = lambda: None

    @property
    def transport(self) -> httpx.BaseTransport:
        """For an `HttpBackend` at `URL`; only while the engine runs."""
        if self._transport is None:
            raise ServerError(f"vLLM with {self.profile.name} does not run")
        return self._transport

    def start(self) -> None:
        """Starts the engine and returns when it is ready.

        Raises:
            ServerError: If it fails or is not ready in time; the message has vLLM's own words.
            ModelError: If the profile does not serve the model on such a machine.
            MissingExtraError: If vLLM is not installed.
        """
        flags = ["--model", str(self.folder), "--no-use-tqdm-on-load"]
        flags += flags_here(self.profile, self.folder)
        settings = self._write_log_settings()
        self._guard = subprocess.Popen(
            [sys.executable, "-I", guard.__file__, self._token],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        atexit.register(self.stop)
        ready: Future[InProcessTransport] = Future()
        changes = vllm_environment() | {
            "VLLM_LOGGING_CONFIG_PATH": str(settings),
            # Threads run here already, which a fork would leave behind in the middle of something.
            "VLLM_WORKER_MULTIPROC_METHOD": "spawn",
            guard.VARIABLE: self._token,
            # Else processes that give themselves a name write it over their environment.
            "SPT_NOENV": "1",
            # What its processes would write between the lines of the program.
            "PYTHONWARNINGS": "ignore",
            "TORCH_CPP_LOG_LEVEL": "ERROR",
        }
        try:
            with _environment(changes):
                self._thread = threading.Thread(
                    target=self._run, args=(flags, ready), name="hybrid-vllm", daemon=True
                )
                self._thread.start()
                self._transport = self._wait_until_ready(ready)
            how = precision_told(self.profile, flags)
            self._on_status(f"vLLM runs {self.profile.name} in this process{how}")
        except BaseException:
            self.stop()
            raise
        finally:
            settings.unlink(missing_ok=True)

    def stop(self) -> None:
        """Ends the engine and all that it started; does nothing where it has ended already."""
        thread, self._thread = self._thread, None
        process, self._guard = self._guard, None
        if process is None:
            return
        atexit.unregister(self.stop)
        if thread is not None and self._transport is not None:
            self._end()
            thread.join(_GRACE_SECONDS)
        self._transport = None
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_GUARD_SECONDS)
        except subprocess.TimeoutExpired:  # a forked child of ours holds a copy of the pipe
            process.terminate()
            process.wait()
        if thread is not None:  # one that was still starting ends now that its processes have
            thread.join(_GRACE_SECONDS)

    def __enter__(self) -> LocalEngine:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self, flags: list[str], ready: Future[InProcessTransport]) -> None:
        """The engine's thread."""
        # Ctrl-C at a terminal goes to all processes, and documents that are being done still need
        # the engine's: they inherit the mask. The tracker would lift it when it starts.
        resource_tracker.ensure_running()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            # The loop that vLLM's server runs in.
            new_loop = importlib.import_module("uvloop").new_event_loop
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(self._serve(flags, ready))
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)

    async def _serve(self, flags: list[str], ready: Future[InProcessTransport]) -> None:
        arguments = argument_parser().parse_args(flags)
        first_of(("vllm.logger",), "configure_logging_from_args")(arguments)
        build_engine = first_of(_SERVING, "build_async_engine_client")
        async with build_engine(arguments) as engine:
            tasks = await engine.get_supported_tasks()
            app = first_of(_SERVING, "build_app")(arguments, tasks, engine.model_config)
            await first_of(_SERVING, "init_app_state")(engine, app.state, arguments, tasks)
            loop, ended = asyncio.get_running_loop(), asyncio.Event()
            self._end = lambda: loop.call_soon_threadsafe(ended.set)
            ready.set_result(InProcessTransport(app, loop, lambda: self._problem(engine)))
            await ended.wait()

    def _problem(self, engine: Any) -> str | None:
        if self._thread is None:
            return "it has ended"
        if engine.errored:
            return f"it has ended: {self._last_words()} (log: {self.log_path})"
        return None

    def _wait_until_ready(self, ready: Future[InProcessTransport]) -> InProcessTransport:
        started = time.monotonic()
        while (elapsed := time.monotonic() - started) < self._startup_timeout:
            self._on_status(
                f"starting vLLM in this process with {self.profile.name}, {elapsed:.0f} s "
                f"(log: {self.log_path})"
            )
            wait([ready], min(1.0, self._startup_timeout / 10))
            if ready.done():
                return self._started(ready)
        raise ServerError(
            f"vLLM was not ready after {self._startup_timeout:.0f} s; it last said: "
            f"{self._last_words()} (log: {self.log_path})"
        )

    def _started(self, ready: Future[InProcessTransport]) -> InProcessTransport:
        try:
            return ready.result()
        except (Exception, SystemExit) as error:
            text = " ".join(str(error).split())[:300]
            said = self._last_words(text or type(error).__name__)
            raise ServerError(
                f"vLLM did not start in this process: {said} (log: {self.log_path})"
            ) from error

    def _last_words(self, otherwise: str = "nothing") -> str:
        log = self.log_path.read_text(encoding="utf-8", errors="replace")
        return last_error(log) or otherwise

    def _write_log_settings(self) -> Path:
        """A file that sends what vLLM says, here and in its processes, to the log."""
        settings = {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "format": "%(levelname)s %(asctime)s [%(name)s:%(lineno)d] %(message)s",
                    "datefmt": "%m-%d %H:%M:%S",
                }
            },
            "handlers": {
                "file": {
                    "class": "logging.FileHandler",
                    "filename": str(self.log_path),
                    "formatter": "line",
                }
            },
            "loggers": {"vllm": {"handlers": ["file"], "level": "INFO", "propagate": False}},
        }
        path = self.log_path.with_suffix(".logging.json")
        try:
            self.log_path.parent.mkdir(parents=True, exist_ok=True)
            self.log_path.write_text("", encoding="utf-8")
            path.write_text(json.dumps(settings), encoding="utf-8")
        except OSError as error:
            raise ServerError(f"{self.log_path}: cannot be written: {error.strerror}") from error
        # vLLM does so too, but says something while it is imported.
        logging.config.dictConfig(settings)
        return path


@contextmanager
def connect_local(
    spec: str, *, on_status: Callable[[str], None] | None = None, retries: int = 3
) -> Iterator[HttpBackend]:
    """A backend for a model that runs in this process for as long as the context is open.

    Args:
        spec: Name of a profile, path of a profile or of a model folder.
        on_status: Told in a line what goes on.
        retries: Of the backend.

    Raises:
        ModelError: If the model is unknown, not pulled, or not served on this machine.
        ServerError: If the engine does not start.
        MissingExtraError: If vLLM is not installed.
    """
    with ExitStack() as stack:
        engine = stack.enter_context(LocalEngine(spec, on_status=on_status))
        backend = backend_of(engine.profile, URL, retries, engine.transport)
        stack.callback(backend.close)
        yield backend


@contextmanager
def _environment(changes: dict[str, str]) -> Iterator[None]:
    """Sets environment variables, and then undoes these and whatever else was changed meanwhile."""
    before = dict(os.environ)
    os.environ.update(changes)
    try:
        yield
    finally:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)

"""vLLM goes away in the middle of a batch: nothing is lost, and a second run completes it."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest

SAMPLE = Path(__file__).parents[3] / "eval" / "samples" / "documents" / "receipt-cafe.png"

pytestmark = [pytest.mark.vllm, pytest.mark.slow]


VISIT = """
from pydantic import BaseModel, Field

class Visit(BaseModel):
    place: str | None = Field(default=None, description="what kind of shop it is")
"""
"""No checkpoint has a label for it and no key leads to it, so an LLM of which nothing is known reads it."""


def command(folder: Path, out: Path, port: int) -> list[str]:
    words = [sys.executable, "-m", "hybrid", "extract", str(folder), "--out", str(out)]
    words += ["--schema", f"{folder.parent / 'visit.py'}:Visit", "--workers", "1", "--no-html"]
    return [*words, "--llm", f"http://127.0.0.1:{port}/v1"]


def results(out: Path) -> dict[str, dict[str, Any]]:
    return {p.stem: json.loads(p.read_text()) for p in sorted(out.glob("*.json"))}


def unverified(result: dict[str, Any]) -> bool:
    return any(leaf["status"] == "unverified" for leaf in result["fields"].values())


class Relay:
    """A port through which a server is reached, until it is closed: then it is as if the server were
    dead, in the midst of replies too."""

    def __init__(self, address: str, port: int = 0) -> None:
        self._target = urlsplit(address).hostname, urlsplit(address).port
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for end in [self._listener, *self._open]:
            # Wakes the threads that wait for it, as closing alone does not.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # until it is closed
            while True:
                ours, _ = self._listener.accept()
                theirs = socket.create_connection(self._target)
                self._open += [ours, theirs]
                for source, sink in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                sink.sendall(chunk)
            sink.shutdown(socket.SHUT_WR)


def test_batch_survives_and_is_completed(tmp_path: Path, vllm_server: str) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (tmp_path / "visit.py").write_text(VISIT, encoding="utf-8")
    for number in range(3):
        # Bytes after the picture's end change the content's hash and nothing else.
        (folder / f"{number}.png").write_bytes(SAMPLE.read_bytes() + bytes([number]))
    with Relay(vllm_server) as relay:
        port = relay.port
        batch = subprocess.Popen(command(folder, out, port), stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 240
        while not (out / "0.json").exists() and time.monotonic() < deadline:
            assert batch.poll() is None
            time.sleep(0.05)
    _, said = batch.communicate(timeout=240)
    assert batch.returncode == 1, said
    assert "not verified by the LLM" in said
    first = results(out)
    assert set(first) == {"0", "1", "2"}
    assert not unverified(first["0"]), first["0"]["run"]["warnings"]
    assert unverified(first["2"])
    kept = {name: (out / f"{name}.json").stat().st_mtime_ns for name in first}
    with Relay(vllm_server, port):
        done = subprocess.run(
            command(folder, out, port), check=False, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, done.stderr
    second = results(out)
    assert not any(unverified(result) for result in second.values())
    again = {n for n in kept if (out / f"{n}.json").stat().st_mtime_ns != kept[n]}
    assert again == {name for name, result in first.items() if unverified(result)}

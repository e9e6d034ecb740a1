"""Nothing that was started with the token outlives whoever holds the pipe."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hybrid.llm import guard

TOKEN = f"test-{os.getpid()}"
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def marked() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(SLEEP, env=os.environ | {guard.VARIABLE: TOKEN})
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def unmarked() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(SLEEP, env=os.environ | {guard.VARIABLE: f"{TOKEN}-other"})
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def watching() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-I", guard.__file__, TOKEN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("way", ["closed", "terminated"])
def test_marked_processes_end_and_no_others(
    marked: subprocess.Popen[bytes],
    unmarked: subprocess.Popen[bytes],
    watching: subprocess.Popen[bytes],
    way: str,
) -> None:
    _wait_until_it_watches(watching.pid)
    assert marked.poll() is None
    if way == "closed":
        assert watching.stdin is not None
        watching.stdin.close()
    else:
        watching.terminate()
    assert watching.wait(20) == 0
    assert marked.wait(5) == -signal.SIGKILL
    assert unmarked.poll() is None


def test_with_nothing_to_kill(watching: subprocess.Popen[bytes]) -> None:
    assert guard.processes_with(TOKEN) == []
    assert watching.stdin is not None
    watching.stdin.close()
    assert watching.wait(20) == 0


def _wait_until_it_watches(pid: int) -> None:
    """Until it catches SIGTERM."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        caught = re.search(
            r"^SigCgt:\s*(\S+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE
        )
        if caught is not None and int(caught[1], 16) & 1 << (signal.SIGTERM - 1):
            return
        time.sleep(0.02)
    pytest.fail("it never watched")

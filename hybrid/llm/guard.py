"""A small process that never lets a vLLM inside our process outlive it.

vLLM computes in processes of its own, which do not notice when the one that started them is killed.
Run as a script with a token as its argument. Its standard input is a pipe that only the parent
holds open: when the parent closes it, or ends in whatever way, also by SIGKILL, all processes that
were started with the token in the environment variable `VARIABLE` are killed.

It imports only the standard library.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

VARIABLE = "HYBRID_LOCAL_ENGINE"
_ROUNDS = 20
"""A process may start another one while it is looked for."""


def processes_with(token: str) -> list[int]:
    """Ids of the processes that were started with that token in their environment."""
    wanted = f"{VARIABLE}={token}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:  # another user's, or gone meanwhile
            continue
    return found


def kill_all(token: str) -> None:
    """Kills them."""
    for _ in range(_ROUNDS):
        found = processes_with(token)
        if not found:
            return
        for process in found:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue


def main(token: str) -> None:
    """Waits until standard input closes or SIGTERM comes, and kills."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.stdin.buffer.read()
    except KeyboardInterrupt:
        pass
    finally:
        kill_all(token)


if __name__ == "__main__":
    main(sys.argv[1])

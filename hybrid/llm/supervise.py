"""A small process between us and vLLM that never lets vLLM outlive us.

Run as a script with vLLM's command as arguments. Its standard input is a pipe that only the parent
holds open: when the parent ends in whatever way, also by SIGKILL, the pipe closes, and the whole
process group of the command is killed. (Linux's "parent death signal" would not do: it follows the
thread that started the child, and not vLLM's own children.)

It imports only the standard library, and it ends with the command's exit code.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time

_GRACE_SECONDS = 10.0
_POLL_SECONDS = 0.2


def supervise(command: list[str]) -> int:
    """Runs a command until it ends, standard input closes, or SIGTERM comes.

    Returns:
        The command's exit code; negative for the signal that ended it.
    """
    stop_read, stop_write = os.pipe()
    signal.signal(signal.SIGTERM, lambda *_: os.write(stop_write, b"."))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A group of its own, which all that it starts will belong to.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        while child.poll() is None:
            ready, _, _ = select.select([sys.stdin.fileno(), stop_read], [], [], _POLL_SECONDS)
            if ready:
                _signal_group(child.pid, signal.SIGTERM)
                deadline = time.monotonic() + _GRACE_SECONDS
                while child.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.05)
                break
    finally:
        # Also after it ended by itself: its engine processes may still be there.
        _signal_group(child.pid, signal.SIGKILL)
    return child.wait()


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return  # all gone already


if __name__ == "__main__":
    code = supervise(sys.argv[1:])
    sys.exit(code if code >= 0 else 128 - code)

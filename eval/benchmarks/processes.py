"""Measurements in processes of their own, so that none inherits another's memory or warm caches."""

from __future__ import annotations

import gc
import json
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import hybrid
from hybrid.errors import HybridError

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_PROGRAM = (
    "import json, sys; sys.path.insert(0, sys.argv[1]);"
    "from hybrid.resources import load_evaluation as load;"
    "made = getattr(load('benchmarks.' + sys.argv[2]), sys.argv[3])(**json.loads(sys.argv[4]));"
    "print(); print(json.dumps(made))"
)


def in_process(module: str, function: str, **arguments: Any) -> Any:
    """Calls a function of a module of this package in a new process.

    Args:
        module: Name in this package.
        function: Its arguments and its result go through JSON.
        arguments: By name.

    Returns:
        What it returns.

    Raises:
        HybridError: If the process fails; with the message of the error that it ended with.
    """
    root = str(Path(hybrid.__file__).parent.parent)
    command = [sys.executable, "-c", _PROGRAM, root, module, function, json.dumps(arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        own = re.fullmatch(r"hybrid\.errors\.\w+: (.*)", reason)
        raise HybridError(own[1] if own else f"measuring in a process of its own failed: {reason}")
    return json.loads(done.stdout.splitlines()[-1])


class PeakMemory:
    """The peak of this process's resident memory above what it held when this was made.

    On Linux the system's record of the peak is reset first; elsewhere it is that of the whole
    process, so that what was freed earlier hides as much of what comes later.
    """

    def __init__(self) -> None:
        gc.collect()
        self._before = _peak_bytes()
        if _CLEAR.exists():
            _CLEAR.write_text("5")
            self._before = _peak_bytes()

    def megabytes(self) -> float:
        """The peak until now, in 10**6 bytes."""
        return (_peak_bytes() - self._before) / 1e6


def _peak_bytes() -> int:
    # Not ru_maxrss on Linux: a new process begins with the peak of the one that started it.
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

"""What vLLM says while it runs, in the cache's `logs` folder."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

from hybrid.llm.models import models_home

_KEPT_DAYS = 30


def server_log(name: str) -> Path:
    """Where a server's output is to go; logs that nothing was written to for a month are removed.

    Args:
        name: Without its ending.
    """
    folder = models_home() / "logs"
    oldest = time.time() - _KEPT_DAYS * 24 * 3600
    for path in folder.glob("*"):
        # Another process may have removed it, and a log that cannot be removed hinders nothing.
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()
    return folder / f"{name}.log"

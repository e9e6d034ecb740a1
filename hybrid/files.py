"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SUFFIX = ".tmp"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place when the block ends without an error.

    Args:
        path: Of the file in the end; its folder exists.

    Yields:
        The path to write to. Whoever reads `path` sees the old file or the whole new one.
    """
    # Not mkstemp, whose files are for the owner alone: a result is an ordinary file.
    temporary = path.with_name(f"{_prefix(path)}{os.getpid()}-{threading.get_ident()}{_SUFFIX}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_temporaries(path: Path) -> None:
    """Removes what processes that were killed left beside `path`; none may be writing it now."""
    prefix = _prefix(path)
    for entry in list(path.parent.iterdir()) if path.parent.is_dir() else []:
        if entry.name.startswith(prefix) and entry.name.endswith(_SUFFIX):
            entry.unlink(missing_ok=True)


def _prefix(path: Path) -> str:
    return f".{path.name}."


def write_text(path: Path, text: str) -> None:
    """Writes a text file as UTF-8, whole or not at all.

    Raises:
        OSError: If it cannot be written; it names `path`.
    """
    try:
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        # Of a full disk the system names no file, else the temporary one, which nobody knows.
        error.filename, error.filename2 = str(path), None
        raise

"""Progress of long work as plain calls, and a rich bar that shows them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, bytes done, and bytes in all (None where that is not known)."""


def no_progress(step: str, done: int, total: int | None) -> None:
    """Shows nothing."""


@contextmanager
def progress_bar(console: Console | None = None) -> Iterator[Progress]:
    """A rich progress bar, one line for each step, for `models.pull` and the like."""
    from rich import progress as bars

    columns = (
        bars.SpinnerColumn(),
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=console or Console(stderr=True)) as display:
        tasks: dict[str, bars.TaskID] = {}

        def show(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                # A new step means that the one before it has ended, whatever size was expected.
                for task in display.tasks:
                    display.update(
                        task.id, total=task.completed or 1, completed=task.completed or 1
                    )
                tasks[step] = display.add_task(step, total=total)
            display.update(tasks[step], completed=done, total=total)

        yield show


@contextmanager
def folder_progress(
    progress: Progress, step: str, folder: Path, total: int | None, interval: float = 0.25
) -> Iterator[None]:
    """Reports the growing size of a folder that other code or another process writes into.

    Args:
        progress: Told every `interval` seconds.
        step: What is being done.
        folder: Watched with all its sub-folders.
        total: Expected bytes.
        interval: Seconds.
    """
    stopped = threading.Event()

    def watch() -> None:
        while not stopped.wait(interval):
            size = folder_size(folder)
            progress(step, min(size, total) if total else size, total)

    progress(step, 0, total)
    watcher = threading.Thread(target=watch, name="folder-progress", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stopped.set()
        watcher.join()


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder; what vanishes meanwhile, folders too, counts as nothing."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                size += Path(parent, name).stat().st_size
            except FileNotFoundError:
                continue
    return size

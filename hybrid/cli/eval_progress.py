"""The progress of an evaluation on a terminal: one bar a system, with its F1 so far."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from hybrid.cli import console as ui


class EvalProgress:
    """Shows what a run does; where there is no terminal, a line for each system.

    Args:
        console: Standard error.
    """

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[f1]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task: TaskID | None = None
        self._say = ui.status_printer(self._progress.console)

    def status(self, text: str) -> None:
        """Says what is waited for."""
        self._say(text)

    def begins(self, job: Any, system: str, total: int, done: int) -> None:
        """A new bar for a system on a job's documents."""
        name = f"{job.dataset.name} {job.condition} {job.work} {system}"
        self._task = self._progress.add_task(name, total=total, completed=done, f1="")

    def advances(self, f1: float | None) -> None:
        """One document more."""
        if self._task is not None:
            shown = "" if f1 is None else f"F1 {f1:.3f}"
            self._progress.update(self._task, advance=1, f1=shown)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

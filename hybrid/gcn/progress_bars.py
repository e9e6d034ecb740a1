"""Progress of a training on the terminal: a bar for each stage, with loss and F1."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

_TITLES = {
    "text": "text encoder",
    "encode": "graphs and texts",
    "graph": "graph model",
    "final": "graph model, all documents",
    "examples": "examples",
    "tune": "adapter",
    "experts": "experts and routers",
}


class ProgressBars:
    """Bars on the standard error; where that is no terminal, a line for each tenth of a stage."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[figures]}"),
            console=self._console,
        )
        self._tasks: dict[str, TaskID] = {}
        self._tenths: dict[str, int] = {}

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._bars.stop()

    def say(self, text: str) -> None:
        """Prints a line above the bars."""
        self._console.print(text, highlight=False, soft_wrap=True)

    def show(self, stage: str, done: float, figures: dict[str, float]) -> None:
        """Updates a stage's bar.

        Args:
            stage: A key of `_TITLES`.
            done: Share of the stage, 0 to 1.
            figures: Such as loss and F1, by name.
        """
        text = "  ".join(f"{name} {value:.4f}" for name, value in figures.items())
        if not self._console.is_terminal:
            tenth = int(done * 10)
            if tenth != self._tenths.get(stage):
                self._tenths[stage] = tenth
                self._console.print(f"{_TITLES[stage]}: {tenth * 10} %  {text}", highlight=False)
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(_TITLES[stage], total=1.0, figures="")
        self._bars.update(self._tasks[stage], completed=done, figures=text)

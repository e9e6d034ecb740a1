"""`hybrid bench ablation`."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from hybrid.cli import console as ui


def ablation(
    dataset: Annotated[
        str, typer.Option(help="funsd, sroie, cord_r, ...: see `hybrid data list`.")
    ],
    data_root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the release; none for drawn documents.",
            show_default=False,
        ),
    ] = None,
    recipes: Annotated[
        str,
        typer.Option(
            metavar="NAME[:SWITCH=VALUE],...",
            help="Rows of the table; the others are compared with the first. All by default.",
            show_default=False,
        ),
    ] = "",
    ablate: Annotated[
        bool, typer.Option("--ablate", help="The four ablations of gbada2024 as rows after it.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each row.")] = 3,
    folds: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Score so many folds of the documents to fit on, instead of dev.",
            show_default=False,
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many; default: as hybrid train.", show_default=False),
    ] = None,
    encoder: Annotated[str, typer.Option(help="A pulled encoder, or its folder.")] = "minilm-l6-v2",
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many documents of a split, for trying things out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Finished trainings are kept here; a later call takes them from it.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: one JSON object on stdout.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Trains graph networks of publications on one dataset and compares their F1.

    All rows share documents, text vectors, node features, training loop and seeds, so what differs
    is graph and network. The text encoder is fine-tuned once a fold, and its vectors are kept in
    the cache folder. Each row has its micro F1 over segments without the background (mean over
    seeds, interval over documents, spread over seeds), and the p value of a paired permutation test
    over documents against the first row.

    Rows: default (the network that hybrid train makes), none (no graph), gbada2024 with the
    switches weight=angle|distance|none, directed, mapping, features and root, belhadj2021,
    sdmgr2021, krieger2021, spade2021, belhadj2023, damgcn2023, layoutgcn2023, gbada2024-multimodal; what
    differs from a publication stands in hybrid/gcn/recipes. With weights of your own also
    layoutlmv3:path=DIR and lilt:path=DIR, fine-tuned whole.

    Examples:
      hybrid bench ablation --dataset funsd --data-root data/funsd --out funsd.json

      hybrid bench ablation --dataset funsd --data-root data/funsd --recipes gbada2024 --ablate

      hybrid bench ablation --dataset sroie --data-root data/sroie --folds 5
      --recipes default,none,gbada2024:weight=none
    """
    with ui.reported(debug=debug, exit_code=ui.BAD_USAGE):
        from hybrid.resources import load_evaluation

        measuring = load_evaluation("benchmarks.ablation")
        rows = measuring.rows_of(recipes or ",".join(measuring.RECIPES), ablate)
        plan = measuring.Plan(dataset, data_root, rows, seeds, folds, epochs, encoder, limit)
    with ui.reported(debug=debug):
        with _Bars(ui.console(stderr=True)) as bars:
            result = measuring.measure(plan, out, bars)
        if as_json:
            typer.echo(result.as_json())
        else:
            ui.console().print(result.as_table())


class _Bars:
    """A bar of all trainings and one of the present; a line for each where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._all = self._progress.add_task("trainings", total=None)
        self._present = self._progress.add_task("", total=100)

    def begins(self, total: int, done: int) -> None:
        """So many trainings in all, and so many of them are in the file already."""
        self._progress.update(self._all, total=total, completed=done)
        if done:
            ui.say(f"{done} of {total} trainings were done before", on=self._console)

    def shows(self, what: str, share: float) -> None:
        """The share, 0 to 1, of what is being done."""
        self._progress.update(self._present, description=what, completed=round(100 * share))

    def finished(self, what: str, f1: float, seconds: float) -> None:
        """One training."""
        self._progress.advance(self._all)
        ui.say(f"{what}: F1 {f1:.4f}, {seconds:.0f} s", "dim", on=self._progress.console)

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

"""`hybrid data`: list, show, pull."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid.cli import console as ui

data = typer.Typer(help="Public datasets, and your own, for evaluation.", no_args_is_help=True)

_Name = Annotated[str, typer.Argument(help="Of a dataset in `hybrid data list`.")]
_Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


@data.command("list")
def list_datasets(debug: _Debug = False) -> None:
    """Shows all datasets with their splits and licences, and which can be pulled.

    Example: hybrid data list
    """
    with ui.reported(debug=debug):
        from rich.table import Table

        from hybrid.resources import load_evaluation

        table = Table("name", "splits", "licence", "commercial use", "pull", "description")
        for entry in load_evaluation("data_commands").list_datasets():
            table.add_row(
                entry.name,
                ", ".join(entry.splits),
                entry.licence,
                entry.commercial,
                "yes" if entry.pull else "",
                entry.description,
            )
        ui.console().print(table)


@data.command()
def show(
    name: _Name,
    split: Annotated[str, typer.Option(help="One of the dataset's splits.")],
    data_root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the release; none for drawn documents.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.html", help="Draws the first document with its gold.", show_default=False
        ),
    ] = None,
    debug: _Debug = False,
) -> None:
    """Counts the documents, segments, labels and gold values of a split.

    Examples:
      hybrid data show sroie --data-root data/sroie --split dev --out sroie.html

      hybrid data show own --data-root my-receipts --split all
    """
    with ui.reported(debug=debug):
        from rich.table import Table

        from hybrid.resources import load_evaluation

        summary = load_evaluation("data_commands").show_dataset(name, data_root, split, out)
        for warning in summary.warnings:
            ui.say(warning, "yellow")
        console = ui.console()
        counts = Table("of the split", "count")
        for what in ("documents", "pictures", "segments", "words", "links"):
            counts.add_row(what, str(getattr(summary, what)))
        console.print(counts)
        if summary.labels:
            labels = Table("label", "segments", "share")
            for label, count in summary.labels.items():
                labels.add_row(label, str(count), f"{count / summary.segments:.1%}")
            console.print(labels)
        if summary.values:
            values = Table("gold value", "count")
            for label, count in summary.values.items():
                values.add_row(ui.one_line(label), str(count))
            console.print(values)
        if out is not None:
            ui.say(f"the first document is drawn in {out}")


@data.command()
def pull(
    name: _Name,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder that becomes the dataset's data root.")
    ],
    debug: _Debug = False,
) -> None:
    """Downloads a dataset from its official address and lays it out for `--data-root`.

    Example: hybrid data pull funsd --out data/funsd
    """
    with ui.reported(debug=debug):
        from hybrid.llm.progress import progress_bar
        from hybrid.resources import load_evaluation

        puller = load_evaluation("datasets.pull")
        release = load_evaluation("datasets.releases").RELEASES.get(name)
        if release is not None and release.downloads:
            warn = "" if release.commercial else "yellow"
            use = {True: "", False: "; no commercial use", None: ""}[release.commercial]
            ui.say(f"{name}: licence: {release.licence}{use}", warn)
        with progress_bar(ui.console(stderr=True)) as progress:
            root = puller.pull_dataset(name, out, progress)
        typer.echo(root)

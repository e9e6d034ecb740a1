"""`hybrid train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid.cli import console as ui
from hybrid.cli.datasets import DataRoots, DatasetNames, OwnSchema, own_schema, roots_of


def train(
    dataset: DatasetNames,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the checkpoint.")],
    data_root: DataRoots = None,
    encoder: Annotated[str, typer.Option(help="A pulled encoder, or its folder.")] = "minilm-l6-v2",
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many; default: until it stops getting better."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many documents of each, for trying things out."),
    ] = None,
    recipe: Annotated[
        str,
        typer.Option(
            metavar="NAME[:SWITCH=VALUE,...]",
            help="Graph and network: default, or that of a publication, such as gbada2024.",
        ),
    ] = "default",
    start: Annotated[
        str,
        typer.Option(
            metavar="auto|none|NAME|DIR",
            help="Checkpoint whose weights the training begins with; auto takes a shipped one "
            "that knows some of the labels and has not seen the datasets.",
        ),
    ] = "auto",
    context: Annotated[
        str,
        typer.Option(
            metavar="auto|none|NAME|DIR",
            help="Small language model whose first layers read each page beside the encoder, frozen; "
            "auto takes smollm2-135m where at most 400 documents are trained on and it was pulled.",
        ),
    ] = "auto",
    schema: OwnSchema = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Trains a GCN checkpoint; an interrupted training goes on where it stopped.

    Examples:
      hybrid train --dataset sroie --data-root data/sroie --out my-receipts

      hybrid train --dataset sroie --data-root data/sroie --dataset cord_r --data-root data/cord
      --out receipts

      hybrid train --dataset own --data-root my-documents --schema fuel.py:Fuel --out my-fuel
    """
    roots = data_root or []
    if len(roots) > len(dataset):
        ui.say(
            f"error: {len(dataset)} --dataset and {len(roots)} --data-root: give at most one "
            "folder for each dataset, in the same order",
            "bold red",
        )
        raise typer.Exit(ui.BAD_USAGE)
    with ui.reported(debug=debug):
        from hybrid.resources import load_evaluation

        training = load_evaluation("training")
        training.train_checkpoint(
            datasets=dataset,
            data_roots=roots_of(dataset, data_root),
            out=out,
            encoder=encoder,
            seed=seed,
            epochs=epochs,
            limit=limit,
            recipe=recipe,
            start=start,
            context=context,
            schema=own_schema(schema, dataset),
            on_status=ui.say,
        )
        typer.echo(out)

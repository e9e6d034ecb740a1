"""`hybrid tune`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid.cli import console as ui
from hybrid.cli.datasets import DataRoots, DatasetNames, OwnSchema, own_schema, roots_of


def tune(
    dataset: DatasetNames,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the adapter.")],
    name: Annotated[str, typer.Option(help="Of the tuned model and of its profile.")],
    data_root: DataRoots = None,
    base: Annotated[str, typer.Option(help="A pulled LLM.")] = "smollm2-135m",
    encoder: Annotated[
        str, typer.Option(help="Of the GCN whose proposals are to be verified.")
    ] = "minilm-l6-v2",
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the examples.")] = 1,
    learning_rate: Annotated[float, typer.Option(min=0, help="At its peak.")] = 4e-4,
    rank: Annotated[int, typer.Option(min=1, max=512, help="Of the adapter.")] = 16,
    documents: Annotated[
        list[int] | None,
        typer.Option(
            min=1,
            help="The LLM learns from at most so many documents of each --dataset, in the same "
            "order; the GCN from all.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="At most so many documents of each, for trying things out."),
    ] = None,
    think: Annotated[
        bool,
        typer.Option(
            "--think",
            help="It learns to write the evidence before its answer, in a sentence, and is served "
            "as a model that reasons.",
        ),
    ] = False,
    start: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="An adapter of the same base and rank that the training goes on from.",
            show_default=False,
        ),
    ] = None,
    schema: OwnSchema = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Tunes a small LLM to read and to verify; an interrupted tuning goes on where it stopped.

    Examples:
      hybrid tune --dataset sroie --data-root data/sroie --out my-adapter --name my-receipts

      hybrid tune --dataset sroie --data-root data/sroie --dataset cord_r --data-root data/cord
      --base smollm2-135m --out smollm2-135m-receipts --name smollm2-135m-receipts

      hybrid tune --dataset own --data-root my-documents --schema fuel.py:Fuel --out my-adapter
      --name my-fuel

      hybrid tune --think --dataset sroie --data-root data/sroie --out my-thinker --name my-thinker
    """
    roots = data_root or []
    if len(roots) > len(dataset) or (documents and len(documents) != len(dataset)):
        ui.say(
            f"error: {len(dataset)} --dataset, {len(roots)} --data-root and {len(documents or [])} "
            "--documents: give at most one folder for each dataset, and no number of documents or "
            "one for each, in the same order",
            "bold red",
        )
        raise typer.Exit(ui.BAD_USAGE)
    with ui.reported(debug=debug):
        from hybrid.resources import load_evaluation

        load_evaluation("tuning").tune_model(
            datasets=dataset,
            data_roots=roots_of(dataset, data_root),
            base=base,
            out=out,
            name=name,
            encoder=encoder,
            seed=seed,
            epochs=epochs,
            learning_rate=learning_rate,
            rank=rank,
            documents=documents,
            limit=limit,
            think=think,
            start=start,
            schema=own_schema(schema, dataset),
        )
        typer.echo(out)

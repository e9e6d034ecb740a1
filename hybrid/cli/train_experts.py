"""`hybrid models train-experts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid.cli import console as ui


def train_experts(
    model: Annotated[
        str, typer.Argument(metavar="NAME|DIR", help="A mixture of experts, as upcycle makes it.")
    ],
    texts: Annotated[
        list[Path],
        typer.Option(
            metavar="PATH",
            help='A .txt file, a .jsonl file with a "text" in each line, or a folder of such; may '
            "be given several times.",
        ),
    ],
    name: Annotated[str, typer.Option(help="Of the new model.")],
    steps: Annotated[int, typer.Option(min=1, help="Of 1024 tokens.")] = 300,
    seed: Annotated[int, typer.Option(min=0, help="Of everything random.")] = 0,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Trains experts and routers on plain texts, so that there is something to choose.

    The load-balancing loss keeps all experts in use. The result is a new model; its training.json
    says what was gained on texts that were held out. An interrupted training goes on where it
    stopped.

    Example: hybrid models train-experts smollm2-moe-4x135m --texts my-texts --name my-moe
    """
    with ui.reported(debug=debug):
        from hybrid.gcn.progress_bars import ProgressBars
        from hybrid.tuning.mixture import MixtureSettings, train_mixture

        settings = MixtureSettings(seed=seed, steps=steps)
        with ProgressBars() as bars:
            folder = train_mixture(model, texts, name, settings, bars)
        typer.echo(folder)

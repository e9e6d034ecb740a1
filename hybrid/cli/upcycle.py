"""`hybrid models upcycle`."""

from __future__ import annotations

from typing import Annotated

import typer

from hybrid.cli import console as ui


def upcycle(
    model: Annotated[
        str,
        typer.Argument(metavar="NAME|DIR", help="A dense model that was pulled, or its folder."),
    ],
    name: Annotated[str, typer.Option(help="Of the new model.")],
    experts: Annotated[
        int, typer.Option(min=2, max=256, help="In each layer; two of them read each token.")
    ] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Of the routers.")] = 0,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Makes a mixture of experts out of a dense Llama-type model, which answers like it.

    Every expert is a copy of the dense feed-forward network, and the routers are random (sparse
    upcycling, arXiv 2212.05055). That the logits are the dense model's is checked before anything
    is stored. The new model is a MixtralForCausalLM for vLLM, under its own name.

    Example: hybrid models upcycle smollm2-135m --experts 4 --name smollm2-moe-4x135m
    """
    with ui.reported(debug=debug):
        from hybrid.llm.progress import progress_bar
        from hybrid.llm.upcycle import upcycle as upcycle_model

        with progress_bar(ui.console(stderr=True)) as progress:
            folder = upcycle_model(model, name, experts=experts, seed=seed, progress=progress)
        typer.echo(folder)

"""`hybrid serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid.cli import console as ui


def serve(
    llm: Annotated[str, typer.Option(metavar="NAME", help="A model that was pulled.")],
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Default: a free one.", show_default=False),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="vLLM's log. Default: in the cache.", show_default=False),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Serves a model with vLLM until Ctrl-C; `hybrid extract --llm NAME` finds and uses it.

    Example: hybrid serve --llm smollm2-135m
    """
    with ui.reported(debug=debug):
        from hybrid.llm.serve import serve_forever

        serve_forever(llm, port=port, log_path=log, console=ui.console(stderr=True))

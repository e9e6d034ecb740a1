"""`hybrid bench llm`."""

from __future__ import annotations

from typing import Annotated

import typer

from hybrid.cli import console as ui
from hybrid.llm import DEFAULT_LLM


def llm(
    model: Annotated[
        str, typer.Option("--llm", metavar="NAME|DIR", help="A model that was pulled.")
    ] = DEFAULT_LLM,
    documents: Annotated[int, typer.Option(min=1, help="Drawn receipts to ask about.")] = 24,
    workers: Annotated[int, typer.Option(min=1, help="Documents at a time.")] = 8,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: one JSON object on stdout.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Times the LLM behind a server (http) beside the LLM in this process (local).

    Both are asked the same: about each field of drawn receipts, which of the lines that the GCN
    proposes is it, one letter an answer. Each engine is started for that, one after the other, each
    with an empty prefix cache; start-up is until the first small questions are answered. Cache hits
    are the share of the prompts' tokens that the engine had already, by its own count.

    Examples:
      hybrid bench llm

      hybrid bench llm --llm smollm2-135m-receipts --documents 100 --json

    With --json: {"rows": [{"engine", "startup_seconds", "seconds", "documents_per_second",
    "prompt_tokens_per_second", "output_tokens_per_second", "hit_rate", "cached_share", "failed"}],
    "ratio", "same_answers", "llm", "documents", "requests", "workers"}.
    """
    with ui.reported(debug=debug):
        from hybrid.resources import load_evaluation

        measuring = load_evaluation("benchmarks.llm")
        errors = ui.console(stderr=True)
        result = measuring.measure(
            model, documents, workers, lambda text: ui.say(text, "dim", on=errors)
        )
        if as_json:
            typer.echo(result.as_json())
        else:
            ui.console().print(result.as_table())

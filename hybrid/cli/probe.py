"""`hybrid models probe`."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

import typer

from hybrid.cli import console as ui
from hybrid.errors import ServerError


def probe(
    model: Annotated[
        str,
        typer.Argument(
            metavar="NAME|DIR|URL",
            help="A profile, a model folder, or http://host:port/v1#model of any server.",
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: one JSON object on stdout.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Asks a live server what it really does; the report can be pasted into an issue.

    It is asked for each thing that the pipeline would like: schemas, choices, log-probabilities,
    reasoning, a cache for pages, adapters, long pages, and how fast it is. A check that fails is a
    row of the report, which says what was seen and what hybrid does about it. A name starts the
    server and stops it again, unless `hybrid serve` runs one. Speed is that of the moment: nothing
    else should use the server.

    Examples:
      hybrid models probe smollm2-135m

      hybrid models probe http://localhost:8000/v1#my-model --json

    With --json: {"format": 1, "model", "profile", "address", "server", "hybrid", "date", "checks":
    [{"check", "title", "result", "seen", "then", "figures"}]}; the result is one of yes, no, n/a,
    measured, unknown.
    """
    with ui.reported(debug=debug):
        from hybrid.llm.connect import connect
        from hybrid.llm.examine import examine
        from hybrid.llm.profiles import is_stranger
        from hybrid.llm.unasked_thoughts import make_room_for_thoughts

        errors = ui.console(stderr=True)
        said = ui.status_printer(errors)
        with connect(model, on_status=said, retries=0) as backend, errors.status("") as status:
            if is_stranger(model, backend.model):
                with suppress(ServerError):  # which the report shows, check by check
                    if changed := make_room_for_thoughts(backend):
                        said(changed)
            report = examine(backend, on_status=status.update)
        typer.echo(report.as_json() if as_json else report.as_markdown())

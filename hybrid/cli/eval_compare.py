"""`hybrid eval compare`: runs side by side, or a person who prefers one without knowing which."""

from __future__ import annotations

import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hybrid.cli import console as ui
from hybrid.errors import HybridError


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="DIR[@SYSTEM]...", help="Folders of finished runs; see --blind."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The comparison as an HTML page.", show_default=False),
    ] = None,
    blind: Annotated[
        bool,
        typer.Option(
            "--blind",
            help="Show a person two systems' results without saying which is which; give two "
            "DIR@SYSTEM.",
        ),
    ] = False,
    preferences: Annotated[
        Path, typer.Option(metavar="FILE", help="Where --blind keeps what was preferred.")
    ] = Path("preferences.jsonl"),
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page of --blind.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Of the tests, and of the order in --blind.")] = 0,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Puts runs side by side, each tested against the first on the documents that both have.

    Examples:
      hybrid eval compare runs/first runs/second --out difference.html

      hybrid eval compare --blind runs/first@gcn runs/first@hybrid
    """
    with ui.reported(debug=debug, exit_code=ui.BAD_USAGE):
        from hybrid.resources import load_evaluation

        if blind:
            _judge(runs, preferences, seed, browser)
            return
        for run in runs:
            if "@" in run and not Path(run).exists():
                raise HybridError(f"{run}: a run's single system is for --blind; else give DIR")
        comparison = load_evaluation("report.compare").compare(
            [Path(run) for run in runs], out, seed=seed
        )
        ui.console().print(comparison.table())
        for warning in comparison.warnings:
            ui.say(f"warning: {warning}", "yellow")
        if out is not None:
            ui.say(f"page: {out}")


def _judge(runs: Sequence[str], preferences: Path, seed: int, browser: bool) -> None:
    from hybrid.resources import load_evaluation

    if len(runs) != 2:
        raise HybridError("--blind compares two systems: give DIR@SYSTEM twice")
    module = load_evaluation("report.blind")
    read = load_evaluation("report.pairs").read_contestant
    first, second = read(runs[0]), read(runs[1])
    session = module.BlindSession(first, second, preferences, seed)
    if not session.pairs:
        raise HybridError("the two systems gave the same for every document they share")
    with module.BlindServer(session) as server:
        ui.say(f"{session.waiting()[1]} documents to judge: open {server.url} (Ctrl-C to stop)")
        if browser:
            webbrowser.open(server.url)
        try:
            server.wait()
        except KeyboardInterrupt:
            ui.say("stopped; the same command goes on where it was")
    rate = session.rate
    typer.echo(
        f"{first.name} is preferred to {second.name} in {rate.rate:.3f} of {rate.n} documents, "
        f"95 % interval {rate.low:.3f} to {rate.high:.3f}; ties count half"
    )

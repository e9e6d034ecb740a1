"""`hybrid bench`: how fast the parts are on this machine, each beside something to compare with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hybrid.cli import console as ui
from hybrid.cli.bench_ablation import ablation
from hybrid.cli.bench_llm import llm
from hybrid.errors import HybridError

bench = typer.Typer(
    name="bench",
    help="Measures speed and memory on this machine, beside something to compare with.",
    no_args_is_help=True,
)

_Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
_Json = Annotated[bool, typer.Option("--json", help="For programs: one JSON object on stdout.")]
_Seed = Annotated[int, typer.Option(min=0, help="Of the pages.")]


@bench.command()
def graph(
    boxes: Annotated[
        str, typer.Option(metavar="N,N,...", help="Sizes of the pages, in boxes.")
    ] = "100,200,400,800,1600,3200",
    seed: _Seed = 0,
    as_json: _Json = False,
    debug: _Debug = False,
) -> None:
    """Times the edges of the page graph beside a brute-force oracle, on pages of random text lines.

    Both find every pair of boxes with a free line of sight, and must agree edge for edge. The
    oracle asks a shapely STRtree, for each pair, which boxes the line between the centres meets;
    where it would take more than a minute there is a dash. Seconds are the processor's, in one
    thread, and the best of several calls after a first one; memory is the peak above what a process
    of its own held before. The exponent is that of a power law through our seconds at 400 boxes and
    more.

    Examples:
      hybrid bench graph

      hybrid bench graph --boxes 400,800,1600 --seed 7 --json

    With --json: {"rows": [{"boxes", "oracle_seconds", "seconds", "ratio", "edges", "peak_mb"}],
    "exponent"}, null where there is none.
    """
    with ui.reported(debug=debug, exit_code=ui.BAD_USAGE):
        sizes = _sizes(boxes)
    with ui.reported(debug=debug):
        from hybrid.resources import load_evaluation

        measuring = load_evaluation("benchmarks.graph")
        errors = ui.console(stderr=True)
        result = measuring.measure(sizes, seed, lambda text: ui.say(text, "dim", on=errors))
        if as_json:
            typer.echo(result.as_json())
        else:
            ui.console().print(result.as_table())


def _sizes(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and int(part) >= 1 for part in parts):
        raise HybridError(f"--boxes {text!r}: give whole numbers from 1, as in --boxes 100,400")
    return [int(part) for part in parts]


@bench.command()
def gcn(
    pages: Annotated[int, typer.Option(min=1, help="How many pages.")] = 32,
    dataset: Annotated[
        str, typer.Option(help="Whose pages; see `hybrid data list`.")
    ] = "drawn_receipts",
    data_root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the release; none for drawn documents.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="One of the dataset's splits.")] = "test",
    checkpoint: Annotated[
        str, typer.Option(metavar="NAME|DIR", help="GCN checkpoint.")
    ] = "receipts",
    threads: Annotated[
        int | None,
        typer.Option(min=1, help="Of torch, for both; all cores by default.", show_default=False),
    ] = None,
    as_json: _Json = False,
    debug: _Debug = False,
) -> None:
    """Times the GCN from boxes to labels beside LayoutLMv3-base, on the same pages and threads.

    Ours is all of it: graph, text encoder with an empty cache, graph network. The other is
    transformers' LayoutLMv3 for token classification in its published base size, text, layout and
    a picture of 224 x 224 pixels, with random weights, which cost as much as trained ones; tokens
    are our encoder's word pieces, since its own tokenizer would have to be downloaded. Tokenizing
    and the picture's preparation are not counted against it. Each runs in a process of its own, one
    page after the other; memory is the peak above what the imports take. Seconds of the CPU are
    shown too, which other work on the machine hardly moves.

    Examples:
      hybrid bench gcn

      hybrid bench gcn --dataset funsd --data-root data/funsd --split train --pages 50 --json
    """
    with ui.reported(debug=debug):
        from hybrid.resources import load_evaluation

        measuring = load_evaluation("benchmarks.gcn")
        errors = ui.console(stderr=True)
        result = measuring.measure(
            measuring.Pages(dataset, data_root, split, pages),
            checkpoint,
            threads,
            lambda text: ui.say(text, "dim", on=errors),
        )
        if as_json:
            typer.echo(result.as_json())
        else:
            ui.console().print(result.as_table())


bench.command()(ablation)
bench.command()(llm)

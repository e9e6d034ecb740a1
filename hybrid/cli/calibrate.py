"""`hybrid calibrate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from hybrid.cli import console as ui
from hybrid.cli.datasets import DataRoots, OwnSchema, own_schema, roots_of
from hybrid.llm import DEFAULT_LLM

if TYPE_CHECKING:
    from hybrid.verify.fitted import FittedFusion


def calibrate(
    dataset: Annotated[
        list[str],
        typer.Option(
            help="sroie, cord_r, wildreceipt, ...; may be given several times; best those that the "
            "checkpoint was trained on."
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The fusion, such as my-fusion.json.")],
    checkpoint: Annotated[
        str, typer.Option(metavar="NAME_OR_PATH", help="GCN checkpoint.")
    ] = "receipts",
    llm: Annotated[
        str, typer.Option(metavar="NAME|URL", help="A pulled model, or http://host:port/v1#model.")
    ] = DEFAULT_LLM,
    data_root: DataRoots = None,
    limit: Annotated[
        int, typer.Option(min=1, help="Ask about at most so many documents of each dataset.")
    ] = 300,
    tuned_on: Annotated[
        list[int] | None,
        typer.Option(
            min=0,
            metavar="N",
            help="The LLM was tuned on the first N documents of each --dataset, in the same order "
            "(hybrid tune --documents N): they are left out, since it knows their answers.",
            show_default=False,
        ),
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How the LLM is asked, as for hybrid extract: the fusion is for votes of this kind. "
            "auto: structure with an LLM whose trust is .4 or more, else choice.",
        ),
    ] = "auto",
    samples: Annotated[
        int,
        typer.Option(
            min=1,
            max=32,
            metavar="N",
            help="Answers to each question; with several, a scorer is trained too, and kept where it "
            "beats their majority.",
        ),
    ] = 1,
    rounds: Annotated[
        int, typer.Option(min=1, max=4, metavar="N", help="Rounds of a debate, at most.")
    ] = 1,
    reasoning: Annotated[
        bool, typer.Option("--reasoning", help="A reasoning model thinks before it votes.")
    ] = False,
    max_risk: Annotated[
        float | None,
        typer.Option(
            min=0.0001,
            max=0.9999,
            metavar="RATE",
            help="Say from which score on at most this rate of the values is wrong.",
            show_default=False,
        ),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keeps networks and LLM replies, so that a killed calibration goes on. Default: "
            "FILE without .json, and -work.",
            show_default=False,
        ),
    ] = None,
    schema: OwnSchema = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Fits how a checkpoint and an LLM are fused, on training documents.

    Networks that have not seen a document stand for the checkpoint on it, the LLM is really asked.
    Where its votes do not help, the fusion asks nothing, and the hybrid is the GCN.

    Examples:
      hybrid calibrate --checkpoint receipts --llm qwen3-4b --dataset sroie --data-root data/sroie
      --out receipts+qwen3-4b.json

      hybrid extract receipt.jpg --llm qwen3-4b --fusion receipts+qwen3-4b.json --max-risk 0.05

      hybrid calibrate --checkpoint my-fuel --llm qwen3-4b --dataset own --data-root my-documents
      --schema fuel.py:Fuel --out my-fuel.json

      hybrid calibrate --strategy reflect --samples 4 --llm qwen3-4b --dataset sroie --data-root
      data/sroie --out reflect.json

      hybrid extract receipt.jpg --llm qwen3-4b --strategy reflect --samples 4 --scorer trained
      --fusion reflect.json
    """
    roots = data_root or []
    if max(len(roots), len(tuned_on or ())) > len(dataset):
        ui.say(
            f"error: {len(dataset)} --dataset, {len(roots)} --data-root and {len(tuned_on or ())} "
            "--tuned-on: give at most one for each dataset, in the same order",
            "bold red",
        )
        raise typer.Exit(ui.BAD_USAGE)
    errors = ui.console(stderr=True)
    with ui.reported(debug=debug):
        from hybrid.resources import load_evaluation
        from hybrid.verify.strategies import AUTO, named_strategy

        asked = named_strategy(strategy, samples, rounds=rounds)
        fields = own_schema(schema, dataset)
        with CalibrationProgress(errors) as progress:
            fitted: FittedFusion = load_evaluation("calibration.run").calibrate(
                checkpoint,
                llm,
                dataset,
                roots_of(dataset, data_root),
                out,
                work or out.with_name(f"{out.name.removesuffix('.json')}-work"),
                limit=limit,
                tuned_on=tuned_on or (),
                strategy=asked or AUTO,
                reasoning=reasoning,
                listener=progress,
                schema=fields,
            )
        console = ui.console()
        console.print(systems_table(fitted))
        for line in summary(fitted):
            ui.say(line, on=console)
        if fitted.pair.options:
            ui.say(f"it goes with {' '.join(fitted.pair.options)}", on=console)
        typer.echo(out)
        if max_risk is not None:
            ui.say(risk_line(fitted, max_risk), on=console)


class CalibrationProgress:
    """Shows how a calibration goes: a bar for each stage.

    Args:
        console: Standard error.
    """

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, TimeElapsedColumn(), console=console)
        self._say = ui.status_printer(console)
        self._running = False

    def status(self, text: str) -> None:
        """Says what is waited for."""
        self._say(text)

    def begins(self, what: str, total: int) -> None:
        """A new bar. The first one comes after the networks, which show bars of their own."""
        if not self._running:
            self._progress.start()
            self._running = True
        self._task = self._progress.add_task(what, total=total)

    def advances(self) -> None:
        """One step more."""
        self._progress.advance(self._task)

    def __enter__(self) -> CalibrationProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._running:
            self._progress.stop()


def systems_table(fitted: FittedFusion) -> Table:
    """Before and after, on the held-out documents."""
    table = Table(
        "dataset", "system", "n", "field F1", "95 % interval", "halluci-\nnated", "absent\nfield",
        "wrong\nfield", "ECE", "AURC", "tokens a\ndocument",
        title=f"held-out documents, {fitted.pair.name}",
    )  # fmt: skip
    for column in table.columns[2:]:
        column.justify, column.no_wrap = "right", True
    for row in fitted.report["held_out"]["rows"]:
        table.add_row(*(Text(cell) for cell in _cells(row)))
    return table


def _cells(row: Mapping[str, Any]) -> list[str]:
    def shown(name: str) -> str:
        return "" if row.get(name) is None else f"{row[name]:.3f}"

    interval = f"{shown('f1_micro_low')}-{shown('f1_micro_high')}"
    names = ("hallucination_rate", "absent_field_rate", "wrong_field_rate", "ece", "aurc")
    metrics = [shown(name) for name in names]
    tokens = f"{row['tokens_per_document']:.0f}"
    return [
        row["dataset"],
        row["system"],
        f"{row['n']}",
        shown("f1_micro"),
        interval,
        *metrics,
        tokens,
    ]


def summary(fitted: FittedFusion) -> list[str]:
    """What was fitted, in words."""
    fusion, report = fitted.fusion, fitted.report
    trust = report["trust"]
    lines = [
        f"{trust['questions']} questions answered on {trust['documents']} documents, with copies that "
        f"lack a field, of {report['documents']['fitted_on']}: right are {trust['right_alone']:.3f} of the "
        f"GCN's, {trust['right_llm']:.3f} of the LLM's, {trust['right_pooled']:.3f} of both together",
        *([scorer_line(report["scorer"])] if "scorer" in report else []),
        report["reason"],
        f"trust {fusion.trust:g}"
        + (
            f"; where the LLM answers, what the GCN believes counts {fusion.gcn:g}"
            if fusion.trust
            else ": nothing is asked, the GCN decides"
        ),
    ]
    if fusion.trust:
        lines.append(
            f"asked below a score of {fusion.weights.accept:g}, answered from "
            f"{fusion.weights.answer:g} on; lists are {'' if fusion.lists else 'not '}asked about"
            + (f"; what the LLM reads is believed by {fusion.read:g}" if fusion.read else "")
            + (f"; what it leaves empty counts {fusion.empty:g}" if fusion.empty else "")
        )
    return [*lines, f"confidence: {report['confidence']['name']}"]


def scorer_line(scorer: Mapping[str, Any]) -> str:
    """Whether the trained scorer is used, in words."""
    said = "scorer trained is kept" if scorer["kept"] else "scorer majority is as good, and kept"
    return (
        f"{said}: on documents that it was not fitted on, a trained one saves {scorer['gain']:.4f} nats "
        f"a document, and the standard error is {scorer['error']:.4f}; right are "
        f"{scorer['right_trained']:.3f} of {scorer['questions']} questions, with the majority "
        f"{scorer['right_majority']:.3f}"
    )


def risk_line(fitted: FittedFusion, max_risk: float) -> str:
    """The threshold for a wished risk, in words.

    Raises:
        ModelError: If there is none.
    """
    from hybrid.verify.risk import DELTA, risk_threshold

    found = risk_threshold(fitted.held_out, max_risk)
    confidence = fitted.fusion.confidence(found.score)
    return (
        f"--max-risk {max_risk:g}: values with a confidence of at least {confidence:.3f} (score "
        f"{found.score:.3f}) are given, {found.given:.1%} of those that would be given without it; "
        f"{found.rate:.4f} of them are wrong in {found.documents} held-out documents, and with a "
        f"probability of {1 - DELTA:.0%} at most {max_risk:g} in documents like these"
    )

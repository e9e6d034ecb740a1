"""`hybrid extract`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hybrid.cli import console as ui
from hybrid.cli.batch import Batch, Outcome, Result, failures_of
from hybrid.cli.inputs import find_inputs
from hybrid.cli.outputs import ERRORS, assign_names, is_verified, write_errors
from hybrid.cli.table import field_table
from hybrid.llm import DEFAULT_LLM

if TYPE_CHECKING:
    from hybrid.pipeline import Extractor
    from hybrid.pipeline.connection import LlmConnection
    from hybrid.verify.strategies import Strategy


class ModeOption(StrEnum):
    """What becomes of values that the page does not support."""

    STRICT = "strict"
    LENIENT = "lenient"


class EngineOption(StrEnum):
    """Where the LLM runs."""

    HTTP = "http"
    LOCAL = "local"


def extract(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT...", help="Files, folders or quoted patterns.")
    ],
    schema: Annotated[
        str,
        typer.Option(help="receipt, itemized-receipt, form, FILE.py:Model, or SCHEMA.json."),
    ] = "receipt",
    checkpoint: Annotated[
        str | None,
        typer.Option(
            metavar="NAME_OR_PATH",
            help="GCN checkpoint: receipts, forms, or a folder. Default: what fits the schema.",
            show_default=False,
        ),
    ] = None,
    llm: Annotated[
        str,
        typer.Option(
            metavar="NAME|none|URL",
            help="A model that was pulled, none, or http://host:port/v1#model.",
        ),
    ] = DEFAULT_LLM,
    llm_engine: Annotated[
        EngineOption,
        typer.Option(
            help="http asks a server, which is started where none runs; local runs vLLM in this "
            "process."
        ),
    ] = EngineOption.HTTP,
    mode: Annotated[
        ModeOption, typer.Option(help="strict drops unsupported values, lenient flags them.")
    ] = ModeOption.STRICT,
    reasoning: Annotated[
        bool, typer.Option("--reasoning", help="A reasoning model thinks, its thoughts are kept.")
    ] = False,
    fusion: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|default",
            help="Fusion that hybrid calibrate fitted for checkpoint and LLM. Default: the shipped "
            "one where there is one for the two.",
            show_default=False,
        ),
    ] = None,
    max_risk: Annotated[
        float | None,
        typer.Option(
            min=0.0001,
            max=0.9999,
            metavar="RATE",
            help="Abstain so often that at most this rate of the values given is wrong, such as "
            "0.05; see docs/fusion.md for what is guaranteed.",
            show_default=False,
        ),
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How doubtful fields are verified: choice (which line is it), critique (keep the "
            "proposal, change it, or none), structure (read them in one call), reflect (draft, "
            "evidence, answer), debate (proposer, sceptic, judge), rules (dates and sums, without "
            "an LLM), auto (that of the fusion; where none was fitted structure with an LLM whose "
            "trust is .4 or more, else choice).",
        ),
    ] = "auto",
    samples: Annotated[
        int,
        typer.Option(
            min=1,
            max=32,
            metavar="N",
            help="Answers to each question, for reflect and structure, and for choice and critique "
            "where the LLM thinks before each.",
        ),
    ] = 1,
    scorer: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help="Who picks among several answers: majority, likelihood (the LLM's own), grounding "
            "(how well their evidence stands on the page), trained (by hybrid calibrate, together "
            "with the --fusion), or the trained one of a fusion's file, with the default fusion.",
        ),
    ] = "majority",
    rounds: Annotated[
        int,
        typer.Option(
            min=1,
            max=4,
            metavar="N",
            help="Rounds of a debate, at most: statements of each side, for debate.",
        ),
    ] = 1,
    llm_budget: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="TOKENS",
            help="Most LLM tokens a document, sent (cached ones too) and written; they go to the "
            "questions from which most is expected.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the results.")] = Path(
        "hybrid-output"
    ),
    html: Annotated[
        bool, typer.Option("--html/--no-html", help="A page with the boxes for each input.")
    ] = True,
    ocr: Annotated[str, typer.Option(help="OCR engine for pictures and scans.")] = "rapidocr",
    workers: Annotated[int, typer.Option(min=1, help="Documents at a time.")] = 2,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """Extracts fields from documents; every value points at its boxes.

    Writes DIR/NAME.json and DIR/NAME.html for each input, and DIR/errors.jsonl where some failed.
    A second run does only what is new, changed, failed, or could not be verified.

    Examples:
      hybrid extract receipt.jpg --llm none

      hybrid extract scans/ "more/**/*.pdf" --schema itemized-receipt --out results

      hybrid extract form.png --schema form --llm http://localhost:8000/v1#my-model

      hybrid extract invoice.pdf --schema invoice.py:Invoice

    Exit codes: 0 all good, 1 some documents failed or could not be verified, 2 bad usage, 130
    interrupted.
    """
    errors = ui.console(stderr=True)
    with ExitStack() as stack:
        with ui.reported(debug=debug, exit_code=ui.BAD_USAGE):
            from hybrid.errors import HybridError
            from hybrid.pipeline.defaults import default_checkpoint
            from hybrid.schema_sources import resolve_schema
            from hybrid.verify.strategies import named_strategy

            asked = named_strategy(strategy, samples, scorer, rounds)
            fields = resolve_schema(schema)
            _check_ocr(ocr)
            found = find_inputs(inputs, out)
            if out.exists() and not out.is_dir():
                raise HybridError(f"--out {out} is a file; give a folder")
            if not found.files:
                said = "; ".join(f"{name}: {reason}" for name, reason in found.missing)
                ui.say(f"error: {said}", "bold red")
                raise typer.Exit(ui.BAD_USAGE)
            extractor = stack.enter_context(
                open_extractor(
                    checkpoint or default_checkpoint(fields),
                    llm,
                    mode,
                    ui.status_printer(errors),
                    reasoning,
                    fusion,
                    max_risk,
                    asked,
                    llm_budget,
                    llm_engine,
                )
            )
        with ui.reported(debug=debug):
            out.mkdir(parents=True, exist_ok=True)
            batch = Batch(extractor, fields, out, ocr, html)
            missing = [
                Outcome(Path(name), Result.FAILED, error=reason, error_type="FileNotFoundError")
                for name, reason in found.missing
            ]
            with _progress(errors) as bar:
                task = bar.add_task("documents", total=len(found.files))

                def on_done(outcome: Outcome) -> None:
                    bar.advance(task)
                    if outcome.result is Result.FAILED:
                        _say_failure(outcome, debug, bar)

                for outcome in missing:
                    _say_failure(outcome, debug, bar)
                outcomes, interrupted = batch.run(assign_names(found.files, out), workers, on_done)
            outcomes += missing
            write_errors(out, failures_of(outcomes))
            if any(outcome.fields for outcome in outcomes):
                ui.console().print(field_table(outcomes))
            for line in _warnings(outcomes):
                ui.say(line, "yellow", on=errors)
            if passed_over := found.say_passed_over():
                ui.say(passed_over, on=errors)
            ui.say(_summary(outcomes, out), on=errors)
            _say_prefix_cache(extractor, errors)
            if interrupted:
                ui.say("interrupted: what was finished is kept, run it again to go on", "red")
                raise typer.Exit(ui.INTERRUPTED)
            if any(o.result is Result.FAILED or not is_verified(o.fields) for o in outcomes):
                raise typer.Exit(ui.FAILED)


def open_extractor(
    checkpoint: str,
    llm: str,
    mode: ModeOption,
    on_status: Callable[[str], None],
    reasoning: bool = False,
    fusion: str | None = None,
    max_risk: float | None = None,
    strategy: Strategy | None = None,
    llm_budget: int | None = None,
    llm_engine: EngineOption = EngineOption.HTTP,
) -> Extractor:
    """The extractor that a command line asks for.

    Raises:
        CheckpointError: If the checkpoint is missing or damaged.
        ModelError: If the LLM or the encoder is unknown or was not pulled, the fusion is for
            another pair or cannot show the wished risk, or the strategy needs an LLM.
    """
    from hybrid.errors import ModelError
    from hybrid.pipeline import GcnExtractor, HybridExtractor
    from hybrid.verify.strategies import AUTO

    if llm == "none" and (strategy is None or strategy.prompts):
        if strategy is not None:
            raise ModelError(f"--strategy {strategy.name} asks an LLM: give --llm")
        if fusion is not None or max_risk is not None or llm_budget is not None:
            raise ModelError(
                "--fusion, --max-risk and --llm-budget are about a checkpoint with an LLM: give --llm"
            )
        if llm_engine is EngineOption.LOCAL:
            raise ModelError("--llm-engine local runs an LLM: give --llm")
        return GcnExtractor.from_pretrained(checkpoint, mode=mode.value)
    return HybridExtractor.from_pretrained(
        checkpoint,
        llm,
        mode=mode.value,
        on_status=on_status,
        reasoning=reasoning,
        fusion=fusion,
        max_risk=max_risk,
        strategy=strategy or AUTO,
        llm_budget=llm_budget,
        llm_engine=llm_engine.value,
    )


def _say_prefix_cache(extractor: Extractor, errors: Console) -> None:
    """How much of what an LLM was sent its server had already, where it tells."""
    connection: LlmConnection | None = getattr(extractor, "connection", None)
    seen = connection.prefix_cache() if connection is not None else None
    if seen is not None:
        ui.say(f"prefix cache of the LLM: {seen} were there already", "dim", on=errors)


def _check_ocr(name: str) -> None:
    """Refuses an engine that is not installed before any document is read."""
    from hybrid.errors import ModelError
    from hybrid.ingest.ocr import available_engines

    if name not in (known := available_engines()):
        raise ModelError(f"unknown OCR engine {name!r}; installed: {', '.join(known) or 'none'}")


def _progress(errors: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), console=errors)


def _say_failure(outcome: Outcome, debug: bool, bar: Progress) -> None:
    # Many errors begin with the file's name or path; it is not said twice.
    name = outcome.source.name
    named = outcome.error.startswith((name, str(outcome.source)))
    line = outcome.error if named else f"{name}: {outcome.error}"
    ui.say(line, "red", on=bar.console)
    if debug and outcome.trace:
        bar.console.print(outcome.trace, markup=False, soft_wrap=True)


def _warnings(outcomes: list[Outcome]) -> list[str]:
    """Each warning once, with the document, or the number of documents, that it is about."""
    about: dict[str, list[str]] = {}
    for outcome in outcomes:
        for warning in dict.fromkeys(outcome.warnings):
            about.setdefault(warning, []).append(outcome.source.name)
    return [
        f"warning: {names[0] if len(names) == 1 else f'{len(names)} documents'}: {warning}"
        for warning, names in about.items()
    ]


def _summary(outcomes: list[Outcome], out: Path) -> str:
    counts = Counter(outcome.result for outcome in outcomes)
    parts = [f"{counts[Result.DONE]} done"]
    if counts[Result.SKIPPED]:
        parts.append(f"{counts[Result.SKIPPED]} skipped (done before, nothing changed)")
    if counts[Result.FAILED]:
        parts.append(f"{counts[Result.FAILED]} failed, see {out / ERRORS}")
    if unverified := sum(not is_verified(outcome.fields) for outcome in outcomes):
        parts.append(f"{unverified} not verified by the LLM, which a second run makes good")
    return f"{', '.join(parts)}; results are in {out}"

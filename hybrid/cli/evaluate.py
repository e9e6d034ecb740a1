"""`hybrid eval`: run, score, compare."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hybrid.cli import console as ui
from hybrid.cli.eval_compare import compare
from hybrid.cli.extract import EngineOption
from hybrid.errors import HybridError
from hybrid.llm import DEFAULT_LLM

evaluate = typer.Typer(
    name="eval",
    help="Compares systems on datasets: F1 and hallucination, with intervals.",
    no_args_is_help=True,
)

_Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
_FailUnder = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TASK.METRIC=VALUE",
        help="Exit with 1 where a row is worse, as field.f1_micro=0.85 or "
        "hybrid:field.hallucination_rate=0.05; may be given several times.",
        show_default=False,
    ),
]
_IN_FILE = (
    *("dataset", "data_root", "split", "systems", "task", "checkpoint", "llm", "limit"),
    *("condition", "counterfactual", "schema", "seed", "workers", "engine", "llm_engine"),
    "reasoning",
)
_MOST_WARNINGS = 5
"""As many are shown; the report has them all."""
_Engine = Annotated[str, typer.Option(help="Of the tables: auto, cpu, streaming or gpu.")]


@evaluate.command()
def run(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE.yaml", help="A whole run; instead of --dataset and the rest."),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder of the run; an unfinished one goes on.")
    ] = Path("eval-output"),
    dataset: Annotated[
        list[str] | None,
        typer.Option(
            help="See `hybrid data list`; may be given several times.", show_default=False
        ),
    ] = None,
    data_root: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the release of each --dataset, in the same order.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            help="A split of the release, dev, or fit. Default: dev; of own documents all.",
            show_default=False,
        ),
    ] = None,
    systems: Annotated[
        str,
        typer.Option(
            help="gcn, llm, hybrid, regex, majority, empty, each with options: "
            "hybrid:mode=lenient,llm:prompt=v2,coordinates=given."
        ),
    ] = "gcn,llm,hybrid",
    task: Annotated[
        list[str] | None,
        typer.Option(help="label, field, link, structure; all by default.", show_default=False),
    ] = None,
    checkpoint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[TASK=]NAME_OR_PATH",
            help="GCN checkpoint of all tasks, or of one.",
            show_default=False,
        ),
    ] = None,
    llm: Annotated[
        str, typer.Option(metavar="NAME|URL", help="A pulled model, or http://host:port/v1#model.")
    ] = DEFAULT_LLM,
    llm_engine: Annotated[
        EngineOption,
        typer.Option(help="http asks a server, started where none runs; local: in this process."),
    ] = EngineOption.HTTP,
    reasoning: Annotated[
        bool, typer.Option("--reasoning", help="Reasoning models that have a switch think.")
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many documents.", show_default=False)
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(help="gold, ocr or split-pages; may be given several times. [default: gold]"),
    ] = None,
    counterfactual: Annotated[
        list[str] | None,
        typer.Option(
            help="remove-field, replace-field, mix-pages, planted-instruction, ocr-noise=RATE: "
            "of each condition such documents too.",
            show_default=False,
        ),
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(
            help="For --dataset own: receipt, itemized-receipt, form, FILE.py:Model, SCHEMA.json.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of counterfactuals, intervals and tests.")] = 0,
    workers: Annotated[int, typer.Option(min=1, help="Documents at a time, with an LLM.")] = 8,
    engine: _Engine = "auto",
    replay: Annotated[
        bool, typer.Option("--replay", help="Take LLM replies from recorded ones only.")
    ] = False,
    replies: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of recorded replies.", show_default=False),
    ] = None,
    fail_under: _FailUnder = None,
    debug: _Debug = False,
) -> None:
    """Runs systems over datasets and writes results.json, tables and report.html.

    What is done is kept at once: a run that was killed goes on where it stopped.

    Examples:
      hybrid eval run --dataset sroie --data-root data/sroie --systems gcn,regex --out runs/first

      hybrid eval run --dataset sroie --data-root data/sroie --counterfactual remove-field

      hybrid eval run --dataset own --data-root my-documents --split all --schema receipt

      hybrid eval run everything.yaml --out runs/everything

    Exit codes: 0 all good, 1 a --fail-under or the run failed, 2 bad usage, 130 interrupted.
    """
    errors = ui.console(stderr=True)
    with ui.reported(debug=debug, exit_code=ui.BAD_USAGE):
        from hybrid.resources import load_evaluation

        configs, gate = load_evaluation("run.config"), load_evaluation("run.gate")
        thresholds = [gate.Threshold.parse(text) for text in fail_under or []]
        if (file is None) == (not dataset):
            raise HybridError("give either FILE.yaml or --dataset (see hybrid eval run --help)")
        if file is not None:
            _refuse_beside_file(context)
            config = configs.read_config(file)
        else:
            content = {
                "datasets": _datasets(
                    dataset or [], data_root or [], split, limit, task, checkpoint or [], schema
                ),
                "systems": [systems],
                "llm": llm,
                "llm_engine": llm_engine.value,
                "reasoning": reasoning,
                "conditions": _conditions(condition or ["gold"], counterfactual or []),
                "seed": seed,
                "workers": workers,
                "engine": engine,
            }
            config = configs.validated(content, "hybrid eval run")
        config.check()
    with ui.reported(debug=debug):
        from hybrid.cli.eval_progress import EvalProgress

        with EvalProgress(errors) as bars:
            result = load_evaluation("api").run_evaluation(
                config,
                out,
                replay=replay,
                replies=replies,
                listener=bars,
                command=f"hybrid {shlex.join(sys.argv[1:])}",
            )
        _show(result, thresholds, gate)


@evaluate.command()
def score(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Of a finished run.")],
    seed: Annotated[
        int | None,
        typer.Option(help="Of intervals and tests; the run's by default.", show_default=False),
    ] = None,
    engine: _Engine = "auto",
    fail_under: _FailUnder = None,
    debug: _Debug = False,
) -> None:
    """Computes the metrics of a run again, without any model.

    Example:
      hybrid eval score runs/first
    """
    with ui.reported(debug=debug, exit_code=ui.BAD_USAGE):
        from hybrid.resources import load_evaluation

        gate = load_evaluation("run.gate")
        thresholds = [gate.Threshold.parse(text) for text in fail_under or []]
        result = load_evaluation("api").score_run(folder, seed=seed, engine=engine)
        _show(result, thresholds, gate)


def _refuse_beside_file(context: typer.Context) -> None:
    """A file says the whole run: what the command line says beside it would be lost."""
    for name in _IN_FILE:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = f"--{name.replace('_', '-')}"
            raise HybridError(f"{option} has no effect beside FILE.yaml: say it in the file")


def _show(result: Any, thresholds: Sequence[Any], gate: Any) -> None:
    """Prints the table of results and what falls short."""
    from hybrid.resources import load_evaluation

    ui.console().print(load_evaluation("report.terminal").results_table(result))
    for line in result.warnings[:_MOST_WARNINGS]:
        ui.say(f"warning: {line}", "yellow")
    if len(result.warnings) > _MOST_WARNINGS:
        ui.say(f"{len(result.warnings) - _MOST_WARNINGS} more warnings are in the report", "yellow")
    ui.say(f"report: {result.folder / 'report.html'}")
    short = gate.failures(result.rows.iter_rows(named=True), thresholds)
    for line in short:
        ui.say(f"too bad: {line}", "bold red")
    if short:
        raise typer.Exit(ui.FAILED)


def _datasets(
    names: Sequence[str],
    roots: Sequence[Path],
    split: str | None,
    limit: int | None,
    tasks: Sequence[str] | None,
    checkpoints: Sequence[str],
    schema: str | None,
) -> list[dict[str, Any]]:
    if len(roots) > len(names):
        raise HybridError(f"{len(names)} --dataset and {len(roots)} --data-root: give one for each")
    entries: list[dict[str, Any]] = []
    for number, name in enumerate(names):
        entry: dict[str, Any] = {"name": name, "limit": limit}
        entry["split"] = split or ("all" if name == "own" else "dev")
        entry["data_root"] = roots[number] if number < len(roots) else None
        entry["tasks"] = list(tasks) if tasks else None
        entry["checkpoint"] = _checkpoint(checkpoints)
        entry["schema"] = schema
        entries.append(entry)
    return entries


def _checkpoint(texts: Sequence[str]) -> str | Mapping[str, str] | None:
    """One checkpoint for all tasks, or one for each that is named."""
    by_task = dict(t.split("=", 1) for t in texts if t.split("=", 1)[0] in ("label", "field"))
    plain = [t for t in texts if t.split("=", 1)[0] not in ("label", "field")]
    if len(plain) > 1 or (plain and by_task):
        raise HybridError("give one --checkpoint, or one for each task: --checkpoint label=NAME")
    return plain[0] if plain else by_task or None


def _conditions(conditions: Sequence[str], counterfactuals: Sequence[str]) -> list[str]:
    return [*conditions, *(f"{c}+{name}" for c in conditions for name in counterfactuals)]


evaluate.command()(compare)

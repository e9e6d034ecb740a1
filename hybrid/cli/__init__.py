"""The command line: `hybrid extract`, `train`, `tune`, `calibrate`, `eval`, `data`, and more.

What is heavy is imported inside the commands, so that `hybrid --help` answers at once.
"""

from __future__ import annotations

import os

import typer

from hybrid.cli import bench as bench_command
from hybrid.cli import calibrate as calibrate_command
from hybrid.cli import data as data_command
from hybrid.cli import evaluate as evaluate_command
from hybrid.cli import extract as extract_command
from hybrid.cli import models as models_command
from hybrid.cli import serve as serve_command
from hybrid.cli import train as train_command
from hybrid.cli import tune as tune_command
from hybrid.cli import version as version_command

app = typer.Typer(
    name="hybrid",
    help="Structured data out of documents, in which every value points at its boxes.\n\n"
    "Start with: hybrid extract receipt.jpg --llm none",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(extract_command.extract)
app.command()(train_command.train)
app.command()(tune_command.tune)
app.command()(calibrate_command.calibrate)
app.add_typer(models_command.models, name="models")
app.add_typer(data_command.data, name="data")
app.add_typer(evaluate_command.evaluate, name="eval")
app.add_typer(bench_command.bench, name="bench")
app.command()(serve_command.serve)
app.command()(version_command.version)


def main() -> None:
    """Runs the command line of this process."""
    # Threads of torch that wait would otherwise spin, and take the cores from OCR and from vLLM.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    app()


__all__ = ["app", "main"]

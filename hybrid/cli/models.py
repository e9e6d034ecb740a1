"""`hybrid models`: list, pull, path, best."""

from __future__ import annotations

import shutil
import subprocess
from typing import Annotated

import typer

from hybrid.cli import console as ui

models = typer.Typer(
    help="Local models: what there is, and bringing it here.", no_args_is_help=True
)

_Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


@models.command("list")
def list_models(debug: _Debug = False) -> None:
    """Shows all known models and which are on this machine.

    Example: hybrid models list
    """
    with ui.reported(debug=debug):
        from rich.table import Table

        from hybrid.llm.models import list_models as entries

        table = Table("name", "kind", "download", "licence", "here", "description")
        for entry in entries():
            profile = entry.profile
            here = "damaged" if entry.problem else "yes" if entry.path else ""
            size = f"{profile.download_mb:.0f} MB"
            table.add_row(
                profile.name, profile.kind, size, profile.licence, here, profile.description
            )
        ui.console().print(table)
        for entry in entries():
            if entry.problem:
                ui.say(entry.problem, "yellow")


@models.command()
def pull(
    name: Annotated[str, typer.Argument(help="Of a model in `hybrid models list`.")],
    accept_license: Annotated[
        bool, typer.Option("--accept-license", help="You have read and accept its licence.")
    ] = False,
    debug: _Debug = False,
) -> None:
    """Downloads a model and checks every file; one that is here is only checked.

    Models are kept in the folder that HYBRID_HOME names, else in your cache folder.

    Example: hybrid models pull smollm2-135m
    """
    with ui.reported(debug=debug):
        from hybrid.llm.models import pull as pull_model
        from hybrid.llm.progress import progress_bar

        with progress_bar(ui.console(stderr=True)) as progress:
            folder = pull_model(name, accept_license=accept_license, progress=progress)
        typer.echo(folder)


@models.command()
def path(
    name: Annotated[str, typer.Argument(help="Of a model that was pulled.")],
    debug: _Debug = False,
) -> None:
    """Prints the folder of a model.

    Example: hybrid models path minilm-l6-v2
    """
    with ui.reported(debug=debug):
        from hybrid.llm.models import model_path

        typer.echo(model_path(name))


@models.command()
def best(debug: _Debug = False) -> None:
    """Prints the name of the best shipped model for this machine's GPU, or for its CPU.

    Example: hybrid models pull $(hybrid models best)
    """
    with ui.reported(debug=debug):
        from hybrid.llm.profiles import best_profile_for

        typer.echo(best_profile_for(gpu_memory_gb()).name)


def gpu_memory_gb() -> float | None:
    """Memory of the largest NVIDIA GPU in GB, or None where there is none that works."""
    if shutil.which("nvidia-smi") is None:
        return None
    command = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sizes = [int(line) for line in done.stdout.split() if line.isdigit()]
    # nvidia-smi counts in MiB.
    return max(sizes) * 2**20 / 1e9 if done.returncode == 0 and sizes else None

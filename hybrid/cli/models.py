"""`hybrid models`: what there is, bringing it here, making it, and asking it what it does."""

from __future__ import annotations

import importlib.util
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hybrid.cli import console as ui
from hybrid.cli.experts import experts
from hybrid.cli.probe import probe
from hybrid.cli.train_experts import train_experts
from hybrid.cli.upcycle import upcycle
from hybrid.llm.hardware import gpu_memory_gb

if TYPE_CHECKING:
    from hybrid.llm.hardware import Machine
    from hybrid.llm.profile import Profile

__all__ = ["gpu_memory_gb", "models"]

models = typer.Typer(
    help="Local models: what there is, and bringing it here.", no_args_is_help=True
)

_Debug = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]


@models.command("list")
def list_models(debug: _Debug = False) -> None:
    """Shows all known models, which of them fit this machine's memory, and which are here.

    Your own profiles are among them: see `hybrid models add`.

    Example: hybrid models list
    """
    with ui.reported(debug=debug):
        from rich.table import Table

        from hybrid.llm.hardware import this_machine
        from hybrid.llm.models import list_models as entries
        from hybrid.llm.profile import ServerSource
        from hybrid.llm.profiles import known_profiles

        machine = this_machine()
        table = Table(
            "name", "kind", "download", "memory", "fits", "here", "licence", "description"
        )
        for entry in entries():
            profile = entry.profile
            remote = isinstance(profile.source, ServerSource)
            here = "damaged" if entry.problem else "yes" if entry.path else ""
            table.add_row(
                profile.name,
                ", ".join(profile.kind),
                _size(profile.download_mb / 1000),
                "" if remote else _needed(machine, profile),
                "" if remote else _FITS[machine.fits(profile)],
                "server" if remote else here,
                profile.licence,
                profile.description,
            )
        ui.console().print(table)
        for problem in [*known_profiles()[1], *(e.problem for e in entries() if e.problem)]:
            ui.say(problem, "yellow")


@models.command()
def show(
    name: Annotated[str, typer.Argument(help="Of a profile, or the path of one.")],
    debug: _Debug = False,
) -> None:
    """Shows all that a profile says, and how this machine would serve the model.

    Example: hybrid models show gpt-oss-20b
    """
    with ui.reported(debug=debug):
        from rich.table import Table
        from rich.text import Text

        from hybrid.llm.hardware import this_machine
        from hybrid.llm.precision import served_dtype
        from hybrid.llm.profile import ServerSource
        from hybrid.llm.profiles import load_profile
        from hybrid.llm.vllm_command import vllm_flags

        profile, machine = load_profile(name), this_machine()
        table = Table.grid(padding=(0, 2))
        for key, value in _flat(profile.model_dump(mode="json", exclude_none=True)):
            table.add_row(Text(key, style="bold"), Text(value))
        if not isinstance(profile.source, ServerSource):
            table.add_row(Text("fits here", style="bold"), _FITS[machine.fits(profile)])
            served = machine.serving(profile)
            if served is not None and profile.is_llm:
                dtype = served_dtype(profile, machine)
                flags = shlex.join(vllm_flags(profile, *served, machine.parallel, dtype=dtype))
                table.add_row(Text("vLLM gets here", style="bold"), Text(flags))
        ui.console().print(table)


@models.command()
def add(
    file: Annotated[Path, typer.Argument(help="A profile: a TOML file of yours (docs/llms.md).")],
    debug: _Debug = False,
) -> None:
    """Checks a profile of yours and installs it, so that --llm takes its name.

    It is checked against vLLM too, where that is installed: flags, architecture, reasoning parser.
    A profile of the same name is replaced; a shipped one is hidden by yours.

    Example: hybrid models add my-model.toml
    """
    with ui.reported(debug=debug):
        from hybrid.errors import ModelError
        from hybrid.llm.profile import FolderSource, ServerSource
        from hybrid.llm.profiles import add_profile, model_folder, read_profile

        if not file.is_file():
            raise ModelError(f"{file}: no such profile file")
        profile = read_profile(file)
        if isinstance(profile.source, FolderSource):
            model_folder(profile.source.path)
        served_here = profile.is_llm and not isinstance(profile.source, ServerSource)
        if served_here and importlib.util.find_spec("vllm") is None:
            ui.say("vLLM is not installed here: flags and parsers were not checked", "yellow")
        elif served_here:
            from hybrid.llm.vllm_check import check_profile

            problems = check_profile(profile)
            if problems:
                raise ModelError("; ".join(f"{file}: {problem}" for problem in problems))
        typer.echo(add_profile(file))


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


models.command()(probe)
models.command()(upcycle)
models.command()(train_experts)
models.command()(experts)

_FITS = {True: "yes", False: "no", None: "?"}


def _needed(machine: Machine, profile: Profile) -> str:
    """Memory on this machine; on another class of machines where this one cannot serve it."""
    served = machine.serving(profile)
    if served is not None:
        return _size(served[1].memory_gb or 0)
    needs = [x.memory_gb for x in (profile.hardware.gpu, profile.hardware.gpus) if x is not None]
    return f"{_size(min((n for n in needs if n is not None), default=0))} GPU".strip()


def _size(gigabytes: float) -> str:
    """Rounded for people; nothing for what is not known."""
    if gigabytes == 0:
        return ""
    return f"{gigabytes:.1f} GB" if gigabytes < 10 else f"{gigabytes:.0f} GB"


def _flat(values: dict[str, Any], head: str = "") -> Iterator[tuple[str, str]]:
    """Keys with dots and their values as text; empty ones are left out."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{head}{key}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, entry in enumerate(value):
                yield from _flat(entry, f"{head}{key}[{number}].")
        elif value not in ([], ""):
            yield head + key, " ".join(map(str, value)) if isinstance(value, list) else str(value)

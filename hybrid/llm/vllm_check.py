"""Checks a profile against the vLLM that is installed: flags, architecture, reasoning parser."""

from __future__ import annotations

import argparse
import importlib
import io
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from typing import Any

from hybrid.llm.profile import HARDWARE_CLASSES, Profile
from hybrid.llm.vllm_command import vllm_flags

# vLLM moves its modules about; the newest place comes first.
_PARSERS = ("vllm.utils.argparse_utils", "vllm.utils")
_ARGUMENTS = ("vllm.entrypoints.launchers.cli_args", "vllm.entrypoints.openai.cli_args")


def check_profile(profile: Profile) -> list[str]:
    """What vLLM would not take of a profile, one line each that begins with the profile's key.

    Nothing is started and no weights are needed; importing vLLM takes some seconds.

    Raises:
        ImportError: If vLLM is not installed, or has its parts in none of the places known here.
    """
    problems = []
    for name in HARDWARE_CLASSES:
        serving = getattr(profile.hardware, name)
        if serving is not None:
            problem = _refused(vllm_flags(profile, name, serving))
            if problem:
                problems.append(f"hardware.{name}: vLLM refuses its flags: {problem}")
    if profile.architecture is not None and profile.architecture not in _architectures():
        problems.append(f"architecture: vLLM does not know {profile.architecture!r}")
    parser = profile.reasoning_parser
    if parser is not None and parser not in _reasoning_parsers():
        known = ", ".join(sorted(_reasoning_parsers()))
        problems.append(f"reasoning_parser: vLLM has no {parser!r}; it has {known}")
    return problems


def _refused(flags: list[str]) -> str | None:
    """Why vLLM's parser refuses flags, or None."""
    said = io.StringIO()
    try:
        with redirect_stderr(said), redirect_stdout(said):
            argument_parser().parse_args(["--model", "model", *flags])
    except SystemExit:
        lines = said.getvalue().splitlines()
        start = next((n for n, line in enumerate(lines) if "error: " in line), len(lines) - 1)
        return " ".join(" ".join(lines[start:]).partition("error: ")[2].split()) or "no reason told"
    except (ValueError, TypeError) as error:
        return " ".join(str(error).split())
    return None


@cache
def argument_parser() -> argparse.ArgumentParser:
    """The parser of vLLM's server.

    Raises:
        ImportError: If vLLM is not installed, or has it in none of the places known here.
    """
    made: argparse.ArgumentParser = first_of(_ARGUMENTS, "make_arg_parser")(
        first_of(_PARSERS, "FlexibleArgumentParser")()
    )
    return made


@cache
def _architectures() -> frozenset[str]:
    registry = importlib.import_module("vllm.model_executor.models.registry").ModelRegistry
    return frozenset(registry.get_supported_archs())


@cache
def _reasoning_parsers() -> frozenset[str]:
    manager = importlib.import_module("vllm.reasoning").ReasoningParserManager
    return frozenset(manager.reasoning_parsers) | frozenset(manager.lazy_parsers)


def first_of(modules: tuple[str, ...], name: str) -> Any:
    """What the first of some modules that has it calls by a name.

    Raises:
        ImportError: If none has it.
    """
    for module in modules:
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise ImportError(f"this version of vLLM has no {name} in {' or '.join(modules)}")

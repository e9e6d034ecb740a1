"""Mixtures of experts that are made on this machine: their commands, profiles and small files."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hybrid.errors import ModelError
from hybrid.llm.models import MANIFEST
from hybrid.llm.profile import MadeSource, Profile
from hybrid.llm.profiles import known_profiles

WEIGHTS_INDEX = "model.safetensors.index.json"
_COPIED = (".json", ".jinja", ".model", ".txt")
_KEPT = (
    "licence",
    "license_url",
    "max_model_len",
    "structured_outputs",
    "sampling",
    "reasoning_parser",
    "thinking_switch",
    "thinking_budget",
    "chat_template_arguments",
    "trust",
)


def made_by(command: str, model: str | Path, options: Mapping[str, object]) -> str:
    """The command line that makes a model again, from any folder.

    Args:
        command: Of `hybrid models`.
        model: That it begins with; a path is written out.
        options: Names, without dashes, to values; a list gives an option for each of its entries.
    """
    place = Path(model).expanduser()
    words = ["hybrid", "models", command, str(place.resolve() if place.exists() else model)]
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            words += [f"--{name}", str(one)]
    return shlex.join(words)


def mixture_profile(
    base: Profile, name: str, command: str, description: str
) -> tuple[Profile, bool]:
    """The profile of a mixture of experts that a command makes, and whether it has to be written.

    Args:
        base: Of the model that it is made of, whose ways of being asked it keeps.
        name: Of the new model.
        command: That makes it.
        description: One line.

    Raises:
        ModelError: If the name is none, or belongs to a model that is made otherwise.
    """
    known = known_profiles()[0].get(name)
    if known is not None:
        if not isinstance(known.source, MadeSource) or known.source.command != command:
            raise ModelError(f"{name} is the name of another model: choose another --name")
        return known, False
    try:
        made = Profile(
            name=name,
            description=description,
            kind=("moe", "reasoning") if "reasoning" in base.kind else ("moe",),
            architecture="MixtralForCausalLM",
            dtype="bfloat16",
            source=MadeSource(command=command),
            **{key: getattr(base, key) for key in _KEPT},
        )
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise ModelError(f"--name {name}: {said}") from error
    return made, True


def copy_companions(source: Path, target: Path) -> None:
    """Copies what stands beside weights and configuration: tokenizer, chat template, generation."""
    ours = ("config.json", MANIFEST, WEIGHTS_INDEX)
    for file in source.iterdir():
        if file.is_file() and file.suffix in _COPIED and file.name not in ours:
            shutil.copyfile(file, target / file.name)


def read_architecture(folder: Path) -> tuple[str, dict[str, Any]]:
    """The class of a model, and all of its `config.json`, which names it.

    Raises:
        ModelError: If that cannot be read.
    """
    path = folder / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return str((config.get("architectures") or ["unknown"])[0]), config
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error

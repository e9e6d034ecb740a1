"""Training that can be killed: everything the next epoch needs, in one file without pickle."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import torch
from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from hybrid.files import replacing

P = TypeVar("P", bound=BaseModel)

FOLDER = "training-state"
_FILE = "state.safetensors"


class Calibration(BaseModel):
    """What was fitted on the held-out documents.

    Attributes:
        temperature: Divides the logits.
        ece_before: Expected calibration error there at temperature 1.
        ece_after: The same at the fitted temperature.
    """

    temperature: float
    ece_before: float
    ece_after: float


class Progress(BaseModel):
    """Where a training is.

    Attributes:
        configuration: Hash of everything that decides the result; another one starts anew.
        stage: "text", "graph" (to choose the epoch and the temperature) or "final" (on all
            documents).
        epoch: Epochs of that stage that are done.
        best_score: F1 on the early-stopping documents of the best epoch, or -1.
        best_epoch: Its number, from 1, or 0.
        seconds: Spent so far.
        calibration: Of the network of the stage "graph", once that is done.
    """

    configuration: str
    stage: Literal["text", "graph", "final"] = "text"
    epoch: int = 0
    best_score: float = -1.0
    best_epoch: int = 0
    seconds: float = 0.0
    calibration: Calibration | None = None


class StateStore:
    """The folder `training-state` inside the checkpoint that is being made."""

    def __init__(self, out: Path) -> None:
        self.folder = out / FOLDER

    def save(self, progress: Progress, tensors: dict[str, Tensor]) -> None:
        """Replaces the state; a kill in between leaves the old one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # Copies, because tensors of one state may share their memory.
        write_state(self.folder / _FILE, progress, {k: v.clone() for k, v in tensors.items()})

    def load(self, configuration: str) -> tuple[Progress, dict[str, Tensor]] | None:
        """The state of an interrupted training of the same configuration, or None."""
        found = read_state(self.folder / _FILE, Progress)
        return found if found and found[0].configuration == configuration else None

    def remove(self) -> None:
        """After success."""
        shutil.rmtree(self.folder, ignore_errors=True)


def write_state(path: Path, progress: BaseModel, tensors: dict[str, Tensor]) -> None:
    """Replaces the state of a training; a kill in between leaves the old one."""
    with replacing(path) as temporary:
        save_file(
            {name: value.detach().contiguous() for name, value in tensors.items()},
            temporary,
            metadata={"progress": progress.model_dump_json()},
        )


def read_state(path: Path, kind: type[P]) -> tuple[P, dict[str, Tensor]] | None:
    """What `write_state` wrote; None where there is nothing, or it is broken or of another version."""
    if not path.is_file():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            progress = kind.model_validate_json((file.metadata() or {})["progress"])
            return progress, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, ValidationError):
        return None


def optimizer_tensors(optimizer: torch.optim.Optimizer, prefix: str) -> dict[str, Tensor]:
    """The optimizer's moments and step counts by name."""
    return {
        f"{prefix}{number}.{name}": value
        for number, state in optimizer.state_dict()["state"].items()
        for name, value in state.items()
    }


def load_optimizer(
    optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor], prefix: str
) -> None:
    """Puts back what `optimizer_tensors` gave."""
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith(prefix):
            number, _, name = key[len(prefix) :].partition(".")
            state.setdefault(int(number), {})[name] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def with_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors under `prefix + name`."""
    return {prefix + name: value for name, value in tensors.items()}


def without_prefix(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those tensors whose names start with `prefix`, without it."""
    return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}


def copy_of(module: nn.Module) -> dict[str, Tensor]:
    """The module's weights as they are now."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def in_half_precision(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The weights as float16, as a checkpoint keeps them: half the size, and no score changes."""
    return {k: v.half() if v.is_floating_point() else v for k, v in tensors.items()}


@contextmanager
def seeded(*parts: object) -> Iterator[int]:
    """Seeds torch from the parts, and gives the seed; restores torch's generator at the end.

    Each epoch is seeded by its own number, so that a resumed training has nothing to restore.
    """
    digest = hashlib.sha256(json.dumps([str(p) for p in parts]).encode()).digest()
    seed = int.from_bytes(digest[:4], "big")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield seed


def configuration_hash(values: dict[str, Any]) -> str:
    """SHA-256 of what decides a training's result."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

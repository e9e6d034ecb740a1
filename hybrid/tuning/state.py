"""The state of an interrupted tuning: adapter, optimizer and where it was, without pickle."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel
from torch import Tensor

from hybrid.gcn.state import read_state, write_state


class TuningProgress(BaseModel):
    """Where a tuning is.

    Attributes:
        configuration: Hash of everything that decides the result; another one starts anew.
        step: Steps that are done.
        tokens: That were computed.
        seconds: Spent so far.
        losses: Of each step.
    """

    configuration: str
    step: int = 0
    tokens: int = 0
    seconds: float = 0.0
    losses: list[float] = []


class TuningState:
    """One file in the working folder of a tuning."""

    def __init__(self, work_folder: Path) -> None:
        self.path = work_folder / "tuning-state.safetensors"

    def save(self, progress: TuningProgress, tensors: dict[str, Tensor]) -> None:
        """Replaces the state; a kill in between leaves the old one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_state(self.path, progress, tensors)

    def load(self, configuration: str) -> tuple[TuningProgress, dict[str, Tensor]] | None:
        """The state of an interrupted tuning of the same configuration, or None."""
        found = read_state(self.path, TuningProgress)
        return found if found and found[0].configuration == configuration else None

    def remove(self) -> None:
        """After success."""
        self.path.unlink(missing_ok=True)

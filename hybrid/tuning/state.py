"""The state of an interrupted tuning: adapter, optimizer and where it was, without pickle."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from hybrid.files import replacing


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
        with replacing(self.path) as temporary:
            save_file(
                {name: value.detach().contiguous() for name, value in tensors.items()},
                temporary,
                metadata={"progress": progress.model_dump_json()},
            )

    def load(self, configuration: str) -> tuple[TuningProgress, dict[str, Tensor]] | None:
        """The state of an interrupted tuning of the same configuration, or None."""
        if not self.path.is_file():
            return None
        try:
            with safe_open(self.path, framework="pt") as file:
                progress = TuningProgress.model_validate_json((file.metadata() or {})["progress"])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        except (SafetensorError, KeyError, ValidationError):
            return None  # broken or of another version: train from the start
        return (progress, tensors) if progress.configuration == configuration else None

    def remove(self) -> None:
        """After success."""
        self.path.unlink(missing_ok=True)

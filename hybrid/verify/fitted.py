"""Fitted fusions: files that belong to one checkpoint and one LLM, and are refused for any other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hybrid.errors import ModelError
from hybrid.files import write_text
from hybrid.verify.fuse import Fusion
from hybrid.verify.risk import HeldOut
from hybrid.verify.strategies import DEFAULT_STRATEGY, TRAINED, TrainedScorer

SHIPPED = Path(__file__).with_name("fusions")
"""Folder of the fusions that travel with the package, `CHECKPOINT+PROFILE.json`."""


class Pair(BaseModel):
    """The checkpoint and the LLM that a fusion was fitted for, and how that LLM is asked.

    Attributes:
        checkpoint: Its name or path, for people.
        checkpoint_sha256: Of its weights and configuration.
        profile: Name of the LLM's profile; of a model that no profile describes, its own name.
        served_model: The name that the LLM is asked by.
        prompts: Name to SHA-256 of the prompts that the votes were asked with.
        strategy: That gave the votes, with its settings, as `Strategy.name`.
        thinks: The LLM thought before it voted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    checkpoint: str
    checkpoint_sha256: str
    profile: str
    served_model: str
    prompts: dict[str, str]
    strategy: str = DEFAULT_STRATEGY
    thinks: bool = False

    @property
    def name(self) -> str:
        """Of its fusion, without the folders of a checkpoint that is named by its path."""
        parts = [Path(self.checkpoint).name, self.profile]
        if self.strategy != DEFAULT_STRATEGY:
            # "reflect,samples=4,scorer=trained" is "reflect-4-trained"
            parts.append("-".join(p.rpartition("=")[2] for p in self.strategy.split(",")))
        return "+".join(parts)

    @property
    def options(self) -> tuple[str, ...]:
        """With which the LLM is asked on the command line, each with its value."""
        kind, *settings = self.strategy.split(",")
        chosen = [f"--strategy {kind}"] if kind != DEFAULT_STRATEGY else []
        chosen += ["--{} {}".format(*setting.split("=")) for setting in settings]
        return (*chosen, "--reasoning") if self.thinks else tuple(chosen)

    @property
    def command(self) -> str:
        """That fits a fusion for this pair, but for its datasets."""
        # Which scorer it is, is found out.
        asked = [option for option in self.options if not option.startswith("--scorer")]
        if self.strategy.startswith(DEFAULT_STRATEGY):
            asked = [f"--strategy {DEFAULT_STRATEGY}", *asked]
        names = f"--checkpoint {self.checkpoint} --llm {self.profile}"
        ends = f"--dataset NAME --data-root DIR --out {self.name}.json"
        return " ".join(["hybrid calibrate", names, *asked, ends])

    def difference(self, other: Pair) -> str | None:
        """In what way the other pair is another one, or None where it is the same."""
        if self.checkpoint_sha256 != other.checkpoint_sha256:
            return (
                f"checkpoint {self.checkpoint!r} ({self.checkpoint_sha256[:12]}), not "
                f"{other.checkpoint!r} ({other.checkpoint_sha256[:12]})"
            )
        if (self.profile, self.served_model) != (other.profile, other.served_model):
            return (
                f"LLM {self.profile!r} (served as {self.served_model!r}), not "
                f"{other.profile!r} (served as {other.served_model!r})"
            )
        if self.strategy != other.strategy:
            return f"votes of strategy {self.strategy}, not {other.strategy}"
        if self.thinks != other.thinks:
            kinds = ("an LLM that does not think first", "one that does")
            return "{}, not {}".format(*(kinds[::-1] if self.thinks else kinds))
        for name, sha256 in self.prompts.items():
            if other.prompts.get(name) != sha256:
                return f"another text of the prompt {name!r}"
        return None


class FittedFusion(BaseModel):
    """A fusion with what it was fitted for and how well it did.

    Attributes:
        format: Version of the file.
        pair: That it was fitted for.
        fusion: What was fitted.
        scorer: Makes one vote of several answers; None where strategy and scorer do without.
        held_out: From which a threshold for a wished risk is computed.
        report: How it was fitted and what it changed, for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    pair: Pair
    fusion: Fusion
    scorer: TrainedScorer | None = None
    held_out: HeldOut
    report: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> FittedFusion:
        if (self.scorer is not None) != self.pair.strategy.endswith(f"scorer={TRAINED}"):
            raise ValueError("`scorer` and a strategy that is scored by it belong together")
        return self

    @property
    def identity(self) -> str:
        """Its name with the beginning of a hash over its content."""
        content = self.model_dump_json()
        return f"{self.pair.name}@{hashlib.sha256(content.encode()).hexdigest()[:12]}"

    def write(self, path: Path) -> None:
        """Writes the file, whole or not at all.

        Raises:
            OSError: If it cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, self.model_dump_json(indent=1) + "\n")


def read_fusion(path: Path) -> FittedFusion:
    """A fitted fusion from its file.

    Raises:
        ModelError: If the file cannot be read or is none; names file and key.
    """
    try:
        return FittedFusion.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"fusion {path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "content"
        raise ModelError(
            f"fusion {path} is none that `hybrid calibrate` wrote: {key}: {first['msg']}"
        ) from error


def shipped_fusion(pair: Pair) -> FittedFusion | None:
    """The shipped fusion for a pair, or None where none was fitted for it."""
    return next((f for f in shipped_fusions() if f.pair.difference(pair) is None), None)


def shipped_fusions() -> Iterator[FittedFusion]:
    """All shipped fusions, by the names of their files."""
    return map(read_fusion, sorted(SHIPPED.glob("*.json")))


def refuse_another_pair(fitted: FittedFusion, pair: Pair, path: Path | None) -> None:
    """Checks that a fusion was fitted for a pair.

    Raises:
        ModelError: If it was not; names both pairs and says how to fit one.
    """
    difference = fitted.pair.difference(pair)
    if difference is not None:
        raise ModelError(
            f"fusion {path or fitted.pair.name} was fitted for {difference}; fit one for this pair: "
            f"{pair.command}"
        )

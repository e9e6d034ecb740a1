"""What a run is asked to do: from the command line or a YAML file."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hybrid.errors import DatasetError, HybridError, unknown_name
from hybrid.llm import DEFAULT_LLM
from hybrid.llm.connect import LlmEngine
from hybrid.resources import checkpoint_folder
from hybrid.schema_sources import resolve_schema

from ..datasets.registry import DATASETS
from ..systems.spec import SystemSpec, parse_systems
from ..tasks import tasks_for
from .store import WITHOUT_INFLUENCE


class DatasetConfig(BaseModel):
    """One dataset of a run.

    Attributes:
        name: As `hybrid data list` knows it.
        data_root: Folder of its release; None for one that is drawn.
        split: A split of the release, `dev` or `fit`.
        limit: At most so many documents, the first by id.
        tasks: Only these; None for all that the dataset has gold for.
        checkpoint: A shipped checkpoint or a folder; where they differ, one for `label` and one
            for `field`, which also serves the tasks that come of the same extraction.
        schema_spec: A schema of one's own, for the dataset `own`.
        llm_limit: At most so many documents for systems that use an LLM; their rows say so in `n`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    data_root: Path | None = None
    split: str = "dev"
    limit: int | None = Field(default=None, ge=1)
    llm_limit: int | None = Field(default=None, ge=1)
    tasks: tuple[str, ...] | None = None
    checkpoint: str | dict[str, str] | None = None
    schema_spec: str | None = Field(default=None, alias="schema")

    @field_validator("name")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in DATASETS:
            raise ValueError(unknown_name("dataset", name, DATASETS))
        return name

    def checkpoint_for(self, task: str) -> str | None:
        """The checkpoint that serves a task, or None for the default one."""
        if isinstance(self.checkpoint, dict):
            return self.checkpoint.get(task)
        return self.checkpoint


class RunConfig(BaseModel):
    """A whole run.

    Attributes:
        datasets: In order.
        systems: As `--systems` takes them.
        llm: Profile, folder or address, for all systems that do not name their own.
        llm_engine: "http" asks servers, "local" runs LLMs in this process.
        reasoning: LLMs that can be told to think or not are told to think.
        conditions: "gold", "ocr" or "split-pages", each with "+COUNTERFACTUAL" where wanted.
        seed: Of counterfactual documents, intervals and tests.
        workers: Documents at a time for systems that use an LLM.
        engine: Of the frames: auto, cpu, streaming or gpu.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    datasets: tuple[DatasetConfig, ...] = Field(min_length=1)
    systems: tuple[str, ...] = ("gcn", "llm", "hybrid")
    llm: str = DEFAULT_LLM
    llm_engine: LlmEngine = "http"
    reasoning: bool = False
    conditions: tuple[str, ...] = Field(default=("gold",), min_length=1)
    seed: int = 0
    workers: int = Field(default=8, ge=1, le=64)
    engine: str = "auto"

    @property
    def specs(self) -> list[SystemSpec]:
        """The systems, parsed."""
        return parse_systems(self.systems)

    @property
    def sha256(self) -> str:
        """Of everything that changes results; the number of workers does not."""
        # Not said where it is not asked for, so that runs of before there was a choice go on.
        silent = WITHOUT_INFLUENCE if self.reasoning else {*WITHOUT_INFLUENCE, "reasoning"}
        text = self.model_dump_json(by_alias=True, exclude=set(silent))
        return hashlib.sha256(text.encode()).hexdigest()

    def check(self) -> None:
        """Finds out what can be known before any work.

        That is systems, datasets, tasks, conditions, and whether models and checkpoints exist.

        Raises:
            HybridError: What is wrong with it, in one line that names the entry.
        """
        from ..conditions import parse_condition

        specs = self.specs
        for dataset in self.datasets:
            _check_dataset(dataset)
            for spec in specs:
                if spec.needs_training_split:
                    _check_training(dataset, spec)
                _check_models(dataset, spec, spec.options.get("profile", self.llm))
        _refuse_twice([f"dataset {d.name} ({d.split})" for d in self.datasets])
        _refuse_twice([f"condition {parse_condition(c).name!r}" for c in self.conditions])


def _check_dataset(dataset: DatasetConfig) -> None:
    reader, name = DATASETS[dataset.name], dataset.name
    tasks = tasks_for(name, dataset.tasks)
    if dataset.split not in reader.splits:
        raise DatasetError(
            f"dataset {name} has no split {dataset.split!r}; it has {', '.join(reader.splits)}"
        )
    if reader.needs_root and dataset.data_root is None:
        raise DatasetError(f"dataset {name} needs the folder of its release as the data root")
    if dataset.schema_spec is not None:
        resolve_schema(dataset.schema_spec)
    for task in tasks:
        how = task.datasets[name]
        if task.work == "extract" and dataset.schema_spec is None and how.schema_name is None:
            raise DatasetError(f"dataset {name} has no schema of its own: give one (--schema)")


def _check_models(dataset: DatasetConfig, spec: SystemSpec, llm: str) -> None:
    """Other systems would run to their end before a name turned out to be wrong."""
    from hybrid.gcn.checkpoint import read_config
    from hybrid.llm.profiles import is_address, load_profile

    if spec.uses_llm and not is_address(llm):
        load_profile(llm)
    if spec.kind in ("gcn", "hybrid"):
        tasks = tasks_for(dataset.name, dataset.tasks)
        asked = [dataset.checkpoint_for(task.task) for task in tasks]
        for checkpoint in {spec.options.get("checkpoint"), *asked} - {None}:
            read_config(checkpoint_folder(str(checkpoint)))


def _check_training(dataset: DatasetConfig, spec: SystemSpec) -> None:
    """Systems that learn from documents are scored on others."""
    if dataset.split in (DATASETS[dataset.name].training_split, "fit"):
        raise DatasetError(
            f"system {spec.text!r} learns from training documents: on dataset {dataset.name} choose "
            f"another split than {dataset.split!r}"
        )


def _refuse_twice(names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise HybridError(f"{twice} is asked for twice")


def read_config(path: Path) -> RunConfig:
    """A run from a YAML file.

    Data roots are relative to the file's own folder; `~` and environment variables in data roots
    and checkpoints are filled in.

    Raises:
        HybridError: If the file cannot be read or says something unknown; names the entry.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HybridError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise HybridError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise HybridError(f"{path}: expected keys such as datasets and systems")
    return validated(content, str(path), path.parent)


def validated(content: dict[str, Any], where: str, folder: Path | None = None) -> RunConfig:
    """A configuration from plain data, with errors that name the entry.

    Args:
        content: As a YAML file holds it.
        where: Named in errors.
        folder: Against which relative paths are read; None leaves them as they are.
    """
    try:
        config = RunConfig.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise HybridError(
            f"{where}: {place}: {first['msg'].removeprefix('Value error, ')}"
        ) from None
    if folder is None:
        return config
    moved = tuple(_resolved(d, folder) for d in config.datasets)
    return config.model_copy(update={"datasets": moved})


def _resolved(dataset: DatasetConfig, folder: Path) -> DatasetConfig:
    changes: dict[str, Any] = {}
    if dataset.data_root is not None:
        changes["data_root"] = folder / _expanded(str(dataset.data_root), dataset.name)
    if isinstance(dataset.checkpoint, str):
        changes["checkpoint"] = _expanded(dataset.checkpoint, dataset.name)
    elif dataset.checkpoint is not None:
        named = dataset.checkpoint.items()
        changes["checkpoint"] = {task: _expanded(name, dataset.name) for task, name in named}
    return dataset.model_copy(update=changes)


def _expanded(text: str, dataset: str) -> str:
    """With `~` and `$NAME` filled in, so that one file serves every machine."""
    filled = os.path.expandvars(Path(text).expanduser())
    missing = re.search(r"\$\{?(\w+)", filled)
    if missing:
        raise HybridError(f"dataset {dataset}: the environment variable {missing[1]} is not set")
    return filled

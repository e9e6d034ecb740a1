"""Task files: which datasets a task is asked on, with which schema, and which metrics it has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from hybrid import schemas as built_in
from hybrid.errors import DatasetError
from hybrid.schema import FieldSchema

from . import schemas as own_schemas

TaskName = Literal["label", "field", "link", "structure"]
Work = Literal["label", "extract"]
TASKS: tuple[TaskName, ...] = ("label", "field", "link", "structure")


class TaskDataset(BaseModel):
    """How a task is asked on one dataset.

    Attributes:
        schema_name: A model of `hybrid.schemas` or `eval.tasks.schemas`; None where the user gives
            one, or none is needed.
        label: By which name values are compared: the path in the schema, the leaf's first GCN
            label, or the question of a form's pair.
        nodes: The dataset that is read for this task, where it is another reading of the same
            release.
        spans: Labels of words are merged into entities before they are scored.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_name: str | None = Field(default=None, alias="schema")
    label: Literal["path", "gcn_label", "question"] = "path"
    nodes: str | None = None
    spans: bool = False

    def schema_for(self, given: FieldSchema | None) -> FieldSchema:
        """The fields that are asked for.

        Args:
            given: The user's own schema, which wins.

        Raises:
            DatasetError: If there is neither.
        """
        if given is not None:
            return given
        if self.schema_name is None:
            raise DatasetError("this dataset has no schema of its own: give one with --schema")
        return _known_schema(self.schema_name)


@cache
def _known_schema(name: str) -> FieldSchema:
    """Made once: it is asked for with every document."""
    return FieldSchema(getattr(own_schemas, name, None) or getattr(built_in, name))


class Task(BaseModel):
    """A task file.

    Attributes:
        task: Its name.
        version: Raised whenever a change makes scores incomparable.
        work: What a system does for it: `extract` serves three tasks with one call.
        metrics: Columns of `results.json` that it fills; the others are null.
        datasets: Dataset to how it is asked there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: TaskName
    version: int
    work: Work
    metrics: tuple[str, ...]
    datasets: dict[str, TaskDataset]


@cache
def load_tasks() -> dict[TaskName, Task]:
    """All task files of this folder, by name."""
    folder = resources.files(__package__)
    tasks = {}
    for name in TASKS:
        text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
        tasks[name] = Task.model_validate(yaml.safe_load(text))
    return tasks


def tasks_for(dataset: str, wanted: Sequence[str] | None = None) -> list[Task]:
    """The tasks that a dataset has gold for.

    Args:
        dataset: Name of the dataset.
        wanted: Only these; None for all.

    Raises:
        DatasetError: If a task is unknown, or none is left.
    """
    unknown = sorted(set(wanted or ()) - set(TASKS))
    if unknown:
        raise DatasetError(
            f"dataset {dataset}: unknown task {unknown[0]!r}; known are {', '.join(TASKS)}"
        )
    found = [t for t in load_tasks().values() if dataset in t.datasets]
    chosen = [t for t in found if wanted is None or t.task in wanted]
    if not chosen:
        has = ", ".join(t.task for t in found) or "none"
        raise DatasetError(f"dataset {dataset} has none of the tasks asked for; it has: {has}")
    return chosen

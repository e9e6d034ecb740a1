"""The pieces of work of a run: which documents, with which gold, asked by which tasks."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from hybrid.errors import unknown_name
from hybrid.schema import FieldSchema
from hybrid.schema_sources import resolve_schema

from ..conditions import ConditionResult, apply_condition, parse_condition
from ..datasets.base import Sample
from ..datasets.joint import SAME_LABEL
from ..datasets.registry import find_dataset, read_dataset
from ..tasks import Task, TaskDataset, load_tasks, tasks_for
from .config import DatasetConfig, RunConfig
from .gold import gold_rows
from .rows import Asked, Place, asked_on
from .store import Unit

_FIELDS_ONLY = ("remove-field", "replace-field", "mix-pages")
"""Counterfactuals that are about the values of fields; the other tasks have nothing to do there."""


@dataclass(frozen=True)
class Asking:
    """One document of a job.

    Attributes:
        sample: As the systems see it.
        only: Path of the one field that counts; None for all.
    """

    sample: Sample
    only: str | None = None


@dataclass(frozen=True)
class Job:
    """All documents of one dataset under one condition, for one kind of work.

    Attributes:
        dataset: With split, limits and checkpoints.
        condition: As it was asked for.
        work: "label" or "extract".
        tasks: That this work serves.
        how: The first task's way to ask on this dataset.
        schema: The user's own, or None.
        documents: Under the condition, in order.
        reading: Name of the dataset as it is read for this work.
        training: Gives the documents to learn from, the training split without `dev`; read once.
        notes: What was left out of the condition, one line each.
    """

    dataset: DatasetConfig
    condition: str
    work: str
    tasks: tuple[Task, ...]
    how: TaskDataset
    schema: FieldSchema | None
    documents: tuple[Asking, ...]
    reading: str
    training: Callable[[], Sequence[Sample]]
    notes: tuple[str, ...] = ()

    def place(self, sample: Sample) -> Place:
        """Where a sample's rows belong."""
        return Place(self.dataset.name, self.dataset.split, self.condition, sample.id)

    def unit(self, system: str, sample: Sample) -> Unit:
        """The unit of a system and a sample."""
        return Unit(
            self.dataset.name, self.dataset.split, self.condition, self.work, system, sample.id
        )

    def asked(self, document: Asking | None = None) -> Asked | None:
        """The fields that are asked for; None where segments are labelled."""
        if self.work == "label":
            return None
        return asked_on(self.how, self.schema, document.only if document else None)

    def unknown_fields(self) -> list[str]:
        """A warning for each field of the gold that the schema does not have: mostly a slip of the pen."""
        asked = self.asked()
        if asked is None or asked.label != "path":
            return []
        known = {asked.compared_label(leaf) for leaf in asked.schema.leaves}
        without: dict[str, set[str]] = {}
        for document in self.documents:
            for value in document.sample.values or ():
                if value.label not in known:
                    without.setdefault(value.label, set()).add(document.sample.id)
        return [
            f"{self.dataset.name}: the gold of {min(ids) if len(ids) == 1 else f'{len(ids)} documents'} "
            f"names an {unknown_name('field', label, sorted(known))}; no system can find it"
            for label, ids in sorted(without.items())
        ]

    def checkpoint(self) -> str:
        """The checkpoint for systems that do not name their own."""
        named = self.dataset.checkpoint_for("label" if self.work == "label" else "field")
        if named is not None:
            return named
        from hybrid.pipeline.defaults import default_checkpoint

        asked = self.asked()
        if asked is not None:
            return default_checkpoint(asked.schema)
        return "forms" if "question" in self.labels() else "receipts"

    def labels(self) -> tuple[str, ...]:
        """The dataset's labels, the background first."""
        return find_dataset(self.reading).labels

    def aliases(self) -> dict[str, str]:
        """Names that a checkpoint of several datasets has for this dataset's labels."""
        known = self.labels()
        return {
            joint: label
            for label, joint in SAME_LABEL.items()
            if label in known and joint not in known
        }

    def gold(self) -> Iterator[dict[str, Any]]:
        """Gold rows of all documents and tasks."""
        for document in self.documents:
            for task in self.tasks:
                spans = task.datasets[self.dataset.name].spans
                yield from gold_rows(
                    document.sample, self.place(document.sample), task, self.asked(document), spans
                )

    def segments(self, without: Container[Place]) -> Iterator[dict[str, Any]]:
        """The text that the systems see; the rows of `segments.parquet`.

        Args:
            without: Documents that are not wanted.
        """
        for document in self.documents:
            place = self.place(document.sample)
            if place not in without:
                yield from _segment_rows(document.sample, place)


def jobs_of(config: RunConfig) -> Iterator[Job]:
    """All jobs of a run, in the order of its datasets and conditions; documents are read here.

    Raises:
        DatasetError: If a dataset or a split is missing or broken.
        SchemaError: If a schema of the user's cannot be loaded.
    """
    for dataset in config.datasets:
        schema = resolve_schema(dataset.schema_spec) if dataset.schema_spec else None
        tasks = tasks_for(dataset.name, dataset.tasks)
        readings: dict[str, _Reading] = {}
        for condition in config.conditions:
            made: dict[str, ConditionResult] = {}
            for work in ("label", "extract"):
                chosen = tuple(
                    t for t in tasks if t.work == work and _is_asked(t, dataset, condition)
                )
                if not chosen:
                    continue
                reading = chosen[0].datasets[dataset.name].nodes or dataset.name
                if reading not in readings:
                    readings[reading] = _Reading(reading, dataset)
                if reading not in made:
                    pool = readings[reading].pool
                    made[reading] = apply_condition(
                        pool[: dataset.limit],
                        condition,
                        config.seed,
                        kinds=_kinds(dataset.name, schema),
                        pool=pool,
                    )
                read = readings[reading]
                yield _job(dataset, condition, work, chosen, schema, read, made[reading])


class _Reading:
    """A dataset's documents as one kind of work reads them, and those to learn from."""

    def __init__(self, name: str, dataset: DatasetConfig) -> None:
        self.name = name
        # OCR of one's own pictures is not done twice.
        self.pool = read_dataset(name, dataset.data_root, dataset.split, cache=name == "own")
        self.training = cache(partial(read_dataset, name, dataset.data_root, "fit"))


def _is_asked(task: Task, dataset: DatasetConfig, condition: str) -> bool:
    """Whether a task has gold under a condition."""
    parsed = parse_condition(condition)
    if parsed.counterfactual in _FIELDS_ONLY:
        return task.task == "field"
    # OCR has words and characters of its own, and entities are those of the release.
    return not (task.datasets[dataset.name].spans and parsed.reading == "ocr")


def _kinds(dataset: str, schema: FieldSchema | None) -> dict[str, str]:
    """The types of a dataset's fields, by path and by compared label."""
    asked = asked_on(load_tasks()["field"].datasets[dataset], schema)
    kinds = {}
    for leaf in asked.schema.leaves:
        kinds[leaf.path] = kinds[asked.compared_label(leaf)] = leaf.kind.value
    return kinds


def _job(
    dataset: DatasetConfig,
    condition: str,
    work: str,
    tasks: tuple[Task, ...],
    schema: FieldSchema | None,
    read: _Reading,
    made: ConditionResult,
) -> Job:
    documents = []
    for sample in made.samples:
        changed = made.counterfactuals.get(sample.id)
        only = changed.asked[0] if changed is not None and changed.asked else None
        documents.append(Asking(sample, only))
    where = f"{dataset.name} {condition} {work}"
    notes = [f"{where}: {count} left out, {why}" for why, count in made.reasons().items()]
    if not documents:
        notes.append(f"{where}: there are no documents")
    how = tasks[0].datasets[dataset.name]
    return Job(
        dataset=dataset,
        condition=condition,
        work=work,
        tasks=tasks,
        how=how,
        schema=schema,
        documents=tuple(documents),
        reading=read.name,
        training=read.training,
        notes=tuple(notes),
    )


def limited(job: Job, uses_llm: bool) -> Sequence[Asking]:
    """The documents that a system is given: fewer for an LLM where the run says so."""
    if uses_llm and job.dataset.llm_limit is not None:
        return job.documents[: job.dataset.llm_limit]
    return job.documents


def _segment_rows(sample: Sample, place: Place) -> Iterator[dict[str, Any]]:
    shared = {
        "dataset": place.dataset,
        "split": place.split,
        "condition": place.condition,
        "document_id": place.document_id,
        "image": str(sample.image_path) if sample.image_path else None,
    }
    for page in sample.document.pages:
        here = shared | {
            "page": page.number,
            "page_width": page.width,
            "page_height": page.height,
        }
        if not page.segments:
            yield here | dict.fromkeys(
                ("segment_id", "text", "left", "top", "right", "bottom"), None
            )
        for segment in page.segments:
            left, top, right, bottom = (round(v, 2) for v in segment.box.as_tuple())
            yield here | {
                "segment_id": segment.id,
                "text": segment.text,
                "left": left,
                "top": top,
                "right": right,
                "bottom": bottom,
            }

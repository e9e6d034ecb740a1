"""Datasets become examples that an LLM is tuned on."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hybrid.errors import DatasetError
from hybrid.files import write_text
from hybrid.schema import FieldSchema
from hybrid.tuning.examples import (
    LabelledPages,
    TuningExample,
    examples_from_json,
    examples_to_json,
    extraction_example,
    verification_example,
)
from hybrid.verify.candidates import NodeProbabilities
from hybrid.verify.matter import is_sure
from hybrid.verify.resolve import Proposal
from hybrid.verify.variants import ExampleValue

from .datasets.base import Sample
from .hallucination.counterfactual import Counterfactual
from .hallucination.remove_field import without_fields
from .out_of_fold import Folds
from .own_documents import read_to_learn
from .run.examples import example_of
from .run.rows import Asked, asked_of_all
from .tasks import load_tasks

_REMOVED_SHARE = 0.5
"""Of the documents: they are read once more without one of their fields."""
_SINGLE_FIELDS = 6
"""That are asked for one by one, at most; a question more on a page costs a tenth of the page."""
_VERIFIED_SHARE = 0.1
"""Of the documents, and of those without a field: proposals on them are verified. A small model hardly
learns to bind letters to lines, and a page costs as much as one that is read."""


@dataclass(frozen=True)
class GoldLabels:
    """Gold labels in the form of predictions, for code that puts lists together.

    Attributes:
        labels: Names of the columns.
        probabilities: `[segments, labels]`, 0 and 1.
        links: None.
    """

    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]
    links: None = None

    @classmethod
    def of(cls, labels: Sequence[str]) -> GoldLabels:
        """From one label a segment."""
        names = tuple(sorted(set(labels)))
        return cls(names, np.array([[float(a == b) for b in names] for a in labels]))


def tuning_examples(
    dataset: str,
    root: Path | None,
    folds: Folds,
    context_tokens: int,
    seed: int,
    limit: int | None = None,
    kept: Path | None = None,
    think: bool = False,
    schema: FieldSchema | None = None,
) -> Iterator[tuple[float, list[TuningExample]]]:
    """Examples from the `fit` part of a dataset; nothing of `dev`.

    Of each document one of extraction, of all its fields, of those that the GCN is not sure of, and
    of single ones; of some another after a field was removed, of all fields, of that one, of it and
    another one, and of another one alone; of some one of verification; and of some one of
    verification after a field was removed, if possible one for which the GCN still proposes
    something. Being asked for alone must not hint at being absent.

    Args:
        dataset: A key of `DATASETS` that the task `field` knows.
        root: Folder of its release; None for one that is drawn.
        folds: Predictions out of fold for the same documents.
        context_tokens: Of the LLM, without those that it thinks.
        seed: Of everything random.
        limit: At most so many documents, the first by their ids.
        kept: File for the examples of the documents that are done, one line each; what is there is
            not made again.
        think: Thoughts come before the replies.
        schema: Of the dataset `own`.

    Yields:
        The share of the documents that are done, and the next one's examples.

    Raises:
        DatasetError: If the dataset is unknown, broken, or not asked for fields by a fixed schema.
    """
    asked = asked_of_all(dataset, schema)
    if asked is None:
        raise DatasetError(f"dataset {dataset} has no fixed fields that an LLM could be tuned on")
    nodes = load_tasks()["field"].datasets[dataset].nodes
    read = read_to_learn(nodes or dataset, root, "fit", schema)
    samples = [s for s in read if s.id in folds.predictions]
    samples = samples[:limit]
    done = _kept_lines(kept)
    for number, sample in enumerate(samples, start=1):
        if number <= len(done):
            yield number / len(samples), examples_from_json(done[number - 1])
            continue
        rng = random.Random(f"{seed}/{dataset}/{sample.id}")  # noqa: S311
        pages = _pages(sample, asked)
        said = folds.predictions[sample.id]
        found = [extraction_example(pages, context_tokens, _parts(pages, said, rng), think=think)]
        without = _without_a_field(sample, asked, rng)
        if without and rng.random() < _REMOVED_SHARE:
            parts = _parts_without(without[0], rng)
            found.append(extraction_example(without[0], context_tokens, parts, think=think))
        if rng.random() < _VERIFIED_SHARE:
            found.append(verification_example(pages, said, context_tokens, rng, think=think))
        if rng.random() < _VERIFIED_SHARE:
            found.append(_removed_and_proposed(without, folds, context_tokens, rng, think))
        examples = [example for example in found if example is not None]
        if kept is not None:
            with kept.open("a", encoding="utf-8") as file:
                file.write(examples_to_json(examples) + "\n")
        yield number / len(samples), examples


def _parts(
    pages: LabelledPages, predictions: NodeProbabilities, rng: random.Random
) -> list[set[str]]:
    """The leaves outside lists of which the GCN is not sure, and single ones in random order."""
    flat = Proposal.of(pages.document, pages.schema, predictions).flat
    doubtful = {path for path, found in flat.items() if found and not is_sure(found)}
    single = rng.sample(sorted(flat), min(len(flat), _SINGLE_FIELDS))
    return [doubtful, *({path} for path in single)]


def _parts_without(pages: LabelledPages, rng: random.Random) -> list[set[str]]:
    """The removed leaf, it and another one, and another one alone."""
    gone = pages.removed or ""
    others = sorted(pages.values.keys() - {gone})
    if not others:
        return [{gone}]
    return [{gone}, {gone, rng.choice(others)}, {rng.choice(others)}]


def _kept_lines(kept: Path | None) -> list[str]:
    """The whole lines of a file; a last one that was torn by a kill is cut off."""
    if kept is None or not kept.is_file():
        return []
    text = kept.read_text(encoding="utf-8")
    whole = text[: text.rfind("\n") + 1]
    if whole != text:
        write_text(kept, whole)
    # Not splitlines(), which also splits at characters that can stand inside a text.
    return whole.split("\n")[:-1]


def _removed_and_proposed(
    without: Sequence[LabelledPages],
    folds: Folds,
    context_tokens: int,
    rng: random.Random,
    think: bool,
) -> TuningExample | None:
    """Questions about a page that lacks a field, the first that asks for that field if any does."""
    first: TuningExample | None = None
    for pages in without:
        predictions = folds.predict(pages.document, pages.original_id)
        example = verification_example(pages, predictions, context_tokens, rng, think=think)
        if example is None:
            continue
        if any(turn.path == pages.removed for turn in example.turns):
            kept = [t for t in example.turns if t.path == pages.removed or rng.random() < 0.5]
            return replace(example, turns=tuple(kept))
        first = first or example
    return first


def _pages(sample: Sample, asked: Asked) -> LabelledPages:
    values = {
        path: value for path, value in example_of(sample, asked).values.items() if "[" not in path
    }
    return LabelledPages(
        document=sample.document,
        schema=asked.schema,
        values=values,
        node_labels=None if asked.schema.is_flat else GoldLabels.of(sample.labels or ()),
        original_id=sample.id,
    )


def _without_a_field(sample: Sample, asked: Asked, rng: random.Random) -> list[LabelledPages]:
    """The document without one of its fields, each that can be removed whole, in random order."""
    kinds = {label: str(kind) for label, kind in asked.kinds().items()}
    leaf_of = {asked.compared_label(leaf): leaf for leaf in asked.schema.leaves}
    found = [c for c in without_fields(sample, kinds) if c.absent[0][1] in leaf_of]
    rng.shuffle(found)
    return [_without(c, sample, asked, leaf_of[c.absent[0][1]].path) for c in found]


def _without(chosen: Counterfactual, sample: Sample, asked: Asked, gone: str) -> LabelledPages:
    """The gold of what is left."""
    labels = chosen.sample.labels or ()
    values = {
        path: ExampleValue(
            value.text,
            tuple(
                s.id
                for s, label in zip(chosen.sample.document.segments, labels, strict=True)
                if label == asked.compared_label(asked.schema.by_path[path])
            ),
        )
        for path, value in _pages(sample, asked).values.items()
        if path != gone
    }
    return LabelledPages(
        document=chosen.sample.document,
        schema=asked.schema,
        values=values,
        node_labels=None if asked.schema.is_flat else GoldLabels.of(labels),
        original_id=sample.id,
        removed=gone,
    )

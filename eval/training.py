"""Datasets become a checkpoint: what `hybrid train` does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from hybrid.errors import DatasetError, ModelError
from hybrid.gcn.checkpoint import Metrics
from hybrid.gcn.context import ContextEncoder
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.registry import find_recipe
from hybrid.gcn.training import FEW_DOCUMENTS, TrainingSettings, train
from hybrid.gcn.warm_start import WarmStart
from hybrid.llm.models import encoder_folder
from hybrid.resources import checkpoint_folder, checkpoints_dir
from hybrid.schema import FieldSchema

from .datasets.base import Sample
from .datasets.joint import SAME_LABEL
from .datasets.pictures import with_picture
from .datasets.registry import find_dataset
from .own_documents import known_labels, read_to_learn

CONTEXT = "smollm2-135m"
"""Reads the pages where few documents are trained on."""


def train_checkpoint(
    datasets: Sequence[str],
    data_roots: Sequence[Path | None],
    out: Path,
    encoder: str = "minilm-l6-v2",
    seed: int = 0,
    epochs: int | None = None,
    limit: int | None = None,
    recipe: str = "default",
    start: str = "auto",
    context: str = "auto",
    schema: FieldSchema | None = None,
    on_status: Callable[[str], None] | None = None,
) -> Metrics:
    """Trains on the `fit` part of one or several datasets and scores their `dev` part.

    Args:
        datasets: Names, each once.
        data_roots: The folder of each dataset's release; None for one that is drawn.
        out: Folder of the checkpoint.
        encoder: Name of a profile, or folder, of a BERT-family encoder.
        seed: Of everything random.
        epochs: Most passes of the graph network.
        limit: At most so many documents of each dataset, for trying things out.
        recipe: Graph and network: one of `hybrid.gcn.recipes.registry.RECIPES`, with switches.
        start: The checkpoint to begin with, by name or folder; "auto" takes a shipped one that
            knows some of the labels and none of the datasets, "none" begins anew.
        context: Name of a profile, or folder, of a small language model that reads the pages; "none"
            for no such, "auto" for `CONTEXT` where it pays: with the default recipe and few documents,
            if it was pulled.
        schema: Of the dataset `own`.
        on_status: Told what a user should know.

    Returns:
        What stands in the checkpoint's `metrics.json`.

    Raises:
        CheckpointError: If the checkpoint to begin with is missing or does not fit.
        DatasetError: If a dataset is unknown, missing or broken.
        ModelError: If a model was not pulled, or there is no such recipe.
    """
    if len(datasets) != len(data_roots):
        raise DatasetError(
            f"{len(datasets)} datasets and {len(data_roots)} data roots: give one root for each"
        )
    joint = len(datasets) > 1
    pictures = find_recipe(RecipeConfig.parse(recipe).name).more is not None
    fit: list[LabelledDocument] = []
    dev: list[LabelledDocument] = []
    for name, root in zip(datasets, data_roots, strict=True):
        fit += labelled(name, root, "fit", joint, pictures, schema, limit)
        dev += labelled(name, root, "dev", joint, pictures, schema, limit)
    settings = TrainingSettings(seed=seed, recipe=recipe)
    if epochs is not None:
        settings = replace(settings, graph_epochs=epochs)
    return train(
        fit,
        encoder_folder(encoder),
        out,
        encoder_name=encoder,
        data_sha256=_list_hash(fit),
        development=dev,
        settings=settings,
        start=_start(start, datasets),
        context=_context(context, recipe, len(fit), on_status),
    )


def _context(
    name: str, recipe: str, documents: int, on_status: Callable[[str], None] | None = None
) -> ContextEncoder | None:
    """The language model that reads the pages, if one does."""
    if name == "auto":
        if RecipeConfig.parse(recipe).name != "default" or documents > FEW_DOCUMENTS:
            return None
        try:
            return ContextEncoder(encoder_folder(CONTEXT), CONTEXT)
        except ModelError as error:
            if on_status:
                on_status(
                    f"{documents} documents are few: the checkpoint would get better if {CONTEXT} "
                    f"read the pages, but {error}"
                )
            return None
    return None if name == "none" else ContextEncoder(encoder_folder(name), name)


def _start(start: str, datasets: Sequence[str]) -> WarmStart | list[WarmStart]:
    """What a training may begin with.

    Of the shipped checkpoints those that have not seen the datasets: a document that a checkpoint
    was fitted on could no longer say when to stop or how sure to be.
    """
    if start == "none":
        return []
    if start == "auto":
        return shipped_starts(datasets)
    return WarmStart.read(checkpoint_folder(start))


def shipped_starts(datasets: Sequence[str]) -> list[WarmStart]:
    """The shipped checkpoints that have not seen any of the datasets."""
    shipped = sorted(checkpoints_dir().glob("*/config.json"))
    found = [WarmStart.read(f.parent) for f in shipped]
    return [s for s in found if not set(s.datasets) & set(datasets)]


def labelled(
    name: str,
    root: Path | None,
    split: str,
    joint: bool,
    pictures: bool = False,
    schema: FieldSchema | None = None,
    limit: int | None = None,
) -> list[LabelledDocument]:
    """A split as labelled documents, or the first so many of it.

    Where datasets are trained together, labels that mean the same become one, and CORD-r is read by
    segments, as OCR will give them; alone it is read by words, as it is evaluated. With `pictures` the pages
    have theirs, where the release has any. Documents of one's own are labelled by the fields of a schema.
    """
    reading = "cord_r_segments" if joint and name == "cord_r" else name
    dataset = find_dataset(reading)
    samples = read_to_learn(reading, root, split, schema, limit)
    same = SAME_LABEL if joint else {}
    known = frozenset(
        same.get(label, label) for label in known_labels(name, dataset.labels, schema)
    )
    has_links = any(sample.links for sample in samples)
    return [
        LabelledDocument(
            document=with_picture(sample.document, sample.image_path)
            if pictures
            else sample.document,
            labels=tuple(same.get(label, label) for label in sample.labels),
            known_labels=known,
            dataset=name,
            links=_links(sample) if has_links else None,
        )
        for sample in samples
        if sample.labels is not None
    ]


def _links(sample: Sample) -> frozenset[tuple[int, int]]:
    """Questions and their answers by their places among the segments."""
    place = {segment.id: k for k, segment in enumerate(sample.document.segments)}
    return frozenset((place[q], place[a]) for q, a in sample.links_between("question", "answer"))


def _list_hash(documents: Sequence[LabelledDocument]) -> str:
    names = sorted(
        f"{d.dataset}/{d.document.id}/{hashlib.sha256(d.document.text.encode()).hexdigest()}"
        for d in documents
    )
    return hashlib.sha256("\n".join(names).encode()).hexdigest()

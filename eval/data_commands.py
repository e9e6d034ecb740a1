"""What `hybrid data` does: lists the datasets, and shows one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hybrid.errors import DatasetError

from .data_page import render_sample
from .datasets.base import Sample
from .datasets.registry import DATASETS, find_dataset, read_dataset
from .datasets.releases import RELEASES


@dataclass(frozen=True)
class Listed:
    """A line of `hybrid data list`.

    Attributes:
        name: On the command line.
        splits: The release's and ours.
        licence: Of the data.
        commercial: "yes", "no" or "not stated".
        pull: Whether `hybrid data pull` can fetch it.
        description: In a few words.
    """

    name: str
    splits: tuple[str, ...]
    licence: str
    commercial: str
    pull: bool
    description: str


def list_datasets() -> list[Listed]:
    """All datasets, in the registry's order."""
    words = {True: "yes", False: "no", None: "not stated"}
    return [
        Listed(
            name=name,
            splits=dataset.splits,
            licence=RELEASES[name].licence,
            commercial=words[RELEASES[name].commercial],
            pull=bool(RELEASES[name].downloads),
            description=RELEASES[name].description,
        )
        for name, dataset in DATASETS.items()
    ]


@dataclass(frozen=True)
class Summary:
    """Counts over a split.

    Attributes:
        documents: All.
        pictures: Documents with a picture.
        segments: All.
        words: All.
        links: All.
        labels: Segments of each label, in the dataset's order; empty where there are no labels.
        values: Gold values of each label, most frequent first; alternatives count as one. The pairs
            of forms, whose labels are the questions, are counted as "pairs".
        warnings: What was said while documents were read, one line each.
    """

    documents: int
    pictures: int
    segments: int
    words: int
    links: int
    labels: dict[str, int]
    values: dict[str, int]
    warnings: tuple[str, ...]


def summarize(samples: Sequence[Sample], labels: Sequence[str]) -> Summary:
    """Counts documents, segments, labels and values.

    Args:
        samples: Of one dataset.
        labels: All labels that it may have.
    """
    segments = [segment for sample in samples for segment in sample.document.segments]
    found = Counter(label for sample in samples for label in sample.labels or ())
    values: Counter[str] = Counter()
    for sample in samples:
        labels_of = {v.path: v.label for v in sample.values or ()}
        values.update(
            "pairs" if path.startswith("pairs[") and "." not in path else label
            for path, label in labels_of.items()
        )
    return Summary(
        documents=len(samples),
        pictures=sum(sample.image_path is not None for sample in samples),
        segments=len(segments),
        words=sum(len(segment.words) for segment in segments),
        links=sum(len(sample.links) for sample in samples),
        labels={label: found[label] for label in labels} if found else {},
        values=dict(values.most_common()),
        warnings=tuple(
            f"{sample.id}: {warning}" for sample in samples for warning in sample.document.warnings
        ),
    )


def show_dataset(name: str, root: Path | None, split: str, out: Path | None) -> Summary:
    """Reads a split, counts it and draws its first document.

    Args:
        name: Of the dataset.
        root: The folder of its release; None for drawn documents.
        split: One of its splits.
        out: HTML file to write, or None.

    Raises:
        DatasetError: If the dataset or split is unknown or absent, or a file is broken.
    """
    dataset = find_dataset(name)
    samples = read_dataset(name, root, split)
    summary = summarize(samples, dataset.labels)
    if not samples:
        raise DatasetError(f"dataset {name}: split {split!r} in {root} has no documents")
    if out is not None:
        first = samples[0]
        page = render_sample(first, dataset.labels, f"{name} {split}: {first.id}")
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
    return summary

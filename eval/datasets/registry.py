"""The datasets by name."""

from __future__ import annotations

from pathlib import Path

from hybrid.errors import DatasetError

from .base import Dataset, Sample
from .cord_r import CordR
from .drawn_forms import DrawnForms
from .funsd import Funsd
from .sroie import Sroie

DATASETS: dict[str, Dataset] = {
    "funsd": Funsd(),
    "sroie": Sroie(),
    "cord_r": CordR(nodes="words"),
    "cord_r_segments": CordR(nodes="segments"),
    "drawn_forms": DrawnForms(),
}
"""Readers by the name that the command line uses."""


def read_dataset(name: str, root: Path | str, split: str) -> list[Sample]:
    """Reads one split of a dataset, sorted by document id.

    Args:
        name: A key of `DATASETS`.
        root: The folder of that dataset's own release.
        split: One of `DATASETS[name].splits`.

    Returns:
        The documents with their gold.

    Raises:
        DatasetError: If the dataset or the split is unknown or absent, or a file is broken.
    """
    if name not in DATASETS:
        raise DatasetError(f"unknown dataset {name!r}; known are {', '.join(DATASETS)}")
    return DATASETS[name].load(Path(root), split)

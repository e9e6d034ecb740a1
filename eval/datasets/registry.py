"""The datasets by name."""

from __future__ import annotations

from pathlib import Path

from hybrid.errors import DatasetError, UnknownDatasetError, unknown_name

from .base import Dataset, Sample
from .cache import cached
from .cord import Cord
from .cord_r import CordR
from .cord_v2_5labels import CordFiveLabels
from .drawn_forms import DrawnForms
from .drawn_receipts import DrawnReceipts
from .funsd import Funsd
from .own import Own
from .sroie import Sroie
from .wildreceipt import WildReceipt, WildReceiptOpenSet
from .xfund import LANGUAGES, Xfund

DATASETS: dict[str, Dataset] = {
    "funsd": Funsd(),
    "sroie": Sroie(),
    "cord": Cord(),
    "cord_r": CordR(nodes="words"),
    "cord_r_segments": CordR(nodes="segments"),
    "cord_v2_5labels": CordFiveLabels(),
    "wildreceipt": WildReceipt(),
    "wildreceipt_openset": WildReceiptOpenSet(),
    **{f"xfund_{language}": Xfund(language) for language in LANGUAGES},
    "own": Own(),
    "drawn_forms": DrawnForms(),
    "drawn_receipts": DrawnReceipts(),
}
"""Readers by the name that the command line uses."""


def find_dataset(name: str) -> Dataset:
    """The reader of that name.

    Raises:
        DatasetError: If there is none.
    """
    if name not in DATASETS:
        raise UnknownDatasetError(unknown_name("dataset", name, DATASETS))
    return DATASETS[name]


def read_dataset(
    name: str,
    root: Path | str | None,
    split: str,
    *,
    cache: bool = False,
    limit: int | None = None,
) -> list[Sample]:
    """Reads one split of a dataset, sorted by document id.

    Args:
        name: A key of `DATASETS`.
        root: The folder of that dataset's own release; None for those that are drawn.
        split: One of `DATASETS[name].splits`.
        cache: Keep what was read in the cache folder, and take it from there as long as no file
            below `root` changes (see `cache`).
        limit: Of the first so many documents; of those that are drawn no others are.

    Returns:
        The documents with their gold.

    Raises:
        DatasetError: If the dataset or the split is unknown or absent, or a file is broken.
    """
    dataset = find_dataset(name)
    if not dataset.needs_root:
        return dataset.load(Path(), split, limit)
    if root is None:
        raise DatasetError(f"dataset {name} needs the folder of its release as the data root")
    if cache:
        return cached(name, dataset, Path(root), split)[:limit]
    return dataset.load(Path(root), split, limit)

"""Readers of public document sets: `read_dataset(name, root, split)`."""

from .base import BACKGROUND, Dataset, Entity, GoldValue, Sample, split_dev
from .registry import DATASETS, read_dataset

__all__ = [
    "BACKGROUND",
    "DATASETS",
    "Dataset",
    "Entity",
    "GoldValue",
    "Sample",
    "read_dataset",
    "split_dev",
]

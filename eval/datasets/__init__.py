"""Readers of public document sets: `read_dataset(name, root, split)`."""

from .base import BACKGROUND, Dataset, Entity, Sample, split_dev
from .registry import DATASETS, read_dataset

__all__ = ["BACKGROUND", "DATASETS", "Dataset", "Entity", "Sample", "read_dataset", "split_dev"]

"""What the datasets share that we draw ourselves: documents come from their seeds, not from disk."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from .base import Dataset, Sample


class DrawnDataset(Dataset):
    """Draws the documents of a split; equal in every process and on every machine."""

    released_splits: ClassVar[tuple[str, ...]] = ("train", "test")
    needs_root: ClassVar[bool] = False

    @abstractmethod
    def size(self, split: str) -> int:
        """Number of documents of one of the two splits."""

    @abstractmethod
    def draw(self, split: str, number: int) -> Sample:
        """The document of that number, from 0, of a split."""

    def load(self, root: Path | None, split: str) -> list[Sample]:
        """Draws one split, sorted by document id.

        Args:
            root: Not looked at.
            split: One of `splits`.

        Returns:
            The documents with their gold.

        Raises:
            DatasetError: If the split is unknown.
        """
        return super().load(Path(), split)

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        for number in range(self.size(split)):
            yield self.draw(split, number)

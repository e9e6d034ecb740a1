"""What the datasets share that we draw ourselves: documents come from their seeds, not from disk."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import ClassVar

from .base import Dataset, Sample, dev_ids


class DrawnDataset(Dataset):
    """Draws the documents of a split; equal in every process and on every machine."""

    released_splits: ClassVar[tuple[str, ...]] = ("train", "test")
    needs_root: ClassVar[bool] = False

    @abstractmethod
    def size(self, split: str) -> int:
        """Number of documents of one of the two splits."""

    @abstractmethod
    def document_id(self, split: str, number: int) -> str:
        """The id of the document of that number, from 0, of a split."""

    @abstractmethod
    def draw(self, split: str, number: int) -> Sample:
        """The document of that number, from 0, of a split."""

    def load(self, root: Path | None, split: str, limit: int | None = None) -> list[Sample]:
        """Draws one split, sorted by document id, and no other document.

        Args:
            root: Not looked at.
            split: One of `splits`.
            limit: Of the first so many documents.

        Returns:
            The documents with their gold.

        Raises:
            DatasetError: If the split is unknown.
        """
        self._check(split)
        if split not in ("dev", "fit"):
            # Numbers have as many digits each, so this is the order of the ids too.
            return list(islice(self._read(Path(), split), limit))
        drawn_from = self.training_split
        numbers = {self.document_id(drawn_from, n): n for n in range(self.size(drawn_from))}
        dev = dev_ids(numbers)
        own = sorted(i for i in numbers if (i in dev) == (split == "dev"))
        return [self.draw(drawn_from, numbers[document_id]) for document_id in own[:limit]]

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        for number in range(self.size(split)):
            yield self.draw(split, number)

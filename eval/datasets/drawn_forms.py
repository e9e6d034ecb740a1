"""Forms and invoices that we draw ourselves: training data free of anybody's licence.

Lines are the nodes, as an OCR engine returns them and with its mistakes (`drawing.perturb`). Labels
are FUNSD's. Nothing is read from disk: documents come from their seeds, so any data root will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final

from ..drawing.forms import draw_form, seeded
from ..drawing.invoices import draw_invoice
from ..drawing.perturb import perturb, random_noise
from .base import BACKGROUND, Dataset, Sample
from .pairs import pair_values

SIZES: Final = {"train": 1500, "test": 200}
"""Documents of each split."""

_INVOICE_SHARE: Final = 0.3


class DrawnForms(Dataset):
    """Draws the documents of a split; equal in every process and on every machine."""

    name = "drawn_forms"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, "question", "answer", "header")
    released_splits: ClassVar[tuple[str, ...]] = ("train", "test")
    needs_root: ClassVar[bool] = False

    def load(self, root: Path | None, split: str) -> list[Sample]:
        """Draws one split, sorted by document id.

        Args:
            root: Not looked at.
            split: One of `splits`.

        Returns:
            The documents with labels, links and the values of their pairs, as read, with the
            mistakes of OCR.

        Raises:
            DatasetError: If the split is unknown.
        """
        return super().load(Path(), split)

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        for number in range(SIZES[split]):
            yield drawn_sample(split, number)


def drawn_sample(split: str, number: int) -> Sample:
    """The document of that number, from 0, of a split."""
    document_id = f"drawn-{split}-{number:04}"
    rng = seeded(document_id)
    draw = draw_invoice if rng.random() < _INVOICE_SHARE else draw_form
    drawing = perturb(draw(document_id, document_id), rng, random_noise(rng))
    return Sample(
        document=drawing.document,
        labels=drawing.labels,
        values=pair_values(drawing.document.segments, drawing.labels, drawing.links),
        links=drawing.links,
    )

"""Forms and invoices that we draw ourselves: training data free of anybody's licence.

Lines are the nodes, as an OCR engine returns them and with its mistakes (`drawing.perturb`). Labels
are FUNSD's. Nothing is read from disk: documents come from their seeds, so any data root will do.
"""

from __future__ import annotations

from typing import ClassVar, Final

from ..drawing.forms import draw_form, seeded
from ..drawing.invoices import draw_invoice
from ..drawing.perturb import perturb, random_noise
from .base import BACKGROUND, Sample
from .drawn import DrawnDataset
from .pairs import pair_values

SIZES: Final = {"train": 1500, "test": 200}
"""Documents of each split."""

_INVOICE_SHARE: Final = 0.3


class DrawnForms(DrawnDataset):
    """Forms and invoices with labels, links, and the values of their pairs.

    The values are as read, with the mistakes of OCR.
    """

    name = "drawn_forms"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, "question", "answer", "header")

    def size(self, split: str) -> int:
        """See `DrawnDataset`."""
        return SIZES[split]

    def document_id(self, split: str, number: int) -> str:
        """See `DrawnDataset`."""
        return _document_id(split, number)

    def draw(self, split: str, number: int) -> Sample:
        """See `DrawnDataset`."""
        return drawn_sample(split, number)


def drawn_sample(split: str, number: int) -> Sample:
    """The document of that number, from 0, of a split."""
    document_id = _document_id(split, number)
    rng = seeded(document_id)
    draw = draw_invoice if rng.random() < _INVOICE_SHARE else draw_form
    drawing = perturb(draw(document_id, document_id), rng, random_noise(rng))
    return Sample(
        document=drawing.document,
        labels=drawing.labels,
        values=pair_values(drawing.document.segments, drawing.labels, drawing.links),
        links=drawing.links,
    )


def _document_id(split: str, number: int) -> str:
    return f"drawn-{split}-{number:04}"

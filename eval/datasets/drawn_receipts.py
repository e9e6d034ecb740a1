"""Receipts that we draw ourselves, with the labels of SROIE and CORD-r together.

They fill the gaps of those two, which hold Malaysian and Indonesian receipts only: addresses, dates,
sums and the lines around them as other countries print them. Lines are the nodes, as an OCR engine
returns them and with its mistakes. Nothing is read from disk: documents come from their seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from ..drawing.forms import seeded
from ..drawing.perturb import perturb, random_noise
from ..drawing.photo import photographed
from ..drawing.receipts import draw_receipt
from ..drawing.sheet import Piece
from .base import BACKGROUND, GoldValue, Sample
from .cord_r import ENTITY_LABELS
from .drawn import DrawnDataset

SIZES: Final = {"train": 1000, "test": 100}
"""Documents of each split."""

_TOTAL: Final = "total.total_price"


class DrawnReceipts(DrawnDataset):
    """Receipts with labels and, as values, company, date, address and total as they were printed.

    OCR's mistakes are in the segments only.
    """

    name = "drawn_receipts"
    labels: ClassVar[tuple[str, ...]] = (
        BACKGROUND,
        "company",
        "date",
        "address",
        "total",
        *(label for label in ENTITY_LABELS if label != _TOTAL),
    )

    def size(self, split: str) -> int:
        """See `DrawnDataset`."""
        return SIZES[split]

    def document_id(self, split: str, number: int) -> str:
        """See `DrawnDataset`."""
        return _document_id(split, number)

    def draw(self, split: str, number: int) -> Sample:
        """See `DrawnDataset`."""
        return drawn_receipt(split, number)


def drawn_receipt(split: str, number: int) -> Sample:
    """The document of that number, from 0, of a split."""
    document_id = _document_id(split, number)
    rng = seeded(document_id)
    drawing, fields = draw_receipt(document_id, document_id)
    drawing = perturb(photographed(drawing, rng), rng, random_noise(rng))
    values = []
    for name, text in fields.items():
        ids = _holders(drawing.pieces, name)
        if ids:
            values.append(GoldValue(path=name, label=name, text=text, segment_ids=ids))
    return Sample(document=drawing.document, labels=drawing.labels, values=tuple(values))


def _holders(pieces: Sequence[Piece], name: str) -> tuple[int, ...]:
    """The segments of a value, without those that hold its key only; none where OCR lost them."""
    labelled = [(index, piece.text) for index, piece in enumerate(pieces) if piece.label == name]
    if name in ("date", "total"):
        labelled = [(i, text) for i, text in labelled if any(c.isdigit() for c in text)]
    return tuple(i for i, _ in labelled)


def _document_id(split: str, number: int) -> str:
    return f"drawn-receipt-{split}-{number:04}"

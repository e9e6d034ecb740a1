from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hybrid.document import BoundingBox, Document, Page, Segment, Word, segment_of
from hybrid.gcn.pairing import Links

Row = tuple[str, float, float, float, float]


@dataclass
class Predictions:
    labels: tuple[str, ...]
    probabilities: NDArray[np.floating[Any]]
    seconds: dict[str, float] = field(default_factory=dict)
    links: Links | None = None


def make_document(rows: Sequence[Row], confidence: float | None = None) -> Document:
    """Rows of (text, left, top, right, bottom) on one page of 600 by 800 pixels."""
    segments: list[Segment] = []
    word_id = 0
    for number, (text, left, top, right, bottom) in enumerate(rows):
        words = []
        parts = text.split()
        step = (right - left) / len(parts)
        for index, part in enumerate(parts):
            box = BoundingBox(
                left=left + index * step, top=top, right=left + (index + 1) * step, bottom=bottom
            )
            words.append(Word(id=word_id, text=part, box=box, confidence=confidence))
            word_id += 1
        segments.append(segment_of(number, 1, words))
    page = Page(number=1, width=600, height=800, segments=tuple(segments))
    return Document(id="drawn", pages=(page,), sha256="0" * 64)


def make_predictions(document: Document, marks: dict[int, dict[str, float]]) -> Predictions:
    """Probabilities by segment and label; what is missing to 1 is "other"."""
    labels = ("other", *sorted({name for mark in marks.values() for name in mark}))
    rows = np.zeros((len(document.segments), len(labels)))
    rows[:, 0] = 1.0
    for segment, mark in marks.items():
        for name, probability in mark.items():
            rows[segment, labels.index(name)] = probability
            rows[segment, 0] -= probability
    return Predictions(labels, rows)


@pytest.fixture
def document() -> Callable[..., Document]:
    return make_document


@pytest.fixture
def predictions() -> Callable[..., Predictions]:
    return make_predictions


@pytest.fixture
def receipt() -> Document:
    return make_document(
        [
            ("ACME SDN BHD", 100, 10, 400, 30),
            ("12 JALAN BESAR", 100, 40, 400, 60),
            ("45600 KUALA LUMPUR", 100, 65, 420, 85),
            ("DATE: 25/12/2018 8:13 PM", 50, 120, 350, 140),
            ("TOTAL", 50, 300, 150, 320),
            ("RM 12.20", 400, 300, 500, 320),
            ("CASH", 50, 330, 150, 350),
            ("20.00", 400, 330, 500, 350),
        ],
        confidence=0.98,
    )

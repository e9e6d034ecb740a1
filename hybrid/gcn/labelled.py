"""Documents with a label for each segment, and label sets of several datasets as one.

Datasets that are trained together do not annotate the same things: SROIE knows `company`, CORD
knows `menu.nm`. A segment that SROIE calls `other` may well be a menu item, so all that its label
says is: none of SROIE's classes. `allowed_labels` writes that down as a mask, and the loss sums
the probability over it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hybrid.document import Document
from hybrid.errors import DatasetError

BACKGROUND = "other"
"""The class of segments that belong to no entity."""

UNKNOWN = ""
"""The label of a segment of which nothing is known: it takes no part in any loss or score."""

_FEWEST_DOCUMENTS = 5


@dataclass(frozen=True)
class LabelledDocument:
    """A document, the label of each of its segments, and the labels its dataset knows.

    Attributes:
        document: The pages.
        labels: One for each of `document.segments`, in that order.
        known_labels: All the labels that the annotators could have given; holds `BACKGROUND`.
        dataset: Name, for scores by dataset.
        links: Positions of questions and their answers among the segments; None where the dataset
            marks none.
    """

    document: Document
    labels: tuple[str, ...]
    known_labels: frozenset[str]
    dataset: str
    links: frozenset[tuple[int, int]] | None = None

    def __post_init__(self) -> None:
        count = len(self.document.segments)
        if len(self.labels) != count:
            raise ValueError(
                f"document {self.document.id!r} has {count} segments and {len(self.labels)} labels"
            )
        strange = set(self.labels) - self.known_labels - {UNKNOWN}
        if strange:
            raise ValueError(f"document {self.document.id!r}: unknown labels {sorted(strange)}")

    @property
    def key(self) -> str:
        """SHA-256 of dataset and id: a stable pseudo-random order of documents."""
        return hashlib.sha256(f"{self.dataset}/{self.document.id}".encode()).hexdigest()


def label_set(documents: Iterable[LabelledDocument]) -> tuple[str, ...]:
    """All the datasets' labels, the background first, the others sorted."""
    names = set[str]().union(*(d.known_labels for d in documents)) - {BACKGROUND}
    return (BACKGROUND, *sorted(names))


def allowed_labels(label: str, known: frozenset[str], labels: Sequence[str]) -> list[bool]:
    """Which of `labels` a segment may have, given its dataset's label for it.

    The background of a dataset allows every label that the dataset does not know; a segment of
    which nothing is known allows all.
    """
    if label == UNKNOWN:
        return [True] * len(labels)
    if label == BACKGROUND:
        return [name == BACKGROUND or name not in known for name in labels]
    return [name == label for name in labels]


def partial_label_loss(logits: Tensor, allowed: Tensor, temperature: float = 1.0) -> Tensor:
    """Negative log of the probability that lies on the allowed labels.

    `loss_i = -log sum_k allowed_ik softmax(logits_i / temperature)_k`; with one allowed label this
    is cross-entropy, with all allowed it is 0.

    Args:
        logits: `[n, labels]`.
        allowed: `[n, labels]`, bool, at least one true in each row.
        temperature: Divides the logits.

    Returns:
        `[n]`, not reduced.
    """
    scaled = logits / temperature
    possible = scaled.masked_fill(~allowed, float("-inf"))
    return torch.logsumexp(scaled, dim=1) - torch.logsumexp(possible, dim=1)


def project(probabilities: Tensor, known: frozenset[str], labels: Sequence[str]) -> Tensor:
    """Probabilities as a dataset sees them: labels that it does not know count as background.

    Args:
        probabilities: `[n, labels]`, rows sum to 1.
        known: The dataset's labels.
        labels: Names of the columns; `BACKGROUND` is the first.

    Returns:
        `[n, labels]`, rows sum to 1, columns of unknown labels 0.
    """
    unknown = torch.tensor([name not in known for name in labels])
    projected = probabilities.masked_fill(unknown, 0.0)
    projected[:, 0] += (probabilities * unknown).sum(dim=1)
    return projected


def split_by_hash(
    documents: Sequence[LabelledDocument], fractions: Sequence[float]
) -> list[list[LabelledDocument]]:
    """Disjoint parts by the documents' hash, each dataset by itself, then the rest.

    Args:
        documents: In any order; the result does not depend on it.
        fractions: Of each dataset, for each part; at least one document each.

    Returns:
        One list for each fraction, and one of the documents that are left.
    """
    parts: list[list[LabelledDocument]] = [[] for _ in range(len(fractions) + 1)]
    for dataset in sorted({d.dataset for d in documents}):
        items = sorted((d for d in documents if d.dataset == dataset), key=lambda d: d.key)
        start = 0
        for part, fraction in zip(parts, fractions, strict=False):
            end = start + max(1, round(fraction * len(items)))
            part.extend(items[start:end])
            start = end
        parts[-1].extend(items[start:])
    return parts


def check_enough(documents: Sequence[LabelledDocument]) -> None:
    """Whether they are enough to train on, to stop early and to calibrate.

    Raises:
        DatasetError: If not.
    """
    for dataset in sorted({d.dataset for d in documents}):
        count = sum(d.dataset == dataset for d in documents)
        if count < _FEWEST_DOCUMENTS:
            raise DatasetError(
                f"dataset {dataset}: {count} documents with text to train on, and training, early "
                f"stopping and calibration need at least {_FEWEST_DOCUMENTS} together"
            )
    if not documents:
        raise DatasetError("no documents to train on; name at least one dataset")

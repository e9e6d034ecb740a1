"""Which question an answer belongs to: a small network over where the two stand.

For every answer it weighs all questions of the page and "none of them" against each other, so the
questions compete: not the distance decides, but whether another question is nearer, on the same row
or between the two. Links between nodes are scored over all pairs, as in SPADE (Hwang et al. 2021) and
not along lines of sight, because only half to three quarters of the links of forms are such lines.
Text vectors beside the geometry gained next to nothing on FUNSD (docs/gcn.md).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from hybrid.document import Document, Page
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.state import seeded

Floats = NDArray[np.float64]

PAIR_FEATURES = (
    *("left_to_left", "right_to_left", "left_to_right", "top_to_top", "bottom_to_top"),
    *("top_to_bottom", "bottom_to_bottom", "cos", "sin", "distance"),
    *("vertical_overlap", "horizontal_overlap", "questions_left", "next_left"),
    *("questions_above", "next_above", "questions_nearer", "nearest", "reading_order", "height"),
)
"""Names of the columns of `pair_features`."""

_WIDTH = 128
_STEPS = 5000
"""Of a training, where that is so many passes over its pages."""
_EPOCHS = (4, 100)
"""Passes, at least and at most."""
_LEAST_SHARE = 0.01
_LEARNING_RATE = 2e-3


class PairingConfig(BaseModel):
    """What a checkpoint says of its links.

    Attributes:
        question: Label of the nodes that links come from.
        answer: Label of the nodes that they lead to.
        features: `PAIR_FEATURES` at the time of the training.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    answer: str
    features: tuple[str, ...] = PAIR_FEATURES


@dataclass(frozen=True)
class Links:
    """Questions of the answers of a document.

    Attributes:
        question: Label of the questions.
        answer: Label of the answers.
        shares: Position of an answer among the segments to the positions of its likeliest questions,
            each with its probability; what is missing to 1 is "none of them".
    """

    question: str
    answer: str
    shares: Mapping[int, Mapping[int, float]]

    def between(self, questions: Sequence[int], answers: Sequence[int]) -> float:
        """Probability that a question, of several segments, is that of an answer: mean over its own.

        Args:
            questions: Positions of the question's segments.
            answers: Positions of the answer's segments, at least one.
        """
        rows = [self.shares.get(a, {}) for a in answers]
        return sum(row.get(q, 0.0) for row in rows for q in questions) / len(rows)


class Pairing(nn.Module):
    """Scores of pairs, and of "none of them"."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(len(PAIR_FEATURES), _WIDTH),
            nn.GELU(),
            nn.Linear(_WIDTH, _WIDTH),
            nn.GELU(),
            nn.Dropout(0.2),
            nn.Linear(_WIDTH, 1),
        )
        self.none = nn.Parameter(torch.zeros(1))

    def forward(self, features: Tensor) -> Tensor:
        """`[answers, questions, features]` to logits `[answers, questions + 1]`, none the last."""
        scores: Tensor = self.layers(features).squeeze(-1)
        return torch.cat([scores, self.none.expand(len(scores), 1)], dim=1)


def pair_features(page: Page, questions: Sequence[int], answers: Sequence[int]) -> Tensor:
    """How boxes stand to each other: `[answers, questions, len(PAIR_FEATURES)]`, float32.

    Lengths are in line heights (the median height of the page's segments), and as their signed
    logarithm; y grows downwards.

    Args:
        page: With the segments.
        questions: Positions in `page.segments`, at least one.
        answers: The same.
    """
    boxes = np.array([s.box.as_tuple() for s in page.segments], dtype=np.float64)
    line = float(np.median(boxes[:, 3] - boxes[:, 1])) or 1.0
    q, a = boxes[list(questions)][None], boxes[list(answers)][:, None]

    def scaled(length: Floats) -> Floats:
        found: Floats = np.sign(length) * np.log1p(np.abs(length) / line)
        return found

    step_x = (a[..., 0] + a[..., 2] - q[..., 0] - q[..., 2]) / 2
    step_y = (a[..., 1] + a[..., 3] - q[..., 1] - q[..., 3]) / 2
    distance = np.hypot(step_x, step_y)
    unit = np.maximum(distance, 1e-6)
    vertical, horizontal = _overlap(a, q, 1), _overlap(a, q, 0)
    on_row = (vertical > 0.5) & (step_x > 0)
    above = (vertical <= 0.5) & (horizontal > 0.1) & (step_y > 0)
    order = np.subtract.outer(np.asarray(answers), np.asarray(questions)).astype(np.float64)
    columns = [
        *(scaled(a[..., j] - q[..., i]) for i, j in ((0, 0), (2, 0), (0, 2), (1, 1), (3, 1))),
        *(scaled(a[..., j] - q[..., i]) for i, j in ((1, 3), (3, 3))),
        step_x / unit,
        step_y / unit,
        np.log1p(distance / line),
        vertical,
        horizontal,
        *_ranks(np.where(on_row, a[..., 0] - q[..., 2], np.inf)),
        *_ranks(np.where(above, a[..., 1] - q[..., 3], np.inf)),
        *_ranks(distance),
        scaled(order * line),
        np.log((a[..., 3] - a[..., 1] + 1) / (q[..., 3] - q[..., 1] + 1)),
    ]
    return torch.from_numpy(np.stack(columns, axis=-1).astype(np.float32))


def _overlap(a: Floats, q: Floats, axis: Literal[0, 1]) -> Floats:
    """Of two boxes along an axis, as a share of the shorter; negative where there is a gap."""
    shared = np.minimum(a[..., axis + 2], q[..., axis + 2]) - np.maximum(a[..., axis], q[..., axis])
    shorter = np.minimum(a[..., axis + 2] - a[..., axis], q[..., axis + 2] - q[..., axis])
    share: Floats = np.clip(shared / np.maximum(shorter, 1e-6), -1.0, 1.0)
    return share


def _ranks(measure: Floats) -> tuple[Floats, Floats]:
    """How many questions are before each one, a third each, and whether it is the first."""
    rank = measure.argsort(axis=1).argsort(axis=1)
    there = np.isfinite(measure)
    return np.where(there, np.minimum(rank, 9), 9) / 3, (there & (rank == 0)).astype(np.float64)


def linked_labels(documents: Sequence[LabelledDocument]) -> tuple[str, str] | None:
    """The labels of the two ends of most links; None where there are no links."""
    ends = Counter(
        (d.labels[source], d.labels[target]) for d in documents for source, target in d.links or ()
    )
    return ends.most_common(1)[0][0] if ends else None


def fit_pairing(documents: Sequence[LabelledDocument], seed: int) -> tuple[Pairing, PairingConfig]:
    """Learns from documents with links, in some seconds.

    Args:
        documents: With links between two labels (`linked_labels`); others take no part.
        seed: Of everything random.
    """
    labels = linked_labels(documents)
    assert labels is not None
    pages = [p for d in documents if d.links for p in _examples(d, *labels)]
    epochs = min(max(_EPOCHS[0], round(_STEPS / max(len(pages), 1))), _EPOCHS[1])
    rng = random.Random(seed)  # noqa: S311  # order, no secret
    with seeded(seed, "pairing"):
        model = Pairing()
        optimizer = torch.optim.AdamW(model.parameters(), lr=_LEARNING_RATE, weight_decay=0.05)
        for step in range(epochs * len(pages)):
            if step % len(pages) == 0:
                rng.shuffle(pages)
            features, right = pages[step % len(pages)]
            for group in optimizer.param_groups:
                group["lr"] = _LEARNING_RATE * (1 - step / (epochs * len(pages)))
            loss = -(right * model(features).log_softmax(dim=1)).sum(dim=1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval(), PairingConfig(question=labels[0], answer=labels[1])


def _examples(d: LabelledDocument, question: str, answer: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Features of a page's pairs, and the shares of the right questions, `[answers, questions+1]`."""
    links = d.links or frozenset()
    for page, first in _pages(d.document):
        own = d.labels[first : first + len(page.segments)]
        questions = [k for k, label in enumerate(own) if label == question]
        answers = [k for k, label in enumerate(own) if label == answer]
        if not questions or not answers:
            continue
        right = torch.zeros(len(answers), len(questions) + 1)
        for row, a in enumerate(answers):
            for column, q in enumerate(questions):
                right[row, column] = float((first + q, first + a) in links)
            right[row, -1] = float(right[row].sum() == 0)
        yield pair_features(page, questions, answers), right / right.sum(dim=1, keepdim=True)


def _pages(document: Document) -> Iterator[tuple[Page, int]]:
    """Pages, each with the position of its first segment among the document's."""
    first = 0
    for page in document.pages:
        yield page, first
        first += len(page.segments)


@torch.no_grad()
def find_links(
    pairing: Pairing, config: PairingConfig, document: Document, labels: Sequence[str]
) -> Links:
    """The likeliest questions of each answer, page by page.

    Args:
        pairing: In evaluation mode.
        config: That it was trained with.
        document: Of any number of pages.
        labels: Of its segments, such as the likeliest ones.
    """
    shares: dict[int, dict[int, float]] = {}
    for page, first in _pages(document):
        own = labels[first : first + len(page.segments)]
        questions = [k for k, label in enumerate(own) if label == config.question]
        answers = [k for k, label in enumerate(own) if label == config.answer]
        if not questions or not answers:
            continue
        rows = pairing(pair_features(page, questions, answers)).softmax(dim=1)[:, :-1].tolist()
        for a, row in zip(answers, rows, strict=True):
            shares[first + a] = {
                first + q: share
                for q, share in zip(questions, row, strict=True)
                if share >= _LEAST_SHARE
            }
    return Links(config.question, config.answer, shares)

"""Stage 1: fine-tune the encoder on classifying a segment's text into the entity classes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hybrid.gcn.augment import noisy_text
from hybrid.gcn.encoder import TextEncoder, has_fast_bfloat16
from hybrid.gcn.labelled import UNKNOWN, LabelledDocument, allowed_labels, partial_label_loss

_BATCH = 32
_SORTED_BATCHES = 16
_NOISE = 0.3


@dataclass(frozen=True)
class TextExample:
    """A text, the labels it may have, and how likely it is drawn in an epoch."""

    text: str
    allowed: tuple[bool, ...]
    weight: float


def text_examples(
    documents: Sequence[LabelledDocument], labels: Sequence[str]
) -> list[TextExample]:
    """The documents' texts without repeats, in a fixed order, rare labels weighted up.

    A text counts once for each label and dataset it has. Its weight is one over the square root of
    the number of texts of that label: between drawing all labels alike and drawing as they occur.
    """
    known = {d.dataset: d.known_labels for d in documents}
    found = sorted(
        {
            (segment.text, label, d.dataset)
            for d in documents
            for segment, label in zip(d.document.segments, d.labels, strict=True)
            if label != UNKNOWN
        }
    )
    counts = Counter(label for _, label, _ in found)
    return [
        TextExample(
            text, tuple(allowed_labels(label, known[dataset], labels)), counts[label] ** -0.5
        )
        for text, label, dataset in found
    ]


class TextStage:
    """Encoder deltas and a classification head, trained together; the head is thrown away."""

    def __init__(
        self,
        encoder: TextEncoder,
        examples: Sequence[TextExample],
        epochs: int,
        most_examples: int,
        learning_rate: float,
    ) -> None:
        self.encoder = encoder
        self.examples = examples
        self.drawn = min(most_examples, len(examples))
        self.head = nn.Linear(encoder.width, len(examples[0].allowed))
        self.parameters = [
            *(p for p in encoder.parameters() if p.requires_grad),
            *self.head.parameters(),
        ]
        self.optimizer = torch.optim.AdamW(self.parameters, lr=learning_rate, weight_decay=0.01)
        self.learning_rate = learning_rate
        self.batches = -(-self.drawn // _BATCH)
        self.steps = epochs * self.batches

    def epoch(self, number: int, seed: int) -> Iterator[tuple[float, float]]:
        """Trains one epoch (from 0); yields the share done and the loss after each batch.

        The caller has seeded torch; `seed` is for the noise of the texts.
        """
        rng = random.Random(seed)  # noqa: S311  # noise, no secret
        weights = torch.tensor([e.weight for e in self.examples])
        drawn = torch.multinomial(weights, self.drawn).tolist()
        batches = _by_length([self.examples[k] for k in drawn])
        self.encoder.train()
        for number_in_epoch, batch in enumerate(batches):
            self._set_rate(number * self.batches + number_in_epoch)
            texts = [noisy_text(e.text, rng) if rng.random() < _NOISE else e.text for e in batch]
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_fast_bfloat16()):
                vectors = self.encoder(texts)  # [batch, width]
            allowed = torch.tensor([e.allowed for e in batch])  # [batch, labels]
            loss = partial_label_loss(self.head(vectors), allowed).mean()
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.parameters, 1.0)
            self.optimizer.step()
            yield (number_in_epoch + 1) / len(batches), loss.item()
        self.encoder.forget()

    def _set_rate(self, step: int) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate * warm_up_and_decay(step, self.steps)


def warm_up_and_decay(step: int, steps: int) -> float:
    """Share of the peak rate: up within the first 5 % of the steps, then down to 0 in a line."""
    warm_up = max(1, steps // 20)
    if step < warm_up:
        return (step + 1) / warm_up
    return max(0.0, (steps - step) / max(1, steps - warm_up))


def _by_length(examples: Sequence[TextExample]) -> list[list[TextExample]]:
    """Batches of texts of similar length, in random order; little padding, little time."""
    batches: list[list[TextExample]] = []
    for start in range(0, len(examples), _BATCH * _SORTED_BATCHES):
        block = sorted(
            examples[start : start + _BATCH * _SORTED_BATCHES], key=lambda e: len(e.text)
        )
        batches.extend(block[k : k + _BATCH] for k in range(0, len(block), _BATCH))
    order: Tensor = torch.randperm(len(batches))
    return [batches[k] for k in order.tolist()]

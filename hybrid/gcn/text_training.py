"""First stage: the encoder learns to tell the entity classes by a segment's text alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from hybrid.gcn.augment import noisy
from hybrid.gcn.encoder import TextEncoder, has_fast_bfloat16
from hybrid.gcn.labelled import BACKGROUND, LabelledDocument, allowed_labels, partial_label_loss

_BATCH = 64
_RATE = 1e-3
_WARM_UP = 0.1
_BACKGROUND_SHARE = 0.5
"""Of the texts; the background is most of a page and teaches little."""

Progress = Callable[[str, int, int, dict[str, float]], None]
"""Told stage, step, steps, and figures to show."""


def train_encoder(
    encoder: TextEncoder,
    documents: Sequence[LabelledDocument],
    labels: tuple[str, ...],
    seed: int,
    epochs: int,
    progress: Progress,
) -> None:
    """Fine-tunes the encoder's low-rank deltas with a throw-away linear head.

    Args:
        encoder: With deltas added; changed in place.
        documents: To fit on.
        labels: The classes.
        seed: Decides order and noise.
        epochs: Passes over the different texts.
        progress: Told the loss.
    """
    texts = _texts(documents, labels)
    torch.manual_seed(seed)
    head = nn.Linear(encoder.width, len(labels))
    parameters = [p for p in encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW([*parameters, *head.parameters()], lr=_RATE, weight_decay=0.01)
    batches = _batches(texts, seed, epochs)
    encoder.train()
    shown = 0.0
    for step, batch in enumerate(batches):
        done = step / len(batches)
        rate = _RATE * min(done / _WARM_UP, 1.0 - done) if done < _WARM_UP else _RATE * (1.0 - done)
        for group in optimizer.param_groups:
            group["lr"] = max(rate, 1e-6)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_fast_bfloat16()):
            vectors = encoder([text for text, _ in batch])
        allowed = torch.stack([mask for _, mask in batch])
        loss = partial_label_loss(head(vectors.float()), allowed).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        shown = 0.98 * shown + 0.02 * float(loss.detach()) if step else float(loss.detach())
        progress("text", step + 1, len(batches), {"loss": shown})
    encoder.eval()
    encoder._cache.clear()


def _texts(
    documents: Sequence[LabelledDocument], labels: tuple[str, ...]
) -> tuple[list[tuple[str, Tensor]], list[tuple[str, Tensor]]]:
    """The different (text, allowed labels) pairs: entities, and background."""
    found: dict[tuple[str, tuple[bool, ...]], bool] = {}
    for item in documents:
        masks = {
            label: tuple(allowed_labels(label, item.known_labels, labels))
            for label in set(item.labels)
        }
        for segment, label in zip(item.document.segments, item.labels, strict=True):
            if not all(masks[label]):
                found[segment.text, masks[label]] = label == BACKGROUND
    pairs = [((text, torch.tensor(mask)), back) for (text, mask), back in found.items()]
    return [p for p, back in pairs if not back], [p for p, back in pairs if back]


def _batches(
    texts: tuple[list[tuple[str, Tensor]], list[tuple[str, Tensor]]], seed: int, epochs: int
) -> list[list[tuple[str, Tensor]]]:
    """Batches of texts of like length, noisy ones among them, in random order."""
    rng = random.Random(seed)  # noqa: S311
    entities, background = texts
    share = _BACKGROUND_SHARE / (1 - _BACKGROUND_SHARE)
    count = min(len(background), max(int(len(entities) * share), 1))
    batches: list[list[tuple[str, Tensor]]] = []
    for _ in range(epochs):
        chosen = [*entities, *rng.sample(background, count)]
        items = [(noisy(text, rng), mask) for text, mask in chosen]
        items.sort(key=lambda item: len(item[0]) + rng.random() * 4)
        fresh = [items[i : i + _BATCH] for i in range(0, len(items), _BATCH)]
        rng.shuffle(fresh)
        batches += fresh
    return batches

"""Epochs before the training proper, without labels, for recipes that have such a loss."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import nn

from hybrid.gcn.graph_stage import Example, collate
from hybrid.gcn.recipes.base import RecipeModel
from hybrid.gcn.text_stage import warm_up_and_decay

_BATCH_NODES = 400


def pretrain(
    model: nn.Module, examples: Sequence[Example], learning_rate: float, seed: int
) -> list[float]:
    """Trains on the recipe's `pretraining_loss`; the caller has seeded torch.

    Args:
        model: Nothing is done where its recipe has no pre-training.
        examples: Their labels are not looked at.
        learning_rate: At its peak.
        seed: Of the documents' order.

    Returns:
        The mean loss of each epoch.
    """
    if not isinstance(model, RecipeModel) or not model.pretraining_epochs:
        return []
    rng = random.Random(seed)  # noqa: S311  # order, no secret
    optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.05)
    model.train()
    means: list[float] = []
    for epoch in range(model.pretraining_epochs):
        batches = _batches(examples, rng)
        losses: list[float] = []
        for number, batch in enumerate(batches):
            step, steps = epoch * len(batches) + number, model.pretraining_epochs * len(batches)
            for group in optimizer.param_groups:
                group["lr"] = learning_rate * warm_up_and_decay(step, steps)
            loss = model.pretraining_loss(*collate([e.tensors for e in batch]))
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
        means.append(sum(losses) / len(losses))
    return means


def _batches(examples: Sequence[Example], rng: random.Random) -> list[list[Example]]:
    """Each document once, in random order, cut where a batch has its nodes."""
    batches: list[list[Example]] = [[]]
    for example in rng.sample(list(examples), len(examples)):
        if sum(len(e.allowed) for e in batches[-1]) >= _BATCH_NODES:
            batches.append([])
        batches[-1].append(example)
    return batches

"""Second stage: mapping layer and graph network on the tuned encoder's vectors, which are cached."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hybrid.gcn.augment import perturbed
from hybrid.gcn.encoder import TextEncoder
from hybrid.gcn.features import node_features
from hybrid.gcn.labelled import LabelledDocument, allowed_labels, partial_label_loss, project
from hybrid.gcn.model import NodeClassifier
from hybrid.gcn.text_training import Progress
from hybrid.graph.builder import build_graph

_BATCH = 16
_RATE = 1.5e-3
_NOISY_SHARE = 0.4


@dataclass(frozen=True)
class Example:
    """One document as tensors.

    Attributes:
        text: `[n, text]`.
        features: `[n, nodes]`.
        edge_index: `[2, E]`.
        edge_attr: `[E, edges]`.
        allowed: `[n, labels]` bool.
        gold: `[n]` column of the label; -1 where nothing is known.
        source: For the labels that its dataset knows.
    """

    text: Tensor
    features: Tensor
    edge_index: Tensor
    edge_attr: Tensor
    allowed: Tensor
    gold: Tensor
    source: LabelledDocument


def prepare(
    documents: Sequence[LabelledDocument],
    labels: tuple[str, ...],
    encoder: TextEncoder,
    progress: Progress,
    noise_seed: int | None = None,
) -> list[Example]:
    """Encodes documents once; with a seed, as a noisy scan of each.

    Documents without segments are left out.
    """
    examples: list[Example] = []
    for number, item in enumerate(documents):
        document = item.document
        if not document.segments:
            continue
        if noise_seed is not None:
            # Seeded by the document, so that the order of documents does not matter.
            document = perturbed(document, random.Random(f"{noise_seed}/{item.key}"))  # noqa: S311
        graph = build_graph(document)
        mask = [allowed_labels(label, item.known_labels, labels) for label in item.labels]
        gold = [labels.index(label) if label in labels else -1 for label in item.labels]
        examples.append(
            Example(
                text=encoder.encode([s.text for s in document.segments], fast=True),
                features=node_features(document),
                edge_index=graph.edge_index,
                edge_attr=graph.edge_attr,
                allowed=torch.tensor(mask),
                gold=torch.tensor(gold),
                source=item,
            )
        )
        progress("encode", number + 1, len(documents), {})
    return examples


def joined(examples: Sequence[Example]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Several documents as one graph without edges between them."""
    offset = 0
    edges: list[Tensor] = []
    for example in examples:
        edges.append(example.edge_index + offset)
        offset += example.text.shape[0]
    return (
        torch.cat([e.text for e in examples]),
        torch.cat([e.features for e in examples]),
        torch.cat(edges, dim=1),
        torch.cat([e.edge_attr for e in examples]),
        torch.cat([e.allowed for e in examples]),
    )


def train_epoch(
    model: NodeClassifier,
    optimizer: torch.optim.Optimizer,
    clean: Sequence[Example],
    noised: Sequence[Example],
    epoch: int,
    epochs: int,
    seed: int,
    on_batch: Callable[[int, int, float], None],
) -> float:
    """One pass over the documents; all randomness comes from seed and epoch, so it can be resumed.

    Returns:
        Mean loss over batches.
    """
    rng = random.Random(f"{seed}/{epoch}")  # noqa: S311
    torch.manual_seed(seed * 100_003 + epoch)
    order = list(range(len(clean)))
    rng.shuffle(order)
    model.train()
    steps = range(0, len(order), _BATCH)
    total = 0.0
    for step, start in enumerate(steps):
        done = (epoch + step / len(steps)) / epochs
        for group in optimizer.param_groups:
            group["lr"] = _RATE * max(min(done / 0.05, 1.0 - done), 0.01)
        chosen = [
            (noised if rng.random() < _NOISY_SHARE else clean)[i]
            for i in order[start : start + _BATCH]
        ]
        *inputs, allowed = joined(chosen)
        loss = partial_label_loss(model(*inputs), allowed).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += float(loss.detach())
        on_batch(step + 1, len(steps), total / (step + 1))
    return total / max(len(steps), 1)


def make_optimizer(model: NodeClassifier) -> torch.optim.AdamW:
    """AdamW with the weight decay of graph networks of this size."""
    return torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=0.02)


@torch.no_grad()
def logits_of(model: NodeClassifier, examples: Sequence[Example]) -> list[Tensor]:
    """`[n, labels]` for each document."""
    model.eval()
    return [model(e.text, e.features, e.edge_index, e.edge_attr) for e in examples]


@dataclass
class Score:
    """Counts of one label, and the F1 of them."""

    correct: int = 0
    predicted: int = 0
    gold: int = 0

    @property
    def f1(self) -> float:
        """2 correct / (predicted + gold); 0 where nothing was predicted nor there."""
        total = self.predicted + self.gold
        return 2 * self.correct / total if total else 0.0


def score(
    logits: Sequence[Tensor], examples: Sequence[Example], labels: tuple[str, ...]
) -> tuple[float, dict[str, Score]]:
    """Micro F1 over segments without the background, each dataset by the labels it knows.

    A model that answers only "other" scores 0.
    """
    scores = {name: Score() for name in labels[1:]}
    for rows, example in zip(logits, examples, strict=True):
        probabilities = project(torch.softmax(rows, dim=1), example.source.known_labels, labels)
        predicted = probabilities.argmax(dim=1).tolist()
        for guess, truth in zip(predicted, example.gold.tolist(), strict=True):
            if truth < 0:
                continue
            if guess > 0:
                scores[labels[guess]].predicted += 1
            if truth > 0:
                scores[labels[truth]].gold += 1
                scores[labels[truth]].correct += guess == truth
    micro = Score(
        sum(s.correct for s in scores.values()),
        sum(s.predicted for s in scores.values()),
        sum(s.gold for s in scores.values()),
    )
    return micro.f1, scores

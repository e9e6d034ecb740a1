"""Stage 2: train the mapping layer and the node classifier on the documents' graphs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hybrid.document import Document
from hybrid.gcn.augment import perturb
from hybrid.gcn.context import ContextEncoder, text_vectors
from hybrid.gcn.encoder import TextEncoder
from hybrid.gcn.ensemble import Ensemble
from hybrid.gcn.labelled import LabelledDocument, allowed_labels, partial_label_loss, project
from hybrid.gcn.links import gold_link_loss, link_targets
from hybrid.gcn.model import GraphModel
from hybrid.gcn.recipes.base import Recipe, RecipeModel
from hybrid.gcn.recipes.default import RECIPE as DEFAULT
from hybrid.gcn.scores import LabelScore, label_scores
from hybrid.gcn.text_stage import warm_up_and_decay

_BATCH_NODES = 400
"""Most nodes in a batch; documents are not cut, so a long one is a batch of its own."""
_FEWEST_NODES = 100
_BATCHES = 40
"""Wished for in an epoch: a set of a hundred documents needs smaller batches to learn enough."""


@dataclass(frozen=True)
class DocumentTensors:
    """A document as the network reads it; shapes as in `GraphModel.forward`."""

    text: Tensor
    features: Tensor
    edge_index: Tensor
    edge_attr: Tensor

    @classmethod
    def of(
        cls,
        document: Document,
        encoder: TextEncoder,
        fast: bool = False,
        recipe: Recipe = DEFAULT,
        context: ContextEncoder | None = None,
    ) -> DocumentTensors:
        """Builds the recipe's graph and encodes the texts, with `context` among the others."""
        edges = recipe.graph.build(document)
        return cls(
            text=text_vectors(document, encoder, context, fast),
            features=recipe.features(document),
            edge_index=edges.index,
            edge_attr=edges.attributes,
        )


@dataclass(frozen=True)
class Example:
    """A labelled document in tensors.

    Attributes:
        labelled: The document.
        tensors: What the network reads.
        allowed: `[n, labels]`, bool.
        links: `[E, 2]`, see `hybrid.gcn.links.link_targets`.
    """

    labelled: LabelledDocument
    tensors: DocumentTensors
    allowed: Tensor
    links: Tensor


def prepare(
    documents: Sequence[LabelledDocument],
    encoder: TextEncoder,
    labels: Sequence[str],
    recipe: Recipe = DEFAULT,
    context: ContextEncoder | None = None,
) -> Iterator[Example]:
    """Documents in tensors, one after the other; those without segments are left out.

    Texts are encoded by the thousand before, because short batches are slow.
    """
    block = 50
    for start in range(0, len(documents), block):
        part = [d for d in documents[start : start + block] if d.document.segments]
        encoder.encode([s.text for d in part for s in d.document.segments], fast=True)
        for d in part:
            rows = [allowed_labels(label, d.known_labels, labels) for label in d.labels]
            tensors = DocumentTensors.of(d.document, encoder, True, recipe, context)
            yield Example(d, tensors, torch.tensor(rows), link_targets(tensors.edge_index, d.links))


def noisy_copies(
    documents: Sequence[LabelledDocument], copies: int, seed: int
) -> list[LabelledDocument]:
    """`copies` perturbed copies of each document, those of a document one after the other.

    A copy that has lost all its segments is replaced by the document as it is.
    """
    rng = random.Random(seed)  # noqa: S311  # noise, no secret
    perturbed = ((d, perturb(d, rng)) for d in documents for _ in range(copies))
    return [copy if copy.labels else document for document, copy in perturbed]


def collate(
    batch: Sequence[DocumentTensors],
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """The documents one after the other, as the arguments of `GraphModel.forward`."""
    sizes = [len(d.text) for d in batch]
    offsets = torch.tensor([0, *sizes]).cumsum(0)
    edges = [d.edge_index + offsets[k] for k, d in enumerate(batch)]
    return (
        torch.cat([d.text for d in batch]),
        torch.cat([d.features for d in batch]),
        torch.cat(edges, dim=1),
        torch.cat([d.edge_attr for d in batch]),
        torch.repeat_interleave(torch.arange(len(batch)), torch.tensor(sizes)),
    )


def forward(model: nn.Module, batch: Sequence[DocumentTensors]) -> Tensor:
    """Logits of all the documents' nodes, one after the other: `[n, labels]`."""
    logits: Tensor = model(*collate(batch))
    return logits


@torch.no_grad()
def predict_logits(model: nn.Module, examples: Sequence[Example]) -> list[Tensor]:
    """Logits `[n, labels]` of each document, dropout off."""
    model.eval()
    return [forward(model, [e.tensors]) for e in examples]


def scores_by_dataset(
    examples: Sequence[Example], logits: Sequence[Tensor], labels: Sequence[str]
) -> dict[str, dict[str, LabelScore]]:
    """Scores of each dataset over its own labels; foreign ones count as background."""
    gold: dict[str, list[str]] = {}
    predicted: dict[str, list[str]] = {}
    for example, rows in zip(examples, logits, strict=True):
        d = example.labelled
        best = project(rows.softmax(dim=1), d.known_labels, labels).argmax(dim=1).tolist()
        gold.setdefault(d.dataset, []).extend(d.labels)
        predicted.setdefault(d.dataset, []).extend(labels[k] for k in best)
    return {name: label_scores(gold[name], predicted[name]) for name in sorted(gold)}


def mean_f1(scores: dict[str, dict[str, LabelScore]]) -> float:
    """Micro F1, averaged over datasets so that the largest does not decide alone."""
    return sum(s["micro"].f1 for s in scores.values()) / len(scores)


def is_settled(number: int, epochs: int) -> bool:
    """Whether an epoch (from 0) may be the one that is kept: those of the second half may.

    Before, the rate is high and the weights change from batch to batch; the best of many such epochs
    on a dozen held-out documents is the luckiest one. On XFUND (German) the third epoch was kept, at
    .894 there, and got .793 on `dev`.
    """
    return number >= epochs // 2


def out_of_patience(done: int, best_epoch: int, epochs: int, patience: int) -> bool:
    """Whether to stop after `done` epochs of which number `best_epoch` (from 1, or 0) was the best.

    Patience begins with the epochs that may be kept, see `is_settled`.
    """
    return done - max(best_epoch, epochs // 2) >= patience


class GraphStage:
    """Optimizer and epochs of the graph model.

    Args:
        model: To be trained.
        originals: The documents as they are.
        copies: Noisy copies, the same number for each document, in the documents' order.
        epochs: Planned; the rate falls to 0 at the last.
        learning_rate: At its peak.
    """

    def __init__(
        self,
        model: nn.Module,
        originals: Sequence[Example],
        copies: Sequence[Example],
        epochs: int,
        learning_rate: float,
    ) -> None:
        self.model = model
        self.originals = originals
        self.copies = copies
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=learning_rate, weight_decay=0.05)

    def epoch(self, number: int, seed: int) -> Iterator[tuple[float, float]]:
        """Trains one epoch (from 0); yields the share done and the loss after each batch."""
        rng = random.Random(seed)  # noqa: S311  # order, no secret
        batches = self._batches(rng)
        self.model.train()
        for step, batch in enumerate(batches):
            share = warm_up_and_decay(number * len(batches) + step, self.epochs * len(batches))
            for group in self.optimizer.param_groups:
                group["lr"] = self.learning_rate * share
            loss = self._loss(batch)
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            yield (step + 1) / len(batches), loss.item()

    def _loss(self, batch: Sequence[Example]) -> Tensor:
        """Of the labels, and of the links or whatever else the network learns beside them."""
        allowed = torch.cat([e.allowed for e in batch])
        if isinstance(self.model, GraphModel | Ensemble) and self.model.config.links:
            inputs = collate([e.tensors for e in batch])
            logits, links = self.model.forward_with_links(*inputs)
            beside = gold_link_loss(links, _repeated(torch.cat([e.links for e in batch]), links))
        else:
            logits = forward(self.model, [e.tensors for e in batch])
            own = self.model if isinstance(self.model, RecipeModel) else None
            beside = own.auxiliary_loss(allowed) if own else torch.zeros(())
        return partial_label_loss(logits, _repeated(allowed, logits)).mean() + beside

    def _batches(self, rng: random.Random) -> list[list[Example]]:
        """Each document once, half of the time as a noisy copy, in random order."""
        copies = len(self.copies) // len(self.originals)
        chosen = [
            self.copies[k * copies + rng.randrange(copies)]
            if copies and rng.random() < 0.5
            else original
            for k, original in enumerate(self.originals)
        ]
        rng.shuffle(chosen)
        total = sum(len(example.allowed) for example in chosen)
        most = min(_BATCH_NODES, max(_FEWEST_NODES, total // _BATCHES))
        batches: list[list[Example]] = [[]]
        nodes = 0
        for example in chosen:
            if batches[-1] and nodes + len(example.allowed) > most:
                batches.append([])
                nodes = 0
            batches[-1].append(example)
            nodes += len(example.allowed)
        return batches


def _repeated(rows: Tensor, logits: Tensor) -> Tensor:
    """What is right, once for each member of an ensemble."""
    return rows.repeat(len(logits) // max(len(rows), 1), 1)

"""Links that are learned beside the labels."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from hybrid.document import BoundingBox
from hybrid.gcn.augment import perturb
from hybrid.gcn.checkpoint import read_config
from hybrid.gcn.encoder import TextEncoder
from hybrid.gcn.graph_stage import GraphStage, prepare
from hybrid.gcn.labelled import LabelledDocument, label_set
from hybrid.gcn.links import gold_link_loss, link_targets
from hybrid.gcn.model import GraphModel, GraphModelConfig
from hybrid.gcn.predict import GcnPredictor
from hybrid.gcn.state import seeded
from hybrid.gcn.training import TrainingSettings, train

EDGES = torch.tensor([[0, 0, 1], [1, 2, 2]])


def apart(box: BoundingBox, part: BoundingBox) -> float:
    x, y = part.center
    return abs(box.center[1] - y) + max(box.left - x, x - box.right, 0.0)


def linked(documents: list[LabelledDocument]) -> list[LabelledDocument]:
    """Every segment with the next one: a link along an edge, mostly."""
    return [
        replace(d, links=frozenset((k, k + 1) for k in range(0, len(d.labels) - 1, 2)))
        for d in documents
    ]


def test_targets_have_a_column_for_each_direction() -> None:
    found = link_targets(EDGES, {(0, 1), (2, 0)})
    assert found.tolist() == [[1, 0], [0, 1], [0, 0]]
    assert link_targets(EDGES, None).isnan().all()
    assert link_targets(EDGES[:, :0], {(0, 1)}).shape == (0, 2)


def test_unknown_links_cost_nothing() -> None:
    logits = torch.zeros(3, 2, requires_grad=True)
    assert gold_link_loss(logits, link_targets(EDGES, None)) == 0
    half = torch.cat([link_targets(EDGES[:, :1], {(0, 1)}), link_targets(EDGES[:, 1:], None)])
    loss = gold_link_loss(logits, half)
    assert loss.item() == pytest.approx(torch.tensor(2.0).log().item())
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[1:].abs().sum() == 0
    assert logits.grad[0, 0] < 0 < logits.grad[0, 1]


def test_noisy_copies_keep_the_links_of_what_is_left(receipts: list[LabelledDocument]) -> None:
    rng = random.Random(0)
    moved = lost = 0
    for d in linked(receipts):
        copy = perturb(d, rng)
        assert copy.links is not None
        before, after = d.document.segments, copy.document.segments
        if len(copy.document.pages) > 1:
            continue
        # Boxes move by less than half a line, so each still lies on its origin.
        origin = [
            min(range(len(before)), key=lambda k: apart(before[k].box, part.box)) for part in after
        ]
        found = {(origin[i], origin[j]) for i, j in copy.links}
        moved += len(found - (d.links or frozenset()))
        left = {link for link in d.links or () if set(link) <= set(origin)}
        lost += len((d.links or frozenset()) - left)
        assert found >= left
    assert moved == 0
    assert lost > 0
    assert perturb(receipts[0], rng).links is None


def test_links_are_learned(receipts: list[LabelledDocument], tiny_encoder: Path) -> None:
    documents = linked(receipts)
    labels = label_set(documents)
    with seeded("links"):
        encoder = TextEncoder(tiny_encoder)
        config = GraphModelConfig(
            text_width=32, node_features=28, edge_features=9, labels=4, hidden=32, links=True
        )
        model = GraphModel(config)
        examples = list(prepare(documents, encoder, labels))
        stage = GraphStage(model, examples, [], 10, 3e-3)
        losses = [sum(loss for _, loss in stage.epoch(k, k)) for k in range(10)]
    assert losses[-1] < 0.7 * losses[0]
    with pytest.raises(ValueError, match="without links"):
        GraphModel(config.model_copy(update={"links": False})).forward_with_links(
            torch.zeros(1, 32), torch.zeros(1, 28), EDGES[:, :0], torch.zeros(0, 9)
        )


def test_a_training_on_documents_with_links_has_them(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    settings = TrainingSettings(
        text_epochs=1, rank=2, graph_epochs=2, noisy_copies=1, hidden=32, layers=1, members=2
    )
    for name, documents in (("with", linked(receipts[:12])), ("without", receipts[:12])):
        train(
            documents,
            tiny_encoder,
            tmp_path / name,
            encoder_name="tiny",
            data_sha256="ab" * 32,
            settings=settings,
        )
        assert read_config(tmp_path / name).model.links == (name == "with")
        GcnPredictor.load(tmp_path / name, tiny_encoder).predict(receipts[0].document)

"""A training that begins with another one's weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from hybrid.errors import CheckpointError
from hybrid.gcn.checkpoint import WEIGHTS, Metrics, read_config, read_labels, read_metrics
from hybrid.gcn.encoder import TextEncoder
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.recipes.registry import build_network
from hybrid.gcn.state import seeded
from hybrid.gcn.training import TrainingSettings, train
from hybrid.gcn.warm_start import WarmStart

SETTINGS = TrainingSettings(
    text_epochs=1, rank=2, graph_epochs=2, noisy_copies=1, hidden=32, layers=1, members=1
)


def trained(
    documents: list[LabelledDocument],
    encoder: Path,
    out: Path,
    start: WarmStart | list[WarmStart] | tuple[()] = (),
    settings: TrainingSettings = SETTINGS,
) -> Metrics:
    return train(
        documents,
        encoder,
        out,
        encoder_name="tiny",
        data_sha256="ab" * 32,
        settings=settings,
        start=start,
    )


def renamed(documents: list[LabelledDocument], names: dict[str, str]) -> list[LabelledDocument]:
    return [
        LabelledDocument(
            document=d.document,
            labels=tuple(names.get(label, label) for label in d.labels),
            known_labels=frozenset(names.get(label, label) for label in d.known_labels),
            dataset="other-receipts",
        )
        for d in documents
    ]


@pytest.fixture
def first(receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path) -> WarmStart:
    trained(receipts[:12], tiny_encoder, tmp_path / "first")
    return WarmStart.read(tmp_path / "first")


def test_weights_are_taken_over_and_rows_follow_the_labels(
    first: WarmStart, tiny_encoder: Path
) -> None:
    labels = ("other", "zone", "total", "date")  # "company" is gone, "zone" is new
    config = first.config.model.model_copy(update={"labels": 4})
    with seeded("new"):
        model = build_network(config, first.config.recipe)
        fresh = {name: value.clone() for name, value in model.state_dict().items()}
        encoder = TextEncoder(tiny_encoder)
        encoder.add_deltas(first.config.encoder.rank, first.config.encoder.alpha)
    first.load_into(model, encoder, labels)
    saved = load_file(first.folder / WEIGHTS)
    for name, value in model.state_dict().items():
        if name.startswith("classifier"):
            for place, label in enumerate(labels):
                expected = (
                    saved[f"model.{name}"][first.labels.index(label)].float()
                    if label in first.labels
                    else fresh[name][place]
                )
                torch.testing.assert_close(value[place], expected)
        else:
            torch.testing.assert_close(value, saved[f"model.{name}"].float())
    for name, value in encoder.deltas().items():
        torch.testing.assert_close(value, saved[f"encoder.{name}"].float())


def test_a_training_begins_with_the_best_that_fits(
    first: WarmStart, receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    others = renamed(receipts[12:24], {"company": "seller"})
    metrics = trained(others, tiny_encoder, tmp_path / "second", [first])
    assert metrics.started_from == first.sha256
    assert read_metrics(tmp_path / "second").started_from == first.sha256
    assert read_labels(tmp_path / "second") == ("other", "date", "seller", "total")
    cold = trained(others, tiny_encoder, tmp_path / "cold")
    assert cold.started_from is None
    assert (
        cold.early_stopping_f1 != metrics.early_stopping_f1 or cold.ece_after != metrics.ece_after
    )
    second = WarmStart.read(tmp_path / "second")
    third = renamed(receipts[:12], {})
    assert trained(third, tiny_encoder, tmp_path / "third", [second, first]).started_from == (
        first.sha256
    )


def test_a_stranger_is_passed_over_but_not_when_it_was_named(
    first: WarmStart, receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    documents = receipts[12:24]
    wider = replace(SETTINGS, hidden=64)
    assert trained(documents, tiny_encoder, tmp_path / "a", [first], wider).started_from is None
    with pytest.raises(CheckpointError, match="another size"):
        trained(documents, tiny_encoder, tmp_path / "b", first, wider)
    no_graph = replace(SETTINGS, recipe="none")
    with pytest.raises(CheckpointError, match="recipe"):
        trained(documents, tiny_encoder, tmp_path / "c", first, no_graph)
    with pytest.raises(CheckpointError, match="rank 2"):
        trained(documents, tiny_encoder, tmp_path / "d", first, replace(SETTINGS, rank=4))
    foreign = renamed(documents, {name: f"my {name}" for name in ("company", "date", "total")})
    assert trained(foreign, tiny_encoder, tmp_path / "e", [first]).started_from is None
    named = trained(foreign, tiny_encoder, tmp_path / "f", first)
    assert named.started_from == first.sha256
    encoder = first.config.encoder.model_copy(update={"sha256": "0" * 64, "name": "bert"})
    config = read_config(first.folder).model_copy(update={"encoder": encoder})
    assert first.misfit(config) == "it was trained on the encoder 'tiny'"


def test_broken_weights_are_named(first: WarmStart, tiny_encoder: Path) -> None:
    model = build_network(first.config.model, first.config.recipe)
    encoder = TextEncoder(tiny_encoder)
    (first.folder / WEIGHTS).write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match=WEIGHTS):
        first.load_into(model, encoder, first.labels)
    with pytest.raises(CheckpointError, match="no such checkpoint folder"):
        WarmStart.read(first.folder / "nowhere")

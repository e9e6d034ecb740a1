from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hybrid.errors import DatasetError
from hybrid.gcn.checkpoint import Metrics
from hybrid.gcn.encoder import TextEncoder
from hybrid.gcn.graph_stage import Example, GraphStage, noisy_copies, prepare
from hybrid.gcn.labelled import LabelledDocument, label_set
from hybrid.gcn.model import GraphModel, GraphModelConfig
from hybrid.gcn.predict import GcnPredictor
from hybrid.gcn.scores import label_scores
from hybrid.gcn.state import Progress, StateStore, seeded
from hybrid.gcn.text_stage import TextStage, text_examples
from hybrid.gcn.training import TrainingSettings, train

SETTINGS = TrainingSettings(
    text_epochs=2,
    rank=2,
    graph_epochs=4,
    noisy_copies=1,
    hidden=32,
    layers=2,
    patience=4,
    members=1,
)


def _train(
    documents: list[LabelledDocument],
    encoder: Path,
    out: Path,
    settings: TrainingSettings = SETTINGS,
    development: list[LabelledDocument] | None = None,
) -> Metrics:
    return train(
        documents,
        encoder,
        out,
        encoder_name="tiny",
        data_sha256="ab" * 32,
        development=development or [],
        settings=settings,
    )


def test_learns_easy_receipts(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    settings = replace(SETTINGS, graph_epochs=20, patience=20)
    metrics = _train(receipts[:24], tiny_encoder, tmp_path, settings, receipts[24:])
    assert metrics.dev["drawn"]["micro"].f1 > 0.8
    assert set(metrics.dev["drawn"]) == {"micro", "company", "date", "total"}
    assert metrics.documents == {"fit": 21, "held_out": 3, "dev": 6}
    assert not (tmp_path / "training-state").exists()
    predictor = GcnPredictor.load(tmp_path, tiny_encoder)
    predictions = predictor.predict(receipts[25].document)
    found = [predictor.labels[k] for k in predictions.probabilities.argmax(axis=1)]
    right = sum(a == b for a, b in zip(found, receipts[25].labels, strict=True))
    assert right >= 7


def test_losses_fall_in_both_stages(receipts: list[LabelledDocument], tiny_encoder: Path) -> None:
    labels = label_set(receipts)
    with seeded("test"):
        encoder = TextEncoder(tiny_encoder)
        encoder.add_deltas(8, 16.0)
        text = TextStage(encoder, text_examples(receipts, labels), 8, 1000, 1e-2)
        losses = [[loss for _, loss in text.epoch(k, k)] for k in range(8)]
        assert sum(losses[-1]) / len(losses[-1]) < 0.8 * sum(losses[0]) / len(losses[0])
        sizes = {"text_width": 32, "node_features": 28, "edge_features": 9, "labels": 4}
        model = GraphModel(GraphModelConfig(**sizes, hidden=32))
        originals = list(prepare(receipts, encoder, labels))
        copies = list(prepare(noisy_copies(receipts, 1, 0), encoder, labels))
        graph = GraphStage(model, originals, copies, 8, 1e-3)
        losses = [[loss for _, loss in graph.epoch(k, k)] for k in range(8)]
        assert sum(losses[-1]) / len(losses[-1]) < 0.8 * sum(losses[0]) / len(losses[0])


def test_stops_when_nothing_gets_better(
    receipts: list[LabelledDocument],
    tiny_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The luck of the first half of the epochs does not count.
    scores = iter([0.9, 0.9, 0.9, 0.9, 0.9, 0.1, 0.5, 0.4, 0.5, 0.3])
    monkeypatch.setattr("hybrid.gcn.training.mean_f1", lambda _: next(scores))
    settings = replace(SETTINGS, graph_epochs=11, patience=3)
    metrics = _train(receipts, tiny_encoder, tmp_path, settings)
    assert metrics.best_epoch == 7
    assert metrics.early_stopping_f1 == 0.5
    assert next(scores, None) is None


@pytest.mark.parametrize("saves_before_the_kill", [1, 4, 8])
def test_a_killed_training_goes_on_to_the_same_result(
    receipts: list[LabelledDocument],
    tiny_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    saves_before_the_kill: int,
) -> None:
    undisturbed = _train(receipts, tiny_encoder, tmp_path / "a")
    save = StateStore.save
    epochs: list[str] = []

    def save_and_maybe_die(
        store: StateStore, progress: Progress, tensors: dict[str, torch.Tensor]
    ) -> None:
        save(store, progress, tensors)
        epochs.append(f"{progress.stage} {progress.epoch}")
        if len(epochs) == saves_before_the_kill:
            raise KeyboardInterrupt

    monkeypatch.setattr(StateStore, "save", save_and_maybe_die)
    with pytest.raises(KeyboardInterrupt):
        _train(receipts, tiny_encoder, tmp_path / "b")
    assert not (tmp_path / "b" / "config.json").exists()
    resumed = _train(receipts, tiny_encoder, tmp_path / "b")
    assert "going on after epoch" in capsys.readouterr().err
    graph, final = ([f"{stage} {k}" for k in range(1, 5)] for stage in ("graph", "final"))
    assert epochs == ["text 1", "text 2", *graph, *final]  # none twice
    assert resumed.best_epoch == undisturbed.best_epoch
    for name in ("model.safetensors", "config.json", "labels.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_few_documents_are_all_learned_from(
    receipts: list[LabelledDocument],
    tiny_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned: list[set[str]] = []
    begin = GraphStage.__init__

    def watched(stage: GraphStage, model: GraphModel, originals: list[Example], *rest: Any) -> None:
        learned.append({e.labelled.document.id for e in originals})
        begin(stage, model, originals, *rest)

    monkeypatch.setattr(GraphStage, "__init__", watched)
    metrics = _train(receipts, tiny_encoder, tmp_path / "few")
    assert metrics.refitted
    assert [len(ids) for ids in learned] == [metrics.documents["fit"], len(receipts)]
    monkeypatch.setattr("hybrid.gcn.training.FEW_DOCUMENTS", len(receipts) - 1)
    assert not _train(receipts, tiny_encoder, tmp_path / "many").refitted
    assert len(learned) == 3


def test_what_is_scored_is_what_is_loaded(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    metrics = _train(receipts[:20], tiny_encoder, tmp_path, development=receipts[20:])
    assert load_file(tmp_path / "model.safetensors")["model.classifier.weight"].dtype == torch.half
    predictor = GcnPredictor.load(tmp_path, tiny_encoder)
    gold = [label for d in receipts[20:] for label in d.labels]
    rows = [predictor.predict(d.document).probabilities for d in receipts[20:]]
    found = [predictor.labels[k] for r in rows for k in r.argmax(axis=1)]
    assert label_scores(gold, found)["micro"] == metrics.dev["drawn"]["micro"]


def test_another_seed_starts_anew_and_differs(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    short = replace(SETTINGS, graph_epochs=1, text_epochs=1)
    _train(receipts, tiny_encoder, tmp_path / "a", short)
    _train(receipts, tiny_encoder, tmp_path / "b", replace(short, seed=1))
    first, second = (tmp_path / name / "model.safetensors" for name in "ab")
    assert first.read_bytes() != second.read_bytes()


def test_a_broken_or_foreign_state_is_not_continued(tmp_path: Path) -> None:
    store = StateStore(tmp_path)
    assert store.load("one") is None
    store.save(Progress(configuration="one", epoch=3), {"x": torch.ones(2)})
    assert store.load("another") is None
    found = store.load("one")
    assert found is not None
    assert found[0].epoch == 3
    (tmp_path / "training-state" / "state.safetensors").write_bytes(b"nonsense")
    assert store.load("one") is None


def test_two_datasets_with_different_labels(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    known = frozenset({"other", "menu.nm"})
    others = [
        LabelledDocument(
            d.document,
            tuple("menu.nm" if s.text.isalpha() else "other" for s in d.document.segments),
            known,
            "menus",
        )
        for d in receipts[15:]
    ]
    settings = replace(SETTINGS, graph_epochs=20, patience=20)
    metrics = _train([*receipts[:15], *others], tiny_encoder, tmp_path, settings, receipts[15:20])
    assert metrics.datasets == ("drawn", "menus")
    # What "menus" taught shows on documents of "drawn", whose labels call items background.
    predictor = GcnPredictor.load(tmp_path, tiny_encoder)
    column = predictor.labels.index("menu.nm")
    rows = predictor.predict(receipts[0].document).probabilities
    items = [s.text.isalpha() for s in receipts[0].document.segments]
    assert rows[items, column].min() > rows[[not i for i in items], column].max()


def test_too_few_documents(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    with pytest.raises(DatasetError, match="dataset drawn: 4 documents"):
        _train(receipts[:4], tiny_encoder, tmp_path)
    with pytest.raises(DatasetError, match="no documents"):
        _train([], tiny_encoder, tmp_path)


def test_torch_keeps_its_own_random_state() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    with seeded("anything", 3):
        first = torch.rand(3)
    assert torch.equal(torch.rand(3), expected)
    with seeded("anything", 3):
        assert torch.equal(torch.rand(3), first)

"""Predictions by networks that have not seen the document; nothing of `dev` is in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval import out_of_fold as module
from eval.datasets.drawn_forms import drawn_sample
from eval.out_of_fold import Folds, train_folds
from hybrid.errors import DatasetError, ModelError
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.training import TrainingSettings
from tests.eval.tiny_encoder import tiny_bert

SETTINGS = TrainingSettings(
    text_epochs=1, rank=2, graph_epochs=2, noisy_copies=0, hidden=16, layers=1, members=1
)
FIT, DEV = range(14), range(14, 18)


@pytest.fixture
def encoder(tmp_path: Path) -> str:
    return str(tiny_bert(tmp_path / "encoder"))


@pytest.fixture(autouse=True)
def few_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [drawn_sample("train", k) for k in (*FIT, *DEV)]
    monkeypatch.setattr(
        "eval.datasets.drawn_forms.DrawnForms.load",
        lambda self, root, split, limit=None: (drawn[:14] if split == "fit" else drawn[14:])[
            :limit
        ],
    )
    monkeypatch.setattr("hybrid.gcn.pairing._STEPS", 50)
    monkeypatch.setattr(module, "shipped_starts", lambda datasets: [])


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Ids of the documents of each training."""
    seen: list[set[str]] = []
    from hybrid.gcn.training import train

    def recorded(documents: Sequence[LabelledDocument], *rest: Any, **named: Any) -> object:
        seen.append({d.document.id for d in documents})
        return train(documents, *rest, **named)

    monkeypatch.setattr(module, "train", recorded)
    return seen


def folds_in(folder: Path, encoder: str, **changed: Any) -> Folds:
    values: dict[str, Any] = {"folds": 2, "settings": SETTINGS, "encoder": encoder} | changed
    return train_folds(["drawn_forms"], [None], folder, **values)


def test_every_document_is_predicted_by_a_network_that_has_not_seen_it(
    encoder: str, tmp_path: Path, trained: list[set[str]]
) -> None:
    documents = {s.id: s.document for s in (drawn_sample("train", k) for k in FIT)}
    folds = folds_in(tmp_path / "work", encoder)
    assert folds.predictions.keys() == documents.keys()
    assert len(trained) == 2
    assert trained[0] | trained[1] == documents.keys()
    assert trained[0].isdisjoint(trained[1])
    for name, fold in folds.fold_of.items():
        assert name not in trained[fold]
    for name, found in folds.predictions.items():
        assert found.probabilities.shape == (len(documents[name].segments), len(found.labels))
        np.testing.assert_allclose(found.probabilities.sum(axis=1), 1.0)
        assert found.labels[0] == "other"


def test_a_changed_copy_is_predicted_by_the_same_network(encoder: str, tmp_path: Path) -> None:
    folds = folds_in(tmp_path / "work", encoder)
    document = drawn_sample("train", 3).document
    copy = document.model_copy(update={"id": "changed"})
    found = folds.predict(copy, document.id)
    assert found.labels == folds.predictions[document.id].labels
    np.testing.assert_allclose(
        found.probabilities, folds.predictions[document.id].probabilities, atol=1e-6
    )
    with pytest.raises(KeyError):
        folds.predict(copy, "unheard-of")


def test_what_is_there_is_not_done_again(
    encoder: str, tmp_path: Path, trained: list[set[str]]
) -> None:
    work = tmp_path / "work"
    first = folds_in(work, encoder)
    # As after a kill between the training of a fold and its predictions.
    next(work.glob("*/fold-1.npz")).unlink()
    again = folds_in(work, encoder)
    assert len(trained) == 2
    for name, found in first.predictions.items():
        np.testing.assert_allclose(
            again.predictions[name].probabilities, found.probabilities, atol=1e-6
        )
        assert again.predictions[name].labels == found.labels


def test_other_settings_are_other_folds(
    encoder: str, tmp_path: Path, trained: list[set[str]]
) -> None:
    work = tmp_path / "work"
    folds_in(work, encoder)
    folds_in(work, encoder, seed=1)
    folds_in(work, encoder, limit=12)
    assert len(trained) == 6
    assert len(list(work.iterdir())) == 3


def test_the_short_form(encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUICK", SETTINGS)
    said: list[str] = []
    found = train_folds(["drawn_forms"], [None], tmp_path, encoder, 0, 2, said.append)
    assert len(found.predictions) == 14
    assert said == [f"GCN for fold {k} of 2, 7 documents to predict" for k in (1, 2)]


def test_what_cannot_be(encoder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatasetError, match="need at least 2"):
        folds_in(tmp_path, encoder, folds=1)
    with pytest.raises(ModelError):
        folds_in(tmp_path, "no-such-encoder")
    one = drawn_sample("train", 0)
    monkeypatch.setattr(
        "eval.datasets.drawn_forms.DrawnForms.load",
        lambda self, root, split, limit=None: [one, one],
    )
    with pytest.raises(DatasetError, match="two documents are called"):
        folds_in(tmp_path, encoder)

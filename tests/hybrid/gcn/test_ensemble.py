from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from hybrid.gcn.ensemble import Ensemble
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.predict import GcnPredictor
from hybrid.gcn.training import TrainingSettings, train
from hybrid.gcn.warm_start import WarmStart

CONFIG = GraphModelConfig(
    text_width=8, node_features=3, edge_features=2, labels=4, hidden=16, layers=1, members=3
)


@pytest.fixture
def page() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    torch.manual_seed(0)
    edges = torch.tensor([[0, 1, 2], [1, 2, 4]])
    return torch.randn(5, 8), torch.randn(5, 3), edges, torch.randn(3, 2)


def test_the_mean_of_probabilities_is_what_it_says(page: tuple[Tensor, ...]) -> None:
    ensemble = Ensemble(CONFIG).eval()
    shares = [member(*page).softmax(dim=1) for member in ensemble.members]
    assert not torch.allclose(shares[0], shares[1], atol=1e-3)
    expected = torch.stack(shares).mean(dim=0)
    torch.testing.assert_close(ensemble(*page).exp(), expected)
    torch.testing.assert_close(ensemble(*page).softmax(dim=1), expected)


def test_each_member_is_trained_by_itself(page: tuple[Tensor, ...]) -> None:
    ensemble = Ensemble(CONFIG.model_copy(update={"dropout": 0.0})).train()
    logits = ensemble(*page)
    assert logits.shape == (15, 4)
    for number, member in enumerate(ensemble.members):
        torch.testing.assert_close(logits[5 * number : 5 * number + 5], member(*page))
    logits[5:10].sum().backward()
    moved = [
        any(p.grad is not None and bool(p.grad.any()) for p in member.parameters())
        for member in ensemble.members
    ]
    assert moved == [False, True, False]


def test_an_ensemble_is_trained_saved_and_begun_from_one_network(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    def trained(out: str, members: int, start: tuple[()] | WarmStart = ()) -> WarmStart:
        settings = TrainingSettings(
            text_epochs=1,
            rank=2,
            graph_epochs=2,
            noisy_copies=1,
            hidden=32,
            layers=1,
            members=members,
        )
        train(
            receipts[:12],
            tiny_encoder,
            tmp_path / out,
            encoder_name="tiny",
            data_sha256="ab" * 32,
            settings=settings,
            start=start,
        )
        return WarmStart.read(tmp_path / out)

    one = trained("one", 1)
    three = trained("three", 3, one)
    assert three.config.model.members == 3
    rows = GcnPredictor.load(tmp_path / "three", tiny_encoder).predict(receipts[0].document)
    assert rows.probabilities.sum(axis=1) == pytest.approx(1.0)
    assert one.misfit(three.config) is None
    assert three.misfit(one.config) == "its network has another size"
    assert trained("again", 3, three).config.model.members == 3

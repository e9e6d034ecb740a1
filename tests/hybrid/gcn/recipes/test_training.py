"""Each recipe trained for an epoch, written, read and asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from hybrid.errors import CheckpointError, ModelError
from hybrid.gcn.checkpoint import load_checkpoint, read_config
from hybrid.gcn.graph_stage import prepare
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.predict import GcnPredictor
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.registry import RECIPES, find_recipe
from hybrid.gcn.training import TrainingSettings, train

SHORT = {"text_epochs": 0, "rank": 2, "graph_epochs": 1, "noisy_copies": 0, "hidden": 16}


def _train(documents: list[LabelledDocument], encoder: Path, out: Path, recipe: str) -> None:
    train(
        documents,
        encoder,
        out,
        encoder_name="tiny",
        data_sha256="ab" * 32,
        settings=TrainingSettings(**SHORT, layers=2, recipe=recipe),
    )


@pytest.mark.parametrize("name", [*RECIPES, "gbada2024:weight=none,directed=false,mapping=false"])
def test_round_trip_through_a_checkpoint(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path, name: str
) -> None:
    _train(receipts[:8], tiny_encoder, tmp_path, name)
    config = read_config(tmp_path)
    assert str(config.recipe) == name
    assert config.feature_names == find_recipe(config.recipe.name).feature_names
    checkpoint = load_checkpoint(tmp_path, tiny_encoder)
    document = receipts[9].document
    predicted = GcnPredictor(checkpoint).predict(document).probabilities
    assert predicted.shape == (9, 4)
    (example,) = prepare(
        [receipts[9]], checkpoint.encoder, checkpoint.labels, find_recipe(config.recipe.name)
    )
    tensors = example.tensors
    logits = checkpoint.model(tensors.text, tensors.features, tensors.edge_index, tensors.edge_attr)
    expected = (logits.double() / config.temperature).softmax(dim=1)
    torch.testing.assert_close(torch.from_numpy(predicted), expected, atol=1e-3, rtol=1e-2)


def test_checkpoints_from_before_recipes_are_of_default(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    _train(receipts[:8], tiny_encoder, tmp_path, "default")
    path = tmp_path / "config.json"
    content = json.loads(path.read_text())
    assert content.pop("recipe")["name"] == "default"
    path.write_text(json.dumps(content))
    assert load_checkpoint(tmp_path, tiny_encoder).config.recipe == RecipeConfig()
    path.write_text(json.dumps(content | {"recipe": {"name": "tomorrow"}}))
    with pytest.raises(CheckpointError, match="unknown recipe 'tomorrow'"):
        load_checkpoint(tmp_path, tiny_encoder)


def test_an_unknown_recipe_ends_before_anything_is_done(
    receipts: list[LabelledDocument], tiny_encoder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match="unknown recipe 'gbada'"):
        _train(receipts[:8], tiny_encoder, tmp_path / "out", "gbada")
    assert not (tmp_path / "out").exists()

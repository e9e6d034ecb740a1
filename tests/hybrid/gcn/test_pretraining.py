from __future__ import annotations

from pathlib import Path

import torch

from hybrid.gcn.encoder import TextEncoder
from hybrid.gcn.graph_stage import prepare
from hybrid.gcn.labelled import LabelledDocument, label_set
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.pretraining import pretrain
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.registry import build_network, find_recipe
from hybrid.gcn.state import seeded


def test_pretraining_learns_the_edges(receipts: list[LabelledDocument], tiny_encoder: Path) -> None:
    recipe = find_recipe("belhadj2023")
    labels = label_set(receipts)
    sizes = {"text_width": 32, "labels": len(labels), "hidden": 32, "layers": 2}
    config = GraphModelConfig(
        **sizes, node_features=len(recipe.feature_names), edge_features=len(recipe.graph.columns)
    )
    examples = list(prepare(receipts, TextEncoder(tiny_encoder), labels, recipe))
    with seeded("pretraining"):
        network = build_network(config, RecipeConfig(name="belhadj2023"))
        losses = pretrain(network, examples, 5e-3, 0)
    assert len(losses) == 10
    assert losses[-1] < 0.9 * losses[0]
    assert pretrain(torch.nn.Linear(1, 1), examples, 5e-3, 0) == []

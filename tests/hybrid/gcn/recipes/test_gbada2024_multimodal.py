from __future__ import annotations

from collections.abc import Callable

import torch

from hybrid.document import Document
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import Recipe
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.gbada2024_multimodal import RECIPE, MultimodalGcn
from hybrid.gcn.recipes.pixels import PIXEL_FEATURES

from .conftest import Inputs


def test_weights_join_the_modalities_that_are_there(
    page: Document,
    sizes: Callable[[Recipe], GraphModelConfig],
    inputs: Callable[[Recipe, Document], Inputs],
) -> None:
    config = sizes(RECIPE)
    network = MultimodalGcn(config, RecipeConfig(name="gbada2024-multimodal")).eval()
    text, features, edge_index, edge_attr = inputs(RECIPE, page)
    source, target = edge_index

    def weights(features: torch.Tensor) -> torch.Tensor:
        seen, there = network.pixels(features)
        return network.weights(text, seen, there, edge_index, edge_attr)

    words = (1 + torch.cosine_similarity(text[source], text[target])) / 2
    space = 1 / (1 + edge_attr[:, 5].expm1())
    seen, _ = network.pixels(features)
    pixels = (1 + torch.cosine_similarity(seen[source], seen[target])) / 2
    torch.testing.assert_close(weights(features), (words + pixels + space) / 3)
    blind = features.clone()
    blind[:, -len(PIXEL_FEATURES) :] = 0
    torch.testing.assert_close(weights(blind), (words + space) / 2)
    with torch.no_grad():
        network.shares[2] = 50.0
    torch.testing.assert_close(weights(features), space)

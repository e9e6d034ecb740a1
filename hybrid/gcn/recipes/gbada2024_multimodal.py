"""Recipe `gbada2024-multimodal`: an undirected graph whose weights join text, pixels and distance.

Gbada, Kalti, Mahjoub, "Multimodal weighted graph representation for information extraction from
visually rich documents", Neurocomputing 573, 2024.

What differs: a box's pixels are its own small picture (`hybrid.gcn.recipes.pixels`), not a U-Net's
embedding, and take no part where a dataset has no pictures; the shares of the modalities in a weight
are learned. The paper's full text is not public, so the weight's form is ours.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel, both_ways
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.convolutions import GCNConv
from hybrid.gcn.recipes.edges import VISIBILITY
from hybrid.gcn.recipes.gbada2024 import CONVOLUTIONS
from hybrid.gcn.recipes.pixels import PIXEL_FEATURES, PixelEncoder, pixel_features
from hybrid.graph.builder import EDGE_FEATURES

_DISTANCE = EDGE_FEATURES.index("log_distance")


class MultimodalGcn(RecipeModel):
    """Graph convolutions, both ways, over weights of three modalities, each from 0 to 1.

    text    (1 + cos(t_i, t_j)) / 2
    pixels  (1 + cos(v_i, v_j)) / 2, where both boxes have a picture
    space   1 / (1 + distance / line height)

    w_ij = sum_m a_m s_m,  a = softmax over the modalities that are there
    """

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        self.mapping = NodeMapping(config, config.node_features - len(PIXEL_FEATURES))
        self.pixels = PixelEncoder(config.hidden)
        self.shares = nn.Parameter(torch.zeros(3))
        widths = [*([config.hidden] * CONVOLUTIONS), config.labels]
        self.convolutions = nn.ModuleList(GCNConv(a, b) for a, b in pairwise(widths))
        self.dropout = nn.Dropout(config.dropout)

    def forward(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor | None = None,
    ) -> Tensor:
        """See `RecipeModel.forward`."""
        seen, there = self.pixels(features)
        weight = self.weights(text, seen, there, edge_index, edge_attr).repeat(2)
        edge_index = both_ways(edge_index)
        h: Tensor = self.mapping(text, features) + seen
        for number, convolution in enumerate(self.convolutions):
            h = convolution(self.dropout(h), edge_index, weight)
            if number < len(self.convolutions) - 1:
                h = torch.relu(h)
        return h

    def weights(
        self, text: Tensor, seen: Tensor, there: Tensor, edge_index: Tensor, edge_attr: Tensor
    ) -> Tensor:
        """`[E]`, 0 to 1."""
        source, target = edge_index
        similarities = torch.stack(
            [
                (1 + nn.functional.cosine_similarity(text[source], text[target])) / 2,
                (1 + nn.functional.cosine_similarity(seen[source], seen[target])) / 2,
                torch.exp(-edge_attr[:, _DISTANCE]),
            ],
            dim=1,
        )  # [E, 3]
        absent = torch.zeros_like(similarities, dtype=torch.bool)
        absent[:, 1] = (there[source] * there[target]).squeeze(1) == 0
        shares = self.shares.expand(len(source), 3).masked_fill(absent, float("-inf"))
        return (shares.softmax(dim=1) * similarities).sum(dim=1)


RECIPE = Recipe(
    "gbada2024-multimodal",
    "Gbada, Kalti, Mahjoub, Neurocomputing 573, 2024",
    VISIBILITY,
    MultimodalGcn,
    PIXEL_FEATURES,
    pixel_features,
)

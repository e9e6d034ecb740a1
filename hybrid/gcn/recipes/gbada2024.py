"""Recipe `gbada2024`: the paper that this package is built on, as it describes its method.

Gbada, Kalti, Mahjoub, "Information Extraction from Visually Rich Documents Using Directed Weighted
Graph Neural Network", ICDAR 2024, DOI 10.1007/978-3-031-70552-6_15.

What differs from the description: the raw angle as a weight is 0 for the right-hand neighbour on
the same row, so a bounded positive map of it is the weight; in the ablation by distance a nearer box
weighs more, not less; line of sight is exact; edges may cross pages; the encoder is the one that is
trained here, by low-rank deltas; how many convolutions there are is not known to us, here they are
two. The public code is not followed where it departs from the paper.
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
from hybrid.graph.builder import EDGE_FEATURES

CONVOLUTIONS = 2
"""As Kipf and Welling have them, whatever the frame's layers; each more makes a page's boxes more
alike, since a box is averaged with all its neighbours."""

_ANGLE, _DISTANCE = EDGE_FEATURES.index("weight"), EDGE_FEATURES.index("log_distance")


class DirectedWeightedGcn(RecipeModel):
    """Mapping layer, then graph convolutions (Kipf and Welling 2017) down to the classes.

    With `w_ji` the weight of the edge from j to i, self loops of weight 1, and `d_i` the sum of the
    weights that come in at i:

        h_i <- ReLU( W sum_{j -> i} w_ji / sqrt(d_j d_i) h_j )

    The last layer has no ReLU and as many outputs as there are classes.
    """

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        self.recipe = recipe
        own_features = config.node_features if recipe.features else 0
        self.mapping = NodeMapping(config, own_features) if recipe.mapping else None
        first = config.hidden if recipe.mapping else config.text_width
        widths = [first, *([config.hidden] * (CONVOLUTIONS - 1)), config.labels]
        self.convolutions = nn.ModuleList(GCNConv(a, b) for a, b in pairwise(widths))
        self.roots = nn.ModuleList(
            nn.Linear(a, b, bias=False) for a, b in pairwise(widths) if recipe.root
        )
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
        weight = self.weights(edge_attr)
        if not self.recipe.directed:
            edge_index, weight = both_ways(edge_index), weight.repeat(2)
        h = text if self.mapping is None else self.mapping(text, features)
        for number, convolution in enumerate(self.convolutions):
            h = self.dropout(h)
            own = self.roots[number](h) if self.recipe.root else 0.0
            h = convolution(h, edge_index, weight) + own
            if number < len(self.convolutions) - 1:
                h = nn.functional.relu(h)
        return h

    def weights(self, edge_attr: Tensor) -> Tensor:
        """`[E]`, above 0 to 1: `1 - angle / (2 pi)`, `1 / (1 + distance / line height)`, or 1."""
        if self.recipe.weight == "angle":
            return edge_attr[:, _ANGLE]
        if self.recipe.weight == "distance":
            return torch.exp(-edge_attr[:, _DISTANCE])
        return torch.ones(len(edge_attr))


RECIPE = Recipe(
    "gbada2024",
    "Gbada, Kalti, Mahjoub, ICDAR 2024, DOI 10.1007/978-3-031-70552-6_15",
    VISIBILITY,
    DirectedWeightedGcn,
)

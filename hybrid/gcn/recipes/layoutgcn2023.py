"""Recipe `layoutgcn2023`: a light graph convolution over text, layout and pixels.

Shi, Liu, Du, Zhu, "LayoutGCN: A Lightweight Architecture for Visually Rich Document Understanding",
ICDAR 2023, DOI 10.1007/978-3-031-41682-8_10.

What differs: text vectors are the frame's encoder's, not a TextCNN's; a box's pixels are its own
small picture (`hybrid.gcn.recipes.pixels`), not pooled from a CSP-Darknet over the page, and count
as absent where a dataset has no pictures; how relative positions make the adjacency is only public
in outline, so here it is a small network of them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.convolutions import GCNConv
from hybrid.gcn.recipes.edges import COMPLETE
from hybrid.gcn.recipes.pixels import PIXEL_FEATURES, PixelEncoder, pixel_features

_POSITION = 16


class LayoutGcn(RecipeModel):
    """Text and layout, pixels gated in, then convolutions over all pairs of boxes.

    b_i  = map(text_i, layout_i)
    h_i  = b_i + sigmoid( G [b_i ; v_i] ) * v_i
    w_ij = sigmoid( MLP(r_ij) ),  r_ij the relative position
    h    <- h + ReLU( GCN(h, w) )
    """

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        hidden = config.hidden
        self.mapping = NodeMapping(config, config.node_features - len(PIXEL_FEATURES))
        self.pixels = PixelEncoder(hidden)
        self.gate = nn.Linear(2 * hidden, hidden)
        self.position = nn.Sequential(
            nn.Linear(config.edge_features, _POSITION), nn.ReLU(), nn.Linear(_POSITION, 1)
        )
        self.layers = nn.ModuleList(GCNConv(hidden, hidden) for _ in range(config.layers))
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(hidden, config.labels)

    def forward(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor | None = None,
    ) -> Tensor:
        """See `RecipeModel.forward`."""
        h = self.mapping(text, features)
        seen, _ = self.pixels(features)
        h = h + torch.sigmoid(self.gate(torch.cat([h, seen], dim=1))) * seen
        weight = torch.sigmoid(self.position(edge_attr)).squeeze(1)  # [E]
        for layer in self.layers:
            h = h + torch.relu(layer(self.dropout(h), edge_index, weight))
        logits: Tensor = self.classifier(h)
        return logits


RECIPE = Recipe(
    "layoutgcn2023",
    "Shi, Liu, Du, Zhu, ICDAR 2023, DOI 10.1007/978-3-031-41682-8_10",
    COMPLETE,
    LayoutGcn,
    PIXEL_FEATURES,
    pixel_features,
)

"""Recipe `damgcn2023`: convolutions over nearest neighbours, weighted by predicted dependencies.

Chen, Hou, Lou, Liao, Liu, "DAMGCN: Entity Linking in Visually Rich Documents with Dependency-Aware
Multimodal Graph Convolutional Network", ICDAR 2023.

What differs: the paper links entities, here its graph labels boxes; the link predictor learns from
the labels (do both boxes carry the same entity class), not from gold links, which most datasets lack;
the image modality is left out; text vectors are the frame's. The paper's full text is not public,
so how dependencies enter the adjacency follows its abstract.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel, link_loss
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.convolutions import GCNConv
from hybrid.gcn.recipes.edges import NEAREST

_LINK_WEIGHT = 0.5


class DependencyGcn(RecipeModel):
    """Graph convolutions whose edge weights are the probabilities of a link.

        s_ij = w . ReLU( A h_i + B h_j + C e_ij ),  w_ij = sigmoid(s_ij)

    `loss = labels + 0.5 * links`.
    """

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        hidden = config.hidden
        self.mapping = NodeMapping(config)
        self.head = nn.Linear(hidden, hidden)
        self.tail = nn.Linear(hidden, hidden, bias=False)
        self.place = nn.Linear(config.edge_features, hidden, bias=False)
        self.score = nn.Linear(hidden, 1)
        self.layers = nn.ModuleList(GCNConv(hidden, hidden) for _ in range(config.layers))
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(hidden, config.labels)
        self.links: tuple[Tensor, Tensor] | None = None

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
        source, target = edge_index
        pair = self.head(h)[target] + self.tail(h)[source] + self.place(edge_attr)
        scores = self.score(torch.relu(pair)).squeeze(1)  # [E]
        self.links = (scores, edge_index) if self.training else None
        for layer in self.layers:
            h = h + torch.relu(layer(self.dropout(h), edge_index, scores.sigmoid()))
        logits: Tensor = self.classifier(h)
        return logits

    def auxiliary_loss(self, allowed: Tensor) -> Tensor:
        """The loss of the links of the last pass, weighted."""
        if self.links is None:
            return torch.zeros(())
        return _LINK_WEIGHT * link_loss(*self.links, allowed)


RECIPE = Recipe("damgcn2023", "Chen et al., ICDAR 2023 (DAMGCN)", NEAREST, DependencyGcn)

"""Recipe `sdmgr2021`: spatial dual-modality graph reasoning, on text and layout.

Sun, Kuang, Yue, Lin, Zhang, "Spatial Dual-Modality Graph Reasoning for Key Information Extraction",
arXiv 2103.14470 (SDMG-R).

What differs: text vectors are the frame's encoder's, not an LSTM over characters; node features of
the frame stand beside them; the visual modality (a U-Net with region pooling, fused by a Kronecker
product) is left out, which the paper reports as its text-only row; ratios of sizes enter as
logarithms; edges are not classified, for most datasets have no links.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.edges import COMPLETE, PAIR_FEATURES
from hybrid.gcn.scatter import scatter_softmax, scatter_sum

_RELATION = ("dx", "dy", "log_aspect", "log_height_ratio", "log_width_ratio")
_COLUMNS = [PAIR_FEATURES.index(name) for name in _RELATION]
_ROUNDS = 2


class RelationGate(nn.Module):
    """One round of reasoning; the pair's state is the next round's relation.

    p_ij = ReLU( A h_i + B h_j + C e_ij )
    a_ij = softmax_j ( w . p_ij )
    h_i  <- h_i + ReLU( O sum_j a_ij p_ij ),  e_ij <- p_ij
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.own = nn.Linear(hidden, hidden)
        self.other = nn.Linear(hidden, hidden, bias=False)
        self.relation = nn.Linear(hidden, hidden, bias=False)
        # Without a bias: softmax would take it away.
        self.gate = nn.Linear(hidden, 1, bias=False)
        self.output = nn.Linear(hidden, hidden)

    def forward(self, h: Tensor, edge_index: Tensor, relation: Tensor) -> tuple[Tensor, Tensor]:
        """`h [n, hidden]`, `edge_index [2, E]` from j to i, `relation [E, hidden]`, to the next."""
        other, own = edge_index
        pair = torch.relu(self.own(h)[own] + self.other(h)[other] + self.relation(relation))
        weight = scatter_softmax(self.gate(pair), own, len(h))  # [E, 1]
        message = scatter_sum(weight * pair, own, len(h))
        return h + torch.relu(self.output(message)), pair


class DualModalityReasoning(RecipeModel):
    """Every box with every other, two rounds as published, whatever the frame's layers."""

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        self.mapping = NodeMapping(config)
        self.embed = nn.Linear(len(_COLUMNS), config.hidden)
        self.rounds = nn.ModuleList(RelationGate(config.hidden) for _ in range(_ROUNDS))
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.hidden, config.labels)

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
        relation = nn.functional.normalize(self.embed(edge_attr[:, _COLUMNS]), dim=1)
        for layer in self.rounds:
            h, relation = layer(h, edge_index, relation)
        logits: Tensor = self.classifier(self.dropout(h))
        return logits


RECIPE = Recipe(
    "sdmgr2021", "Sun et al., arXiv 2103.14470 (SDMG-R)", COMPLETE, DualModalityReasoning
)

"""Recipe `belhadj2021`: graph attention over each box's nearest neighbours.

Belhadj, Belaïd, Belaïd, "Consideration of the Word's Neighborhood in GATs for Information
Extraction in Semi-structured Documents", ICDAR 2021.

What differs: nodes are the frame's boxes, not words; text vectors are the fine-tuned encoder's, not
sub-word embeddings (BPEmb); k is 6 for all datasets; widths and layers are the frame's.
"""

from __future__ import annotations

from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.convolutions import GATConv
from hybrid.gcn.recipes.edges import NEAREST


class NeighbourhoodGat(RecipeModel):
    """Multi-head attention (Velickovic et al. 2018) over a node's neighbours and itself.

        a_ij = softmax_j LeakyReLU( u . W h_i + v . W h_j )
        h_i  <- ELU( sum_j a_ij W h_j )

    The edges' attributes are not looked at.
    """

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        self.mapping = NodeMapping(config)
        head = config.hidden // config.heads
        self.layers = nn.ModuleList(
            GATConv(config.hidden, head, config.heads, dropout=config.dropout)
            for _ in range(config.layers)
        )
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
        for layer in self.layers:
            h = nn.functional.elu(layer(self.dropout(h), edge_index))
        logits: Tensor = self.classifier(h)
        return logits


RECIPE = Recipe("belhadj2021", "Belhadj, Belaïd, Belaïd, ICDAR 2021", NEAREST, NeighbourhoodGat)

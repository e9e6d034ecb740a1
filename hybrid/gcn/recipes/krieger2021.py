"""Recipe `krieger2021`: attention over the neighbours on the four sides, which sees their distances.

Krieger, Drews, Funk, Wobbe, "Information Extraction from Invoices: A Graph Neural Network Approach
for Datasets with High Layout Variety", WI 2021, DOI 10.1007/978-3-030-86797-3_1.

What differs: nodes are the frame's boxes, not words; text vectors and widths are the frame's; the
page's width is the unit of all distances.
"""

from __future__ import annotations

from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.convolutions import GATConv
from hybrid.gcn.recipes.edges import FOUR_SIDES, PAIR_FEATURES

_COLUMNS = [PAIR_FEATURES.index(name) for name in ("dx", "dy", "distance")]


class DistanceGat(RecipeModel):
    """Graph attention with the relative distances `r_ij` of two boxes in the attention.

    a_ij = softmax_j LeakyReLU( u . W h_i + v . W h_j + e . R r_ij )
    h_i  <- ELU( sum_j a_ij W h_j )
    """

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        self.mapping = NodeMapping(config)
        hidden, heads = config.hidden, config.heads
        self.layers = nn.ModuleList(
            GATConv(hidden, hidden // heads, heads, dropout=config.dropout, edge_dim=len(_COLUMNS))
            for _ in range(config.layers)
        )
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
        distances = edge_attr[:, _COLUMNS]
        h = self.mapping(text, features)
        for layer in self.layers:
            h = nn.functional.elu(layer(self.dropout(h), edge_index, distances))
        logits: Tensor = self.classifier(h)
        return logits


RECIPE = Recipe(
    "krieger2021",
    "Krieger, Drews, Funk, Wobbe, WI 2021, DOI 10.1007/978-3-030-86797-3_1",
    FOUR_SIDES,
    DistanceGat,
)

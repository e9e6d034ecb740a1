"""Recipe `none`: mapping layer and classifier only, the floor that a graph has to beat."""

from __future__ import annotations

from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.edges import VISIBILITY


class NoGraph(RecipeModel):
    """Each node by itself, through one hidden layer."""

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        self.mapping = NodeMapping(config)
        hidden = (nn.Linear(config.hidden, config.hidden), nn.ReLU(), nn.Dropout(config.dropout))
        self.layers = nn.Sequential(*hidden)
        self.classifier = nn.Linear(config.hidden, config.labels)

    def forward(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor | None = None,
    ) -> Tensor:
        """See `RecipeModel.forward`; the edges are not looked at."""
        logits: Tensor = self.classifier(self.layers(self.mapping(text, features)))
        return logits


RECIPE = Recipe("none", "no graph", VISIBILITY, NoGraph)

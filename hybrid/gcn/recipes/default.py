"""Recipe `default`: the network of `hybrid.gcn.model`, of which a checkpoint may hold several."""

from __future__ import annotations

from torch import nn

from hybrid.gcn.ensemble import Ensemble
from hybrid.gcn.model import GraphModel, GraphModelConfig
from hybrid.gcn.recipes.base import Recipe
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.edges import VISIBILITY


def _network(config: GraphModelConfig, recipe: RecipeConfig) -> nn.Module:
    return GraphModel(config) if config.members == 1 else Ensemble(config)


RECIPE = Recipe("default", "hybrid.gcn.model", VISIBILITY, _network)

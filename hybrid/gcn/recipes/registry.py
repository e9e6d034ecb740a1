"""The recipes by name."""

from __future__ import annotations

from torch import nn

from hybrid.errors import UnknownModelError, unknown_name
from hybrid.gcn.ensemble import Ensemble
from hybrid.gcn.model import GraphModel, GraphModelConfig
from hybrid.gcn.recipes.base import Recipe
from hybrid.gcn.recipes.belhadj2021 import BELHADJ2021
from hybrid.gcn.recipes.belhadj2023 import BELHADJ2023
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.damgcn2023 import DAMGCN2023
from hybrid.gcn.recipes.edges import VISIBILITY
from hybrid.gcn.recipes.gbada2024 import GBADA2024
from hybrid.gcn.recipes.gbada2024_multimodal import GBADA2024_MULTIMODAL
from hybrid.gcn.recipes.krieger2021 import KRIEGER2021
from hybrid.gcn.recipes.layoutgcn2023 import LAYOUTGCN2023
from hybrid.gcn.recipes.no_graph import NONE
from hybrid.gcn.recipes.sdmgr2021 import SDMGR2021
from hybrid.gcn.recipes.spade2021 import SPADE2021


def _default_network(config: GraphModelConfig, recipe: RecipeConfig) -> nn.Module:
    return GraphModel(config) if config.members == 1 else Ensemble(config)


DEFAULT = Recipe("default", "hybrid.gcn.model", VISIBILITY, _default_network)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        DEFAULT,
        NONE,
        GBADA2024,
        BELHADJ2021,
        SDMGR2021,
        KRIEGER2021,
        SPADE2021,
        BELHADJ2023,
        DAMGCN2023,
        LAYOUTGCN2023,
        GBADA2024_MULTIMODAL,
    )
}
"""What `hybrid train --recipe` knows."""


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ModelError: If there is none.
    """
    if name not in RECIPES:
        raise UnknownModelError(unknown_name("recipe", name, RECIPES))
    return RECIPES[name]


def build_network(config: GraphModelConfig, recipe: RecipeConfig) -> nn.Module:
    """The untrained network of a recipe.

    Raises:
        ModelError: If the recipe is unknown.
    """
    return find_recipe(recipe.name).network(config, recipe)

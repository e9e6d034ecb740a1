"""The recipes by name."""

from __future__ import annotations

from torch import nn

from hybrid.errors import ModelError
from hybrid.gcn.model import GraphModel, GraphModelConfig
from hybrid.gcn.recipes.base import Recipe
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.edges import VISIBILITY
from hybrid.gcn.recipes.gbada2024 import GBADA2024
from hybrid.gcn.recipes.no_graph import NONE


def _default_network(config: GraphModelConfig, recipe: RecipeConfig) -> nn.Module:
    return GraphModel(config)


DEFAULT = Recipe("default", "hybrid.gcn.model", VISIBILITY, _default_network)

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (DEFAULT, NONE, GBADA2024)}
"""What `hybrid train --recipe` knows."""


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ModelError: If there is none.
    """
    if name not in RECIPES:
        raise ModelError(f"unknown recipe {name!r}; known are {', '.join(RECIPES)}")
    return RECIPES[name]


def build_network(config: GraphModelConfig, recipe: RecipeConfig) -> nn.Module:
    """The untrained network of a recipe.

    Raises:
        ModelError: If the recipe is unknown.
    """
    return find_recipe(recipe.name).network(config, recipe)

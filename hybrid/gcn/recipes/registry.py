"""The recipes by name, each loaded when it is first asked for."""

from __future__ import annotations

from importlib import import_module

from torch import nn

from hybrid.errors import UnknownModelError, unknown_name
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import Recipe
from hybrid.gcn.recipes.config import RecipeConfig

_MODULES = {
    "default": "default",
    "none": "no_graph",
    "gbada2024": "gbada2024",
    "belhadj2021": "belhadj2021",
    "sdmgr2021": "sdmgr2021",
    "krieger2021": "krieger2021",
    "spade2021": "spade2021",
    "belhadj2023": "belhadj2023",
    "damgcn2023": "damgcn2023",
    "layoutgcn2023": "layoutgcn2023",
    "gbada2024-multimodal": "gbada2024_multimodal",
}
"""Each module of this package has a `RECIPE`."""

RECIPES = tuple(_MODULES)
"""What `hybrid train --recipe` knows."""


def find_recipe(name: str) -> Recipe:
    """The recipe of that name.

    Raises:
        ModelError: If there is none.
    """
    if name not in _MODULES:
        raise UnknownModelError(unknown_name("recipe", name, RECIPES))
    recipe: Recipe = import_module(f"hybrid.gcn.recipes.{_MODULES[name]}").RECIPE
    return recipe


def build_network(config: GraphModelConfig, recipe: RecipeConfig) -> nn.Module:
    """The untrained network of a recipe.

    Raises:
        ModelError: If the recipe is unknown.
    """
    return find_recipe(recipe.name).network(config, recipe)

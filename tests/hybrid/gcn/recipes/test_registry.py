"""What holds for the network of every recipe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from hybrid.document import Document
from hybrid.errors import ModelError
from hybrid.gcn.graph_stage import DocumentTensors, forward
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import Recipe, RecipeModel
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.registry import RECIPES, build_network, find_recipe
from hybrid.gcn.state import seeded

from .conftest import Inputs

Sizes = Callable[[Recipe], GraphModelConfig]
MakeInputs = Callable[[Recipe, Document], Inputs]
ALLOWED = torch.tensor([[False, True, False, False]] * 5 + [[True, False, False, False]] * 4)


def _network(recipe: Recipe, sizes: Sizes) -> nn.Module:
    with seeded("network"):
        return build_network(sizes(recipe), RecipeConfig(name=recipe.name)).eval()


@pytest.fixture(params=list(RECIPES))
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return find_recipe(request.param)


def test_shapes(
    recipe: Recipe,
    sizes: Sizes,
    inputs: MakeInputs,
    page: Document,
    make_document: Callable[..., Document],
) -> None:
    network = _network(recipe, sizes)
    alone = make_document("alone", [("total", "total", 10, 10)])
    for document in (page, alone, make_document("empty", [])):
        tensors = inputs(recipe, document)
        assert tensors[1].shape == (len(document.segments), len(recipe.feature_names))
        assert tensors[2].shape[0] == 2
        assert tensors[3].shape == (tensors[2].shape[1], len(recipe.graph.columns))
        logits = network(*tensors)
        assert logits.shape == (len(document.segments), 4)
        assert bool(torch.isfinite(logits).all())


def test_every_parameter_gets_a_gradient(
    recipe: Recipe, sizes: Sizes, inputs: MakeInputs, page: Document
) -> None:
    network = _network(recipe, sizes).train()
    with seeded("dropout"):
        loss = network(*inputs(recipe, page)).square().sum()
    if isinstance(network, RecipeModel):
        loss = loss + network.auxiliary_loss(ALLOWED)
    loss.backward()
    without = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []


def test_a_batch_gives_what_its_documents_give_alone(
    recipe: Recipe,
    sizes: Sizes,
    inputs: MakeInputs,
    page: Document,
    make_document: Callable[..., Document],
) -> None:
    network = _network(recipe, sizes)
    other = make_document("b", [("date", "date", 20, 30), ("a b", "other", 90, 30)], pages=2)
    both = [DocumentTensors(*inputs(recipe, d)) for d in (page, other)]
    alone = torch.cat([network(*inputs(recipe, d)) for d in (page, other)])
    torch.testing.assert_close(forward(network, both), alone)


def test_the_graph_matters_but_to_none(
    recipe: Recipe, sizes: Sizes, inputs: MakeInputs, page: Document
) -> None:
    network = _network(recipe, sizes)
    text, features, edge_index, edge_attr = inputs(recipe, page)
    whole = network(text, features, edge_index, edge_attr)
    without = network(text, features, edge_index[:, :0], edge_attr[:0])
    assert torch.equal(whole, without) == (recipe.name == "none")


def test_pretraining_needs_no_labels(
    recipe: Recipe, sizes: Sizes, inputs: MakeInputs, page: Document
) -> None:
    network = _network(recipe, sizes).train()
    if not isinstance(network, RecipeModel):
        return
    document = torch.zeros(len(page.segments), dtype=torch.long)
    if not network.pretraining_epochs:
        with pytest.raises(NotImplementedError):
            network.pretraining_loss(*inputs(recipe, page), document)
        return
    assert recipe.name == "belhadj2023"
    loss = network.pretraining_loss(*inputs(recipe, page), document)
    loss.backward()  # type: ignore[no-untyped-call]
    assert bool(torch.isfinite(loss))


def test_unknown_recipes_are_named() -> None:
    with pytest.raises(ModelError, match="unknown recipe 'gbada2042'; similar are gbada2024"):
        find_recipe("gbada2042")
    with pytest.raises(ModelError, match="known are default, none, gbada2024"):
        find_recipe("visual")

"""The paper's network against its formula, and its four ablations."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from hybrid.document import Document
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import Recipe
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.gbada2024 import RECIPE, DirectedWeightedGcn
from hybrid.gcn.state import seeded

from .conftest import Inputs

Make = Callable[[str], DirectedWeightedGcn]


@pytest.fixture
def make(sizes: Callable[[Recipe], GraphModelConfig]) -> Make:
    def of(switches: str) -> DirectedWeightedGcn:
        with seeded("gbada"):
            config = RecipeConfig.parse(f"gbada2024:{switches}")
            return DirectedWeightedGcn(sizes(RECIPE), config).eval()

    return of


@pytest.fixture
def tensors(inputs: Callable[[Recipe, Document], Inputs], page: Document) -> Inputs:
    return inputs(RECIPE, page)


def _names(network: DirectedWeightedGcn) -> dict[str, tuple[int, ...]]:
    return {name: tuple(p.shape) for name, p in network.named_parameters()}


def test_convolution_is_the_normalised_sum_along_the_edges(make: Make, tensors: Inputs) -> None:
    network = make("")
    text, features, (source, target), edge_attr = tensors
    n = len(text)
    adjacency = torch.eye(n)  # row: target
    adjacency[target, source] = network.weights(edge_attr)
    scale = adjacency.sum(dim=1).rsqrt()
    adjacency = scale[:, None] * adjacency * scale
    assert network.mapping is not None
    h: Tensor = network.mapping(text, features)
    p = dict(network.convolutions.named_parameters())
    h = torch.relu(adjacency @ h @ p["0.lin.weight"].T + p["0.bias"])
    expected = adjacency @ h @ p["1.lin.weight"].T + p["1.bias"]
    torch.testing.assert_close(network(*tensors), expected)


def test_weights_are_bounded_positive_and_fall_with_angle_or_distance(
    make: Make, tensors: Inputs
) -> None:
    edge_attr = tensors[3]
    for switches, column in (("", 2), ("weight=distance", 5)):
        weight = make(switches).weights(edge_attr)
        assert bool(((weight > 0) & (weight <= 1)).all())
        order = edge_attr[:, column].argsort()
        assert bool((weight[order].diff() <= 0).all())
    assert make("weight=none").weights(edge_attr).tolist() == [1.0] * len(edge_attr)


@pytest.mark.parametrize("switches", ["weight=none", "weight=distance", "directed=false"])
def test_switches_of_the_graph_change_the_result_and_no_parameter(
    make: Make, tensors: Inputs, switches: str
) -> None:
    paper, other = make(""), make(switches)
    assert _names(paper) == _names(other)
    for (_, p), (_, q) in zip(paper.named_parameters(), other.named_parameters(), strict=True):
        assert torch.equal(p, q)
    assert not torch.allclose(paper(*tensors), other(*tensors), atol=1e-4)


def test_undirected_hears_later_boxes_too(make: Make, tensors: Inputs) -> None:
    text, features, edge_index, edge_attr = tensors
    first = int(edge_index[0, 0])
    assert first not in edge_index[1]
    changed = text.clone()
    changed[[k for k in range(len(text)) if k != first]] *= -1.0
    rest = (features, edge_index, edge_attr)
    directed, undirected = make(""), make("directed=false")
    assert torch.equal(directed(text, *rest)[first], directed(changed, *rest)[first])
    assert not torch.allclose(undirected(text, *rest)[first], undirected(changed, *rest)[first])


def test_without_mapping_the_vectors_go_in_as_they_are(make: Make) -> None:
    paper, other = make(""), make("mapping=false")
    assert other.mapping is None
    left = {n: s for n, s in _names(paper).items() if not n.startswith("mapping")}
    assert left.keys() == _names(other).keys()
    different = {n for n, s in left.items() if _names(other)[n] != s}
    assert different == {"convolutions.0.lin.weight"}


def test_root_adds_weights_of_the_node_itself(make: Make, tensors: Inputs) -> None:
    paper, other = make(""), make("root=true")
    added = _names(other).keys() - _names(paper).keys()
    assert added == {"roots.0.weight", "roots.1.weight"}
    with torch.no_grad():
        assert not torch.allclose(paper(*tensors), other(*tensors), atol=1e-4)
        for root in other.roots.parameters():
            root.zero_()
        for (_, p), (name, q) in zip(
            paper.named_parameters(), other.named_parameters(), strict=False
        ):
            if name not in added:
                p.copy_(q)
    torch.testing.assert_close(paper(*tensors), other(*tensors))


def test_node_features_are_read_only_when_asked_for(make: Make, tensors: Inputs) -> None:
    text, features, *edges = tensors
    paper, more = make(""), make("features=true")
    assert torch.equal(paper(text, features, *edges), paper(text, features + 1, *edges))
    assert not torch.allclose(more(text, features, *edges), more(text, features * 2 + 1, *edges))

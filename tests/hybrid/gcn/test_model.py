from __future__ import annotations

import pytest
import torch
from torch import Tensor

from hybrid.gcn.graph_stage import DocumentTensors, forward
from hybrid.gcn.model import GraphModel, GraphModelConfig

CONFIG = GraphModelConfig(
    text_width=8, node_features=3, edge_features=4, labels=5, hidden=16, heads=2
)


@pytest.fixture
def model() -> GraphModel:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return GraphModel(CONFIG).eval()


def _inputs(nodes: int, edges: list[tuple[int, int]], seed: int = 0) -> DocumentTensors:
    generator = torch.Generator().manual_seed(seed)
    return DocumentTensors(
        text=torch.randn(nodes, 8, generator=generator),
        features=torch.rand(nodes, 3, generator=generator),
        edge_index=torch.tensor(edges, dtype=torch.long).reshape(-1, 2).T,
        edge_attr=torch.rand(len(edges), 4, generator=generator),
    )


def _run(model: GraphModel, d: DocumentTensors) -> Tensor:
    logits: Tensor = model(d.text, d.features, d.edge_index, d.edge_attr)
    return logits


@pytest.mark.parametrize(("nodes", "edges"), [(0, []), (1, []), (3, []), (3, [(0, 1), (1, 2)])])
def test_shapes(model: GraphModel, nodes: int, edges: list[tuple[int, int]]) -> None:
    logits = _run(model, _inputs(nodes, edges))
    assert logits.shape == (nodes, 5)
    assert bool(torch.isfinite(logits).all())


def test_a_batch_gives_what_its_documents_give_alone(model: GraphModel) -> None:
    documents = [_inputs(4, [(0, 1), (1, 3)], 1), _inputs(1, [], 2), _inputs(3, [(0, 2)], 3)]
    torch.testing.assert_close(
        forward(model, documents), torch.cat([_run(model, d) for d in documents])
    )


def test_direction_and_attributes_of_edges_matter(model: GraphModel) -> None:
    one = _inputs(3, [(0, 1), (1, 2)])
    reversed_edges = DocumentTensors(one.text, one.features, one.edge_index.flip(0), one.edge_attr)
    other_attributes = DocumentTensors(one.text, one.features, one.edge_index, 1 - one.edge_attr)
    assert not torch.allclose(_run(model, one), _run(model, reversed_edges), atol=1e-4)
    assert not torch.allclose(_run(model, one), _run(model, other_attributes), atol=1e-4)


def test_renumbering_the_nodes_renumbers_the_logits(model: GraphModel) -> None:
    one = _inputs(4, [(0, 1), (0, 2), (2, 3)])
    order = torch.tensor([2, 0, 3, 1])
    place = torch.argsort(order)
    moved = DocumentTensors(
        one.text[order], one.features[order], place[one.edge_index], one.edge_attr
    )
    torch.testing.assert_close(_run(model, moved), _run(model, one)[order])


def test_every_parameter_gets_a_gradient(model: GraphModel) -> None:
    model.train()
    _run(model, _inputs(5, [(0, 1), (1, 2), (2, 3), (0, 4), (1, 4)])).square().sum().backward()  # type: ignore[no-untyped-call]
    without = [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert without == []

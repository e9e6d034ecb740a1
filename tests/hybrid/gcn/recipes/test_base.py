from __future__ import annotations

import math

import pytest
import torch

from hybrid.gcn.recipes.base import both_ways, link_loss

BACKGROUND, A, B, ANY = (
    [True, False, False],
    [False, True, False],
    [False, False, True],
    [True, True, True],
)


def test_both_ways() -> None:
    assert both_ways(torch.tensor([[0, 1], [2, 3]])).tolist() == [[0, 1, 2, 3], [2, 3, 0, 1]]


def test_links_join_boxes_of_one_entity_class() -> None:
    allowed = torch.tensor([BACKGROUND, BACKGROUND, A, A, B, ANY])
    edges = torch.tensor([[0, 2, 2, 5], [1, 3, 4, 2]])  # no, yes, no, unknown
    right = torch.tensor([-9.0, 9.0, -9.0, 3.0])
    assert link_loss(right, edges, allowed).item() == pytest.approx(0, abs=1e-3)
    assert link_loss(-right, edges, allowed).item() == pytest.approx(9, abs=1e-3)
    undecided = link_loss(torch.zeros(4), edges, allowed)
    assert undecided.item() == pytest.approx(math.log(2))


def test_links_of_which_nothing_is_known() -> None:
    scores = torch.ones(1, requires_grad=True)
    loss = link_loss(scores, torch.tensor([[0], [1]]), torch.tensor([ANY, A]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0
    assert link_loss(torch.zeros(0), torch.zeros(2, 0, dtype=torch.long), torch.tensor([A])) == 0

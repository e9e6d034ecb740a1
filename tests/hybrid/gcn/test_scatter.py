"""Sums and softmax by group, against those of each group by itself."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from hybrid.gcn.scatter import scatter_softmax, scatter_sum

INDEX = torch.tensor([2, 0, 2, 4, 0, 2])


def _by_hand(scores: Tensor) -> tuple[Tensor, Tensor]:
    weights = torch.zeros_like(scores)
    sums = [torch.zeros(scores.shape[1:]) for _ in range(5)]
    for group in range(5):
        rows = group == INDEX
        weights[rows] = scores[rows].softmax(dim=0)
        sums[group] = scores[rows].sum(dim=0)
    return weights, torch.stack(sums)


@pytest.mark.parametrize("shape", [(6,), (6, 3), (6, 2, 4)])
def test_values_and_gradients(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(0)
    scores = (5 * torch.randn(shape, generator=generator)).requires_grad_()
    factors = torch.randn(shape, generator=generator)
    own = (scatter_softmax(scores, INDEX, 5), scatter_sum(scores, INDEX, 5))
    expected = _by_hand(scores)
    torch.testing.assert_close(own, expected)
    slopes = [
        torch.autograd.grad((weights * factors).sum() + sums.square().sum(), scores)[0]
        for weights, sums in (own, expected)
    ]
    torch.testing.assert_close(*slopes)


def test_groups_sum_to_one_and_absent_ones_to_zero() -> None:
    weights = scatter_softmax(torch.tensor([900.0, -900, 900, 3, 0, 900]), INDEX, 5)
    torch.testing.assert_close(scatter_sum(weights, INDEX, 5), torch.tensor([1.0, 0, 1, 0, 1]))


def test_no_rows() -> None:
    nothing = torch.zeros(0, 3)
    index = torch.zeros(0, dtype=torch.long)
    assert scatter_softmax(nothing, index, 4).shape == (0, 3)
    assert torch.equal(scatter_sum(nothing, index, 4), torch.zeros(4, 3))

"""Sums and softmax over the edges of each node: all that messages along edges need beside matrices."""

from __future__ import annotations

import torch
from torch import Tensor

_NEVER_ZERO = 1e-16


def scatter_sum(values: Tensor, index: Tensor, size: int) -> Tensor:
    """The sum of the rows of each group.

    Args:
        values: `[E, ...]`.
        index: `[E]`, the group of each row, from 0.
        size: Number of groups.

    Returns:
        `[size, ...]`; zero for a group without rows.
    """
    return values.new_zeros(size, *values.shape[1:]).index_add(0, index, values)


def scatter_softmax(scores: Tensor, index: Tensor, size: int) -> Tensor:
    """Softmax over the rows of each group, for each column by itself.

    Args:
        scores: `[E, ...]`.
        index: `[E]`, the group of each row, from 0.
        size: Number of groups.

    Returns:
        `[E, ...]`; within a group each column sums to 1.
    """
    fixed = scores.detach()
    group = index.view(-1, *[1] * (scores.dim() - 1)).expand_as(scores)
    largest = fixed.new_zeros(size, *scores.shape[1:]).scatter_reduce(
        0, group, fixed, "amax", include_self=False
    )
    powers = torch.exp(scores - largest[index])  # at most 1: no overflow
    return powers / (scatter_sum(powers, index, size)[index] + _NEVER_ZERO)

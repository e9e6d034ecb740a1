"""Trees of tokens, one behind the other, as one sequence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from hybrid.tuning.tokens import TokenTree


@dataclass(frozen=True)
class Span:
    """Where a tree stands in the packed sequence.

    Attributes:
        start: Of the trunk.
        branches: Start and end of each branch; the first start is the trunk's end.
    """

    start: int
    branches: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Pack:
    """Trees one behind the other.

    Attributes:
        tokens: `[1, n]`.
        positions: `[1, n]`; each branch goes on where its trunk ends.
        spans: Of the trees.
        predicting: Positions whose next token is one of a reply.
        targets: Those tokens.
        weights: How much each counts.
        thoughts: Which of them belong to a thought, not to an answer.
    """

    tokens: Tensor
    positions: Tensor
    spans: tuple[Span, ...]
    predicting: Tensor
    targets: Tensor
    weights: Tensor
    thoughts: Tensor


def pack(trees: Sequence[TokenTree], choice_weight: float = 1.0) -> Pack:
    """Puts trees into one sequence.

    Args:
        trees: At least one.
        choice_weight: Of an answer that is a choice, in tokens of other replies and of thoughts.
    """
    tokens: list[int] = []
    positions: list[int] = []
    spans: list[Span] = []
    predicting: list[int] = []
    weights: list[float] = []
    thoughts: list[bool] = []
    for tree in trees:
        start = len(tokens)
        tokens += tree.trunk
        positions += range(len(tree.trunk))
        branches: list[tuple[int, int]] = []
        for branch in tree.branches:
            begin = len(tokens)
            tokens += branch.tokens
            positions += range(len(tree.trunk), len(tree.trunk) + len(branch.tokens))
            end = len(tokens)
            branches.append((begin, end))
            predicting += range(end - branch.reply - 1, end - 1)
            weight = choice_weight if tree.task == "verify" else 1.0
            answer = branch.reply - branch.thoughts
            weights += [1.0] * branch.thoughts + [weight] * answer
            thoughts += [True] * branch.thoughts + [False] * answer
        spans.append(Span(start, tuple(branches)))
    sequence = torch.tensor(tokens)
    where = torch.tensor(predicting)
    return Pack(
        tokens=sequence[None],
        positions=torch.tensor(positions)[None],
        spans=tuple(spans),
        predicting=where,
        targets=sequence[where + 1],
        weights=torch.tensor(weights),
        thoughts=torch.tensor(thoughts),
    )

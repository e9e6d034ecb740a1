"""Links from questions to answers, learned beside the labels on the same node states.

Which answer belongs to which question says a good deal about what is a question and what an answer,
and the annotators of forms have marked it. Multi-task learning of labels and links is that of
SPADE (Hwang et al. 2021) and DAMGCN (2023); here a link is looked for along lines of sight only.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn

_WIDTH = 128


class LinkHead(nn.Module):
    """Two logits for each edge i to j: that i is the question of j, and that j is that of i."""

    def __init__(self, hidden: int, edge_features: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2 * hidden + edge_features, _WIDTH), nn.GELU(), nn.Linear(_WIDTH, 2)
        )

    def forward(self, h: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        """`h [n, hidden]`, `edge_index [2, E]`, `edge_attr [E, edge_features]` to `[E, 2]`."""
        source, target = edge_index
        logits: Tensor = self.layers(torch.cat([h[source], h[target], edge_attr], dim=1))
        return logits


def link_targets(edge_index: Tensor, links: Collection[tuple[int, int]] | None) -> Tensor:
    """What the logits of `LinkHead` should say.

    Args:
        edge_index: `[2, E]`, of one document.
        links: Pairs of nodes, question and answer; None where the dataset has none.

    Returns:
        `[E, 2]`, 1 and 0; NaN where nothing is known.
    """
    if links is None:
        return torch.full((edge_index.shape[1], 2), float("nan"))
    rows = [[(i, j) in links, (j, i) in links] for i, j in edge_index.T.tolist()]
    return torch.tensor(rows, dtype=torch.float32).reshape(-1, 2)


def gold_link_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean binary cross-entropy over the edges of which something is known; 0 without any.

    Args:
        logits: `[E, 2]`.
        targets: `[E, 2]`, see `link_targets`.
    """
    known = ~targets.isnan()
    if not bool(known.any()):
        return logits.sum() * 0.0
    return nn.functional.binary_cross_entropy_with_logits(logits[known], targets[known])

"""Several networks as one: their mean is right more often than each, and less sure where they differ.

Deep ensembles (Lakshminarayanan, Pritzel, Blundell, 2017, arXiv 1612.01474). The members see the
same batches and differ by their initial weights and by what dropout leaves of them. A graph network
is small beside the text encoder, whose vectors all members share, so some members cost little.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from hybrid.gcn.model import GraphModel, GraphModelConfig


class Ensemble(nn.Module):
    """Graph networks of one configuration, trained at the same time.

    Args:
        config: With the number of members.
    """

    def __init__(self, config: GraphModelConfig) -> None:
        super().__init__()
        self.config = config
        networks = [GraphModel(config) for _ in range(config.members)]
        self.members = nn.ModuleList(networks)
        self._networks = tuple(networks)  # the same, with their type

    def forward(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor | None = None,
    ) -> Tensor:
        """Classifies nodes; arguments as of `GraphModel.forward`.

        Returns:
            In training the logits of each member, one member's after the other's,
            `[members * n, labels]`, since each has to be right by itself. In evaluation the
            logarithm of the mean of their probabilities, `[n, labels]`.
        """
        logits = [m(text, features, edge_index, edge_attr, document) for m in self._networks]
        if self.training:
            return torch.cat(logits)
        shares = torch.stack([rows.log_softmax(dim=1) for rows in logits])
        return shares.logsumexp(dim=0) - math.log(len(logits))

    def forward_with_links(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """For training: logits `[members * n, labels]` and those of links `[members * E, 2]`."""
        found = [
            member.forward_with_links(text, features, edge_index, edge_attr, document)
            for member in self._networks
        ]
        return torch.cat([logits for logits, _ in found]), torch.cat([links for _, links in found])

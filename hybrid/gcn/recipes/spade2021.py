"""Recipe `spade2021`: a parse of the page, from fields to tokens and from token to token.

Hwang, Yim, Park, Yang, Seo, "Spatial Dependency Parsing for Semi-Structured Document Information
Extraction", Findings of ACL 2021, arXiv 2005.00642 (SPADE).

What differs: nodes are the frame's boxes, and a token-to-token edge is an edge between their boxes;
attention with relative positions goes along these edges, not between all tokens; labels are read off
the scores, not decoded from a parsed graph; grouping edges (which items belong together) are left
out, since boxes are only labelled here; token-to-token links learn from the labels (do both carry the
same entity class).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel, link_loss
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.convolutions import GATv2Conv
from hybrid.gcn.recipes.edges import TOKEN_LINKS
from hybrid.gcn.scatter import scatter_sum

_LINK_WEIGHT = 0.5


class SpatialParser(RecipeModel):
    """Relative-position attention, then scores of field-to-token and token-to-token edges.

        f_ic   = h_i . field_c
        s_ji   = (Q h_i) . (K h_j) / sqrt(hidden) + w . e_ji
        logits = f_i + sum_j sigmoid(s_ji) f_j / (1 + sum_j sigmoid(s_ji))

    The last term is the paper's propagation of a field along linked tokens, in a differentiable form.
    """

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        hidden, heads, edge = config.hidden, config.heads, config.edge_features
        self.mapping = NodeMapping(config)
        self.layers = nn.ModuleList(
            GATv2Conv(hidden, hidden // heads, heads, dropout=config.dropout, edge_dim=edge)
            for _ in range(config.layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(hidden) for _ in range(config.layers))
        self.fields = nn.Linear(hidden, config.labels)
        self.query = nn.Linear(hidden, hidden)
        # Without a bias of its own, which the query and the place have already.
        self.key = nn.Linear(hidden, hidden, bias=False)
        self.place = nn.Linear(edge, 1)
        self.dropout = nn.Dropout(config.dropout)
        self.links: tuple[Tensor, Tensor] | None = None

    def forward(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor | None = None,
    ) -> Tensor:
        """See `RecipeModel.forward`."""
        h = self.mapping(text, features)
        for layer, norm in zip(self.layers, self.norms, strict=True):
            h = norm(h + nn.functional.elu(layer(self.dropout(h), edge_index, edge_attr)))
        source, target = edge_index
        agreement = (self.query(h)[target] * self.key(h)[source]).sum(dim=1)
        scores = agreement / math.sqrt(h.shape[1]) + self.place(edge_attr).squeeze(1)  # [E]
        self.links = (scores, edge_index) if self.training else None
        fields: Tensor = self.fields(h)  # [n, labels]
        link = scores.sigmoid().unsqueeze(1)
        told = scatter_sum(link * fields[source], target, len(h))
        total = scatter_sum(link, target, len(h))
        return fields + told / (1 + total)

    def auxiliary_loss(self, allowed: Tensor) -> Tensor:
        """The loss of the token-to-token edges of the last pass, weighted."""
        if self.links is None:
            return torch.zeros(())
        return _LINK_WEIGHT * link_loss(*self.links, allowed)


RECIPE = Recipe("spade2021", "Hwang et al., arXiv 2005.00642 (SPADE)", TOKEN_LINKS, SpatialParser)

"""Recipe `belhadj2023`: attention variational graph auto-encoder over the next three lines.

Belhadj, Belaïd, Belaïd, "Improving Information Extraction from Semi-structured Documents Using
Attention Based Semi-variational Graph Auto-Encoder", ICDAR 2023; the auto-encoder is that of Kipf
and Welling, "Variational Graph Auto-Encoders", arXiv 1611.07308.

What differs: nodes are the frame's boxes, not words; the text vectors are the frame's; pre-training
sees the documents of the training set only, not a larger collection without labels; the weight of
the auto-encoder's loss beside that of the labels (0.1) is ours. The paper's full text is not public,
so graph and losses follow its abstract.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.base import NodeMapping, Recipe, RecipeModel
from hybrid.gcn.recipes.config import RecipeConfig
from hybrid.gcn.recipes.convolutions import GATConv
from hybrid.gcn.recipes.edges import NEXT_LINES, PAIR_FEATURES

_DISTANCE = PAIR_FEATURES.index("distance")
_LATENT = 32
_LARGEST_LOG_SIGMA = 5.0
_AUXILIARY_WEIGHT = 0.1


class SemiVariationalGat(RecipeModel):
    """Attention layers to a latent normal distribution a node; its mean is what is classified.

        mu, log sigma = GAT(h), GAT(h);  z = mu + sigma * noise
        loss = - log p(edges | z_i . z_j) + KL(N(mu, sigma) || N(0, 1)) / n

    Attention sees the distance of an edge. Pairs of no edge are drawn at random in the document.
    """

    pretraining_epochs = 10

    def __init__(self, config: GraphModelConfig, recipe: RecipeConfig) -> None:
        super().__init__()
        self.mapping = NodeMapping(config)
        head = config.hidden // config.heads
        self.layers = nn.ModuleList(
            GATConv(config.hidden, head, config.heads, dropout=config.dropout, edge_dim=1)
            for _ in range(config.layers - 1)
        )
        self.mean = GATConv(config.hidden, _LATENT, edge_dim=1)
        self.log_sigma = GATConv(config.hidden, _LATENT, edge_dim=1)
        self.dropout = nn.Dropout(config.dropout)
        self.classifier = nn.Linear(config.hidden + _LATENT, config.labels)
        self.reconstruction: Tensor | None = None

    def forward(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor | None = None,
    ) -> Tensor:
        """See `RecipeModel.forward`."""
        h, mean, log_sigma = self._encode(text, features, edge_index, edge_attr)
        if self.training:
            self.reconstruction = _negative_bound(mean, log_sigma, edge_index, document)
        logits: Tensor = self.classifier(torch.cat([h, mean], dim=1))
        return logits

    def _encode(
        self, text: Tensor, features: Tensor, edge_index: Tensor, edge_attr: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """State `[n, hidden]`, mean and logarithm of the deviation `[n, latent]`."""
        distance = edge_attr[:, _DISTANCE : _DISTANCE + 1]
        h = self.mapping(text, features)
        for layer in self.layers:
            h = nn.functional.elu(layer(self.dropout(h), edge_index, distance))
        mean, log_sigma = (m(h, edge_index, distance) for m in (self.mean, self.log_sigma))
        return h, mean, log_sigma.clamp(max=_LARGEST_LOG_SIGMA)

    def auxiliary_loss(self, allowed: Tensor) -> Tensor:
        """The auto-encoder's loss of the last pass, weighted."""
        if self.reconstruction is None:
            return torch.zeros(())
        return _AUXILIARY_WEIGHT * self.reconstruction

    def pretraining_loss(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor,
    ) -> Tensor:
        """The auto-encoder's loss alone."""
        _, mean, log_sigma = self._encode(text, features, edge_index, edge_attr)
        return _negative_bound(mean, log_sigma, edge_index, document)


def _negative_bound(
    mean: Tensor, log_sigma: Tensor, edge_index: Tensor, document: Tensor | None
) -> Tensor:
    """Cross-entropy of edges and as many other pairs, and the divergence from N(0, 1): a scalar."""
    z = mean + torch.randn_like(mean) * log_sigma.exp()
    source, target = edge_index
    if document is None:
        document = torch.zeros(len(z), dtype=torch.long)
    sizes = torch.bincount(document)
    first = sizes.cumsum(0) - sizes  # the nodes of a document follow each other
    own = document[source]
    other = first[own] + (torch.rand(len(source)) * sizes[own]).long()
    divergence = 0.5 * (mean.square() + (2 * log_sigma).exp() - 1 - 2 * log_sigma)
    loss = divergence.sum(dim=1).mean() / max(len(z), 1)
    if len(source):
        log_sigmoid = nn.functional.logsigmoid
        loss = loss - log_sigmoid((z[source] * z[target]).sum(dim=1)).mean()
        loss = loss - log_sigmoid(-(z[source] * z[other]).sum(dim=1)).mean()
    return loss


RECIPE = Recipe(
    "belhadj2023", "Belhadj, Belaïd, Belaïd, ICDAR 2023", NEXT_LINES, SemiVariationalGat
)

"""What a recipe is: a graph builder and a network with one signature, and the parts they share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hybrid.document import Document
from hybrid.gcn.features import FEATURE_NAMES, node_features
from hybrid.gcn.model import GraphModelConfig
from hybrid.gcn.recipes.config import RecipeConfig


@dataclass(frozen=True)
class Edges:
    """Edges of a document: `index [2, E]` int64, `attributes [E, k]` float32."""

    index: Tensor
    attributes: Tensor


@dataclass(frozen=True)
class GraphBuilder:
    """How a document becomes a graph; node k is the k-th of `document.segments`.

    Attributes:
        name: Recipes with a builder of the same name share the graphs.
        columns: Names of the edges' attributes.
        build: The builder itself.
    """

    name: str
    columns: tuple[str, ...]
    build: Callable[[Document], Edges]


class RecipeModel(nn.Module, ABC):
    """A network of a recipe: nodes to logits, and losses beside that of the labels."""

    pretraining_epochs = 0
    """Epochs without labels, before the training proper, on `pretraining_loss`."""

    @abstractmethod
    def forward(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor | None = None,
    ) -> Tensor:
        """Logits `[n, labels]`; arguments as of `hybrid.gcn.model.GraphModel.forward`."""

    def auxiliary_loss(self, allowed: Tensor) -> Tensor:
        """To be added to the loss of the labels, after a forward pass in training mode.

        Args:
            allowed: `[n, labels]`, bool: the labels that the nodes of that pass may have.

        Returns:
            A scalar; 0 where a recipe has no such loss.
        """
        return torch.zeros(())

    def pretraining_loss(
        self,
        text: Tensor,
        features: Tensor,
        edge_index: Tensor,
        edge_attr: Tensor,
        document: Tensor,
    ) -> Tensor:
        """Scalar loss that needs no labels; for recipes with `pretraining_epochs`."""
        raise NotImplementedError


@dataclass(frozen=True)
class Recipe:
    """A published method in the common frame.

    Attributes:
        name: On the command line.
        citation: The source.
        graph: Its graph builder.
        network: Makes its network, untrained.
        more_features: Names of node features beside those of `hybrid.gcn.features`.
        more: Computes them, `[n, len(more_features)]`.
    """

    name: str
    citation: str
    graph: GraphBuilder
    network: Callable[[GraphModelConfig, RecipeConfig], nn.Module]
    more_features: tuple[str, ...] = ()
    more: Callable[[Document], Tensor] | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of the columns of `features`."""
        return FEATURE_NAMES + self.more_features

    def features(self, document: Document) -> Tensor:
        """Node features `[n, len(feature_names)]`, float32."""
        own = node_features(document)
        return own if self.more is None else torch.cat([own, self.more(document)], dim=1)


class NodeMapping(nn.Module):
    """Text vector and node features to the state of a node: the same in all the recipes.

    `h = ReLU(LayerNorm(W [LayerNorm(text) ; features]))`.
    """

    def __init__(self, config: GraphModelConfig, node_features: int | None = None) -> None:
        super().__init__()
        self.width = config.node_features if node_features is None else node_features
        self.text_norm = nn.LayerNorm(config.text_width)
        self.mix = nn.Linear(config.text_width + self.width, config.hidden)
        self.norm = nn.LayerNorm(config.hidden)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, text: Tensor, features: Tensor) -> Tensor:
        """`text [n, text_width]`, `features [n, >= width]` to `[n, hidden]`."""
        both = torch.cat([self.text_norm(text), features[:, : self.width]], dim=1)
        mapped: Tensor = self.norm(self.mix(self.dropout(both)))
        return nn.functional.relu(mapped)


def both_ways(edge_index: Tensor) -> Tensor:
    """The edges `[2, E]` and after them their reverses: `[2, 2 E]`."""
    return torch.cat([edge_index, edge_index.flip(0)], dim=1)


def link_loss(scores: Tensor, edge_index: Tensor, allowed: Tensor) -> Tensor:
    """Cross-entropy of predicted links against: do both boxes carry the same entity class?

    The gold links of FUNSD and XFUND are not used: most datasets have none.

    Args:
        scores: `[E]`, logits of the links.
        edge_index: `[2, E]`.
        allowed: `[n, labels]`, bool, the background first. Edges of nodes of which more than one
            label is allowed take no part.

    Returns:
        A scalar; 0 where there are no such edges.
    """
    source, target = edge_index
    sure = allowed.sum(dim=1) == 1
    known = sure[source] & sure[target]
    if not bool(known.any()):
        return scores.sum() * 0.0
    label = allowed.int().argmax(dim=1)
    same = (label[source] == label[target]) & (label[source] > 0)
    return nn.functional.binary_cross_entropy_with_logits(scores[known], same[known].float())

"""A document becomes a directed weighted graph: nodes are segments, edges are lines of sight.

The Graph Builder Module of Gbada, Kalti, Mahjoub, "Information Extraction from Visually Rich
Documents Using Directed Weighted Graph Neural Network", ICDAR 2024,
DOI 10.1007/978-3-031-70552-6_15, with three additions that its readers asked for or that a GCN
needs: edges across pages, a positive weight, and the geometry as features of the edge. The paper's
weight, the raw angle, is 0 for the right-hand neighbour on the same row, which is the most
important one of a form or receipt; as the weight of a GCN that edge would not exist.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hybrid.document import Document, Page
from hybrid.graph.cross_page import cross_page_pairs
from hybrid.graph.visibility import Integers, visible_pairs

if TYPE_CHECKING:
    from torch_geometric.data import Data

EDGE_FEATURES = (
    "sin",
    "cos",
    "angle",
    "weight",
    "distance",
    "log_distance",
    "horizontal_gap",
    "vertical_gap",
    "cross_page",
)
"""Names of the columns of `edge_attr`; see `PageGraph`."""

_MAX_NEIGHBOURS = 64
_CROSS_PAGE_LIMIT = 4

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PageGraph:
    """The graph of a document of n segments, without any text.

    Node k is the k-th of `document.segments`; the direction of an edge follows the sort order of
    `hybrid.graph.visibility` (top to bottom, left to right), which may be another. Edges of a page
    come first, page by page and sorted by source and target, then those between pages.

    An edge between pages goes from a box with free sight down to the bottom of its page to one
    with free sight up to the top of the next page that has segments (a blank back side does
    not end a table). For its features the next page is scaled to the width of the first and
    put below it; the diagonal and the line height are those of the first.

    Attributes:
        edge_index: `[2, E]` int64: earlier box i to later box j only; add the reverse where both
            directions are wanted.
        edge_attr: `[E, 9]` float32, columns as in `EDGE_FEATURES`; a is the angle of the line
            from the centre of i to that of j, clockwise on the page: 0 to the right, pi/2 down, pi
            to the left, so from 0 to pi (0 where the centres are equal):
            0 `sin` of a; 1 `cos` of a; 2 `angle`, a itself, the paper's weight;
            3 `weight`, `1 - a / (2 pi)`: from 1 (right) over 0.75 (down) to 0.5 (left), one to one
            with the angle, bounded, and positive as normalising by degrees needs it;
            4 `distance` of the centres as a fraction of the page's diagonal;
            5 `log_distance`, `ln(1 + distance / line height)`, where the line height is the median
            height of the page's segments;
            6, 7 `horizontal_gap`, `vertical_gap` between the boxes as fractions of the page's width
            and height, negative by the overlap where they overlap;
            8 `cross_page`, 1 for an edge between pages, else 0.
        edge_cross_page: `[E]` bool: the same mark.
        box: `[n, 4]` float32: left, top, right, bottom as fractions of the page, cut to 0..1.
        page: `[n]` int64: page number, from 1.
        segment_id: `[n]` int64.
    """

    edge_index: Tensor
    edge_attr: Tensor
    edge_cross_page: Tensor
    box: Tensor
    page: Tensor
    segment_id: Tensor


def build_graph(document: Document, *, max_neighbours: int = _MAX_NEIGHBOURS) -> Data:
    """The page graph as torch-geometric has it, for its loaders, transforms and layers.

    Args:
        document: As of `page_graph`.
        max_neighbours: As of `page_graph`.

    Returns:
        Data with `num_nodes` and the tensors of `PageGraph`.

    Raises:
        ValueError: If `max_neighbours` is less than 1.
    """
    with warnings.catch_warnings():
        # While it is imported, torch_geometric calls a function that newer torch versions
        # deprecate: nothing that a user with warnings as errors could act on.
        warnings.filterwarnings("ignore", "`torch.jit.script", DeprecationWarning)
        # Here, since importing it takes longer than reading a page (docs/decisions.md).
        from torch_geometric.data import Data

    graph = page_graph(document, max_neighbours=max_neighbours)
    tensors = {field.name: getattr(graph, field.name) for field in fields(graph)}
    return Data(num_nodes=len(document.segments), **tensors)


def page_graph(document: Document, *, max_neighbours: int = _MAX_NEIGHBOURS) -> PageGraph:
    """The page graph of a document as tensors.

    Args:
        document: Of any number of pages; pages without segments have no nodes.
        max_neighbours: Most edges from one box to later boxes of its page, the nearest kept. Text
            has about four and hardly ever more than forty, so this cuts nothing from real pages
            and bounds the graph of a page of thousands of specks.

    Raises:
        ValueError: If `max_neighbours` is less than 1.
    """
    pages = [page for page in document.pages if page.segments]
    boxes = [
        np.array([s.box.as_tuple() for s in page.segments], dtype=np.float64) for page in pages
    ]
    offsets = np.cumsum([0, *(len(b) for b in boxes)])
    edges: list[Integers] = [np.empty((0, 2), dtype=np.int64)]
    features: list[Floats] = [np.empty((0, len(EDGE_FEATURES)))]
    for page, own, offset in zip(pages, boxes, offsets, strict=False):
        pairs = visible_pairs(own, max_neighbours=max_neighbours)
        edges.append(pairs + offset)
        features.append(_edge_features(page, own, own[pairs[:, 0]], own[pairs[:, 1]]))
    inner = sum(len(e) for e in edges)
    for k in range(len(pages) - 1):
        scale = pages[k].width / pages[k + 1].width
        below = boxes[k + 1] * scale
        pairs = cross_page_pairs(boxes[k], below, limit=_CROSS_PAGE_LIMIT)
        below[:, [1, 3]] += pages[k].height
        edges.append(pairs + offsets[k : k + 2])
        across = _edge_features(pages[k], boxes[k], boxes[k][pairs[:, 0]], below[pairs[:, 1]])
        across[:, -1] = 1.0
        features.append(across)
    edge_index = torch.from_numpy(np.concatenate(edges).T.copy())
    cross_page = torch.zeros(edge_index.shape[1], dtype=torch.bool)
    cross_page[inner:] = True
    segments = document.segments
    return PageGraph(
        edge_index=edge_index,
        edge_attr=torch.from_numpy(np.concatenate(features).astype(np.float32)),
        edge_cross_page=cross_page,
        box=torch.from_numpy(_normalised(pages, boxes)),
        page=torch.tensor([s.page for s in segments], dtype=torch.long),
        segment_id=torch.tensor([s.id for s in segments], dtype=torch.long),
    )


def _normalised(pages: list[Page], boxes: list[Floats]) -> NDArray[np.float32]:
    """All boxes `[n, 4]` as fractions of their pages."""
    parts = [np.empty((0, 4))]
    for page, own in zip(pages, boxes, strict=True):
        size = np.array([page.width, page.height, page.width, page.height])
        parts.append(np.clip(own / size, 0.0, 1.0))
    return np.concatenate(parts).astype(np.float32)


def _edge_features(page: Page, own: Floats, source: Floats, target: Floats) -> Floats:
    """Features `[m, 9]` of edges between boxes `[m, 4]`, in units of `page` with boxes `own`."""
    step = (target[:, :2] + target[:, 2:] - source[:, :2] - source[:, 2:]) / 2
    # The order is by rounded centres, so a step may be a trace upwards; + 0.0 removes minus zero,
    # whose angle to the left would be -pi.
    dx, dy = step[:, 0] + 0.0, np.maximum(step[:, 1], 0.0) + 0.0
    angle = np.arctan2(dy, dx)
    distance = np.hypot(dx, dy)
    line_height = float(np.median(own[:, 3] - own[:, 1]))
    if line_height <= 0:  # a page of boxes without height
        line_height = page.height / 100
    gap = np.maximum(target[:, :2] - source[:, 2:], source[:, :2] - target[:, 2:])
    return np.stack(
        [
            np.sin(angle),
            np.cos(angle),
            angle,
            1 - angle / (2 * math.pi),
            distance / math.hypot(page.width, page.height),
            np.log1p(distance / line_height),
            gap[:, 0] / page.width,
            gap[:, 1] / page.height,
            np.zeros(len(angle)),
        ],
        axis=1,
    )

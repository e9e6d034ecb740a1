"""Graph builders of related work: which boxes of a page are linked, and how they lie to each other.

All of these but the visibility graph link boxes of one page only, and have the same attributes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from hybrid.document import Document, Page
from hybrid.gcn.recipes.base import Edges, GraphBuilder
from hybrid.graph.builder import EDGE_FEATURES, page_graph

PAIR_FEATURES = (
    "dx",
    "dy",
    "distance",
    "sin",
    "cos",
    "log_aspect",
    "log_height_ratio",
    "log_width_ratio",
    "horizontal_gap",
    "vertical_gap",
)
"""Of a pair of boxes from i to j: step and distance of the centres and gaps between the boxes (both
in page widths, gaps negative by the overlap), sine and cosine of the step's angle, and
`ln(w_i / h_i)`, `ln(h_j / h_i)`, `ln(w_j / h_i)`."""

NEIGHBOURS = 6
_LINES_BELOW = 3
_SAME_LINE = 0.5

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Pairs = Callable[[Page, Floats], Integers]


def boxes_of(page: Page) -> Floats:
    """`[n, 4]` left, top, right, bottom of a page's segments, in page units."""
    found = np.array([s.box.as_tuple() for s in page.segments], dtype=np.float64)
    return found.reshape(-1, 4)


def pair_features(page: Page, boxes: Floats, pairs: Integers) -> Floats:
    """`[m, len(PAIR_FEATURES)]` of pairs `[m, 2]` of a page's boxes `[n, 4]`."""
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], page.width * 1e-3)
    source, target = boxes[pairs[:, 0]], boxes[pairs[:, 1]]
    width, height = size[pairs[:, 0]].T
    other_width, other_height = size[pairs[:, 1]].T
    step = (target[:, :2] + target[:, 2:] - source[:, :2] - source[:, 2:]) / (2 * page.width)
    gap = np.maximum(target[:, :2] - source[:, 2:], source[:, :2] - target[:, 2:]) / page.width
    angle = np.arctan2(step[:, 1], step[:, 0])
    return np.stack(
        [
            *step.T,
            np.hypot(*step.T),
            np.sin(angle),
            np.cos(angle),
            np.log(width / height),
            np.log(other_height / height),
            np.log(other_width / height),
            *gap.T,
        ],
        axis=1,
    )


def nearest(page: Page, boxes: Floats) -> Integers:
    """From each box's 6 nearest boxes, by the centres, to that box: `[m, 2]`."""
    distance = _distances(boxes)
    ranked = np.argsort(distance, axis=1, kind="stable")[:, : min(NEIGHBOURS, len(boxes) - 1)]
    targets = np.repeat(np.arange(len(boxes)), ranked.shape[1])
    return np.stack([ranked.ravel(), targets], axis=1)


def four_sides(page: Page, boxes: Floats) -> Integers:
    """From the nearest box to the left, right, above and below to each box: `[m, 2]`.

    A box is to the left or right where it overlaps in height, above or below where it overlaps in
    width; of those the one with the smallest gap, then the nearest centre.
    """
    left, top, right, bottom = boxes.T
    row = np.minimum(bottom[:, None], bottom) > np.maximum(top[:, None], top)
    column = np.minimum(right[:, None], right) > np.maximum(left[:, None], left)
    x, y = (left + right) / 2, (top + bottom) / 2
    far = _distances(boxes)
    pairs: set[tuple[int, int]] = set()
    for beside, side, gap in (
        (row, x[None, :] < x[:, None], left[:, None] - right),
        (row, x[None, :] > x[:, None], left - right[:, None]),
        (column, y[None, :] < y[:, None], top[:, None] - bottom),
        (column, y[None, :] > y[:, None], top - bottom[:, None]),
    ):
        rank = np.where(beside & side, np.maximum(gap, 0.0), np.inf) + far * 1e-6
        for box, other in enumerate(rank.argmin(axis=1)):
            if np.isfinite(rank[box, other]):
                pairs.add((int(other), box))
    return _sorted(pairs)


def next_lines(page: Page, boxes: Floats) -> Integers:
    """Each box with the boxes of its own line and of the three lines below it, both ways: `[m, 2]`.

    Lines are found from top to bottom: a box whose centre is less than half a (median) height below
    that of the line's first box stands on that line.
    """
    line = lines_of(boxes)
    below = line[None, :] - line[:, None]
    linked = (below >= 0) & (below <= _LINES_BELOW)
    linked |= linked.T
    np.fill_diagonal(linked, val=False)
    return np.argwhere(linked)


def lines_of(boxes: Floats) -> Integers:
    """The number of each box's line, from 0 at the top: `[n]`."""
    centre = (boxes[:, 1] + boxes[:, 3]) / 2
    height = float(np.median(boxes[:, 3] - boxes[:, 1])) if len(boxes) else 0.0
    line = np.zeros(len(boxes), dtype=np.int64)
    number, start = -1, -np.inf
    for box in np.argsort(centre, kind="stable"):
        if centre[box] - start >= _SAME_LINE * height:
            number, start = number + 1, centre[box]
        line[box] = number
    return line


def complete(page: Page, boxes: Floats) -> Integers:
    """Every box with every other: `[n (n - 1), 2]`."""
    return np.argwhere(~np.eye(len(boxes), dtype=bool))


def token_links(page: Page, boxes: Floats) -> Integers:
    """Boxes of which a word has a word of the other among its 6 nearest, both ways: `[m, 2]`.

    Token-to-token edges, as edges between the segments that the tokens stand in.
    """
    owner = np.array([k for k, s in enumerate(page.segments) for _ in s.words], dtype=np.int64)
    words = np.array([w.box.as_tuple() for s in page.segments for w in s.words], dtype=np.float64)
    pairs = owner[nearest(page, words.reshape(-1, 4))]
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return _sorted({(int(a), int(b)) for a, b in np.concatenate([pairs, pairs[:, ::-1]])})


def _distances(boxes: Floats) -> Floats:
    """`[n, n]` of the centres; infinite from a box to itself."""
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    distance: Floats = np.hypot(*(centre[:, None] - centre).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    return distance


def _sorted(pairs: set[tuple[int, int]]) -> Integers:
    return np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)


def _builder(name: str, pairs: Pairs) -> GraphBuilder:
    """A builder that links the boxes of each page by itself."""

    def build(document: Document) -> Edges:
        found, features = [np.empty((0, 2), dtype=np.int64)], [np.empty((0, len(PAIR_FEATURES)))]
        offset = 0
        for page in document.pages:
            if len(page.segments) > 1:
                boxes = boxes_of(page)
                own = pairs(page, boxes)
                found.append(own + offset)
                features.append(pair_features(page, boxes, own))
            offset += len(page.segments)
        index = torch.from_numpy(np.concatenate(found).T.copy())
        return Edges(index, torch.from_numpy(np.concatenate(features).astype(np.float32)))

    return GraphBuilder(name, PAIR_FEATURES, build)


def _visibility(document: Document) -> Edges:
    graph = page_graph(document)
    return Edges(graph.edge_index, graph.edge_attr)


VISIBILITY = GraphBuilder("visibility", EDGE_FEATURES, _visibility)
NEAREST = _builder("nearest", nearest)
FOUR_SIDES = _builder("four-sides", four_sides)
NEXT_LINES = _builder("next-lines", next_lines)
COMPLETE = _builder("complete", complete)
TOKEN_LINKS = _builder("token-links", token_links)

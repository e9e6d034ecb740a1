"""The graph builders on a small hand-made page.

a(20,20)            b(200,20)
c(20,60)            d(200,60)
e(20,100)
f(20,140)
g(20,180)
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from hybrid.document import BoundingBox, Document, Page, Segment, Word
from hybrid.gcn.recipes.base import GraphBuilder
from hybrid.gcn.recipes.edges import (
    COMPLETE,
    FOUR_SIDES,
    NEAREST,
    NEXT_LINES,
    PAIR_FEATURES,
    TOKEN_LINKS,
    VISIBILITY,
    lines_of,
)
from hybrid.graph import build_graph

PLACES = {"a": (20, 20), "b": (200, 20), "c": (20, 60), "d": (200, 60)} | {
    name: (20, 100 + 40 * k) for k, name in enumerate("efg")
}


@pytest.fixture
def form(make_document: Callable[..., Document]) -> Document:
    return make_document("form", [(name, "other", x, y) for name, (x, y) in PLACES.items()])


def links(builder: GraphBuilder, document: Document) -> set[str]:
    names = [s.text for s in document.segments]
    return {names[i] + names[j] for i, j in builder.build(document).index.T.tolist()}


def ways(*pairs: str) -> set[str]:
    return {p for pair in pairs for p in (pair, pair[::-1])}


def test_four_sides(form: Document) -> None:
    assert links(FOUR_SIDES, form) == ways("ab", "cd", "ac", "bd", "ce", "ef", "fg")


def test_nearest_are_the_six_nearest(form: Document) -> None:
    edges = NEAREST.build(form).index
    assert torch.bincount(edges[1]).tolist() == [6] * 7  # of seven boxes: all the others
    names = "abcdefg"
    row = Document(
        id="row",
        pages=(
            Page(
                number=1,
                width=900,
                height=100,
                segments=tuple(
                    Segment(id=k, page=1, text=str(k), box=box, words=())
                    for k in range(20)
                    for box in [BoundingBox(left=40 * k, top=10, right=40 * k + 9, bottom=20)]
                ),
            ),
        ),
    )
    assert len(names) == 7
    source, target = NEAREST.build(row).index
    assert sorted(source[target == 10].tolist()) == [7, 8, 9, 11, 12, 13]
    assert sorted(source[target == 0].tolist()) == [1, 2, 3, 4, 5, 6]


def test_next_lines(form: Document) -> None:
    boxes = build_graph(form).box.double().numpy()
    assert lines_of(boxes).tolist() == [0, 0, 1, 1, 2, 3, 4]
    every = {a + b for a in PLACES for b in PLACES if a != b}
    assert links(NEXT_LINES, form) == every - ways("ag", "bg")  # four lines apart


def test_complete(form: Document) -> None:
    assert links(COMPLETE, form) == {a + b for a in PLACES for b in PLACES if a != b}


def test_token_links_join_the_boxes_of_near_words() -> None:
    def segment(number: int, text: str, left: float) -> Segment:
        words = tuple(
            Word(
                id=100 * number + k,
                text=word,
                box=BoundingBox(left=left + 20 * k, top=10, right=left + 20 * k + 10, bottom=20),
            )
            for k, word in enumerate(text.split())
        )
        box = BoundingBox.union_of(w.box for w in words)
        return Segment(id=number, page=1, text=text, box=box, words=words)

    # The words of the first seven-word box have each other as the six nearest; those of the others
    # reach over.
    parts = (segment(0, "p " * 7, 0), segment(1, "q", 400), segment(2, "r", 420))
    document = Document(id="d", pages=(Page(number=1, width=500, height=50, segments=parts),))
    index = TOKEN_LINKS.build(document).index
    assert sorted(map(tuple, index.T.tolist())) == [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)]
    alone = Document(id="d", pages=(Page(number=1, width=500, height=50, segments=parts[:1]),))
    assert TOKEN_LINKS.build(alone).index.shape == (2, 0)


def test_pair_features(form: Document) -> None:
    edges = COMPLETE.build(form)
    row = {tuple(e): k for k, e in enumerate(edges.index.T.tolist())}[0, 3]
    found = dict(zip(PAIR_FEATURES, edges.attributes[row].tolist(), strict=True))
    # Boxes are 8 wide and 12 high on a page of 400.
    expected = {
        "dx": 180 / 400,
        "dy": 40 / 400,
        "distance": math.hypot(180, 40) / 400,
        "sin": 40 / math.hypot(180, 40),
        "cos": 180 / math.hypot(180, 40),
        "log_aspect": math.log(8 / 12),
        "log_height_ratio": 0.0,
        "log_width_ratio": math.log(8 / 12),
        "horizontal_gap": 172 / 400,
        "vertical_gap": 28 / 400,
    }
    assert found == pytest.approx(expected, abs=1e-6)


def test_visibility_is_the_page_graph(form: Document) -> None:
    edges, data = VISIBILITY.build(form), build_graph(form)
    assert torch.equal(edges.index, data.edge_index)
    assert torch.equal(edges.attributes, data.edge_attr)


@pytest.mark.parametrize("builder", [NEAREST, FOUR_SIDES, NEXT_LINES, COMPLETE, TOKEN_LINKS])
def test_pages_are_apart_and_boxes_without_area_are_no_trouble(
    builder: GraphBuilder, make_document: Callable[..., Document]
) -> None:
    lines = [
        ("a", "other", 5, 5),
        ("b", "other", 50, 5),
        ("c", "other", 5, 5),
        ("d", "other", 9, 9),
    ]
    document = make_document("two", lines, pages=2)
    assert links(builder, document) <= ways("ab", "cd")
    point = BoundingBox(left=5, top=5, right=5, bottom=5)
    flat = tuple(s.model_copy(update={"box": point}) for s in document.pages[0].segments)
    page = document.pages[0].model_copy(update={"segments": flat})
    edges = builder.build(document.model_copy(update={"pages": (page,)}))
    assert bool(torch.isfinite(edges.attributes).all())

"""The tensors of the page graph, checked against values worked out by hand."""

import math
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch

from hybrid.document import Document
from hybrid.graph import EDGE_FEATURES, build_graph

MakeDocument = Callable[..., Document]


def edges(graph: object) -> list[tuple[int, int]]:
    return [(int(i), int(j)) for i, j in graph.edge_index.T]  # type: ignore[attr-defined]


def test_features_of_the_right_hand_lower_and_left_hand_neighbour(
    make_document: MakeDocument,
) -> None:
    # Centres: 0 (20, 10), 1 (70, 10), 2 (20, 50), 3 (70, 50.5): 3 is below 2, so 2 -> 3 goes right.
    document = make_document([(10, 5, 30, 15), (60, 5, 80, 15), (10, 45, 30, 55), (60, 46, 80, 55)])
    graph = build_graph(document)
    found = dict(zip(edges(graph), graph.edge_attr, strict=True))
    assert set(found) == {(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)}
    diagonal = math.hypot(100, 200)

    right = dict(zip(EDGE_FEATURES, found[0, 1].tolist(), strict=True))
    assert right == pytest.approx(
        {
            "sin": 0,
            "cos": 1,
            "angle": 0,
            "weight": 1,
            "distance": 50 / diagonal,
            "log_distance": math.log(1 + 50 / 10),
            "horizontal_gap": 0.30,
            "vertical_gap": -10 / 200,
            "cross_page": 0,
        },
        abs=1e-6,
    )
    down = dict(zip(EDGE_FEATURES, found[0, 2].tolist(), strict=True))
    assert down["angle"] == pytest.approx(math.pi / 2)
    assert down["weight"] == pytest.approx(0.75)
    assert (down["sin"], down["cos"]) == pytest.approx((1, 0), abs=1e-6)
    assert down["vertical_gap"] == pytest.approx(30 / 200)
    left = dict(zip(EDGE_FEATURES, found[1, 2].tolist(), strict=True))
    assert left["angle"] == pytest.approx(math.pi - math.atan2(40, 50))
    assert 0.5 <= left["weight"] < 0.75


def test_the_direction_follows_the_sort_order_and_not_the_document(
    make_document: MakeDocument,
) -> None:
    graph = build_graph(make_document([(10, 100, 30, 110), (10, 10, 30, 20)]))
    assert edges(graph) == [(1, 0)]
    assert graph.segment_id.tolist() == [0, 1]


def test_nodes_are_normalised_and_typed(make_document: MakeDocument) -> None:
    document = make_document([(10, 20, 50, 40), (-5, 190, 120, 230)], [(0, 0, 100, 200)])
    graph = build_graph(document)
    assert graph.num_nodes == 3
    expected = [[0.1, 0.1, 0.5, 0.2], [0.0, 0.95, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]
    assert torch.allclose(graph.box, torch.tensor(expected))
    assert graph.page.tolist() == [1, 1, 2]
    assert graph.box.dtype == graph.edge_attr.dtype == torch.float32
    assert graph.edge_index.dtype == graph.page.dtype == graph.segment_id.dtype == torch.int64
    assert graph.edge_cross_page.dtype == torch.bool
    assert all(isinstance(value, torch.Tensor | int) for value in graph.to_dict().values())


@pytest.mark.parametrize("pages", [[], [[]], [[], []]])
def test_a_document_without_segments(make_document: MakeDocument, pages: list[list[None]]) -> None:
    graph = build_graph(make_document(*pages))
    assert graph.num_nodes == 0
    assert graph.edge_index.shape == (2, 0)
    assert graph.edge_attr.shape == (0, len(EDGE_FEATURES))
    assert graph.box.shape == (0, 4)
    graph.validate()


def test_boxes_without_area_and_equal_boxes_give_finite_features(
    make_document: MakeDocument,
) -> None:
    point = (50.0, 50.0, 50.0, 50.0)
    graph = build_graph(make_document([point, point, (10, 50, 10, 50)], [point]))
    assert torch.isfinite(graph.edge_attr).all()
    weight = graph.edge_attr[:, EDGE_FEATURES.index("weight")]
    assert ((weight >= 0.5) & (weight <= 1)).all()
    pairs = dict(zip(edges(graph), graph.edge_attr[:, EDGE_FEATURES.index("angle")], strict=True))
    assert float(pairs[0, 1]) == 0
    assert (2, 0) in pairs


def test_edges_between_pages(make_document: MakeDocument) -> None:
    first = [(10, 10, 90, 20), (10, 100, 40, 110), (60, 100, 90, 110)]
    second = [(10, 10, 40, 20), (60, 12, 90, 22), (10, 50, 90, 60)]
    graph = build_graph(make_document(first, second))
    across = [edge for edge, mark in zip(edges(graph), graph.edge_cross_page, strict=True) if mark]
    assert across == [(1, 3), (2, 4)]
    column = graph.edge_attr[:, EDGE_FEATURES.index("cross_page")]
    assert torch.equal(column.bool(), graph.edge_cross_page)
    down = graph.edge_attr[edges(graph).index((1, 3))]
    assert float(down[EDGE_FEATURES.index("angle")]) == pytest.approx(math.pi / 2)
    # From 105 to 15 on the next page, which begins at 200.
    expected = 110 / math.hypot(100, 200)
    assert float(down[EDGE_FEATURES.index("distance")]) == pytest.approx(expected)


def test_the_next_page_is_scaled_to_the_width_of_the_first(make_document: MakeDocument) -> None:
    first, second = [(10.0, 180.0, 30.0, 190.0)], [(20.0, 20.0, 60.0, 40.0)]
    graph = build_graph(make_document(first, second, sizes=[(100, 200), (200, 400)]))
    angle = graph.edge_attr[0, EDGE_FEATURES.index("angle")]
    assert float(angle) == pytest.approx(math.pi / 2)


def test_edges_skip_a_blank_page_and_no_other(make_document: MakeDocument) -> None:
    row = [(10.0, 100.0, 30.0, 110.0)]
    assert edges(build_graph(make_document(row, [], row))) == [(0, 1)]
    assert edges(build_graph(make_document(row, row, row))) == [(0, 1), (1, 2)]


def test_graphs_go_into_one_batch(make_document: MakeDocument) -> None:
    from torch_geometric.data import Batch

    row = [(10.0, 10.0, 30.0, 20.0), (50.0, 10.0, 70.0, 20.0)]
    batch = Batch.from_data_list([build_graph(make_document(row))] * 2)
    assert batch.edge_index.tolist() == [[0, 2], [1, 3]]
    assert batch.page.tolist() == [1, 1, 1, 1]


def test_a_page_of_specks_stays_bounded(make_document: MakeDocument) -> None:
    specks = [
        (float(k % 40) * 2, float(k // 40) * 3, float(k % 40) * 2, float(k // 40) * 3)
        for k in range(800)
    ]
    graph = build_graph(make_document(specks), max_neighbours=8)
    assert graph.edge_index.shape[1] <= 800 * 8
    assert int(torch.bincount(graph.edge_index[0]).max()) == 8


def test_importing_the_package_or_visibility_loads_no_torch_and_no_compiler() -> None:
    code = (
        "import sys, hybrid.graph, hybrid.graph.visibility, hybrid.graph.cross_page\n"
        "hybrid.graph.visible_pairs\n"
        "assert not {'torch', 'torch_geometric', 'shapely', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_an_unknown_name_of_the_package() -> None:
    import hybrid.graph

    with pytest.raises(AttributeError, match="no_such_name"):
        hybrid.graph.no_such_name  # noqa: B018

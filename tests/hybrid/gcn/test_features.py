from __future__ import annotations

from collections.abc import Callable

import torch

from hybrid.document import BoundingBox, Document
from hybrid.gcn.features import FEATURE_NAMES, node_features

Make = Callable[..., Document]


def _column(document: Document, name: str) -> list[float]:
    return [float(v) for v in node_features(document)[:, FEATURE_NAMES.index(name)]]


def test_one_row_a_segment_and_none_for_an_empty_document(make_document: Make) -> None:
    document = make_document("d", [("a", "", 10, 10), ("b", "", 10, 40), ("c", "", 10, 70)])
    features = node_features(document)
    assert features.shape == (3, len(FEATURE_NAMES))
    assert bool(torch.isfinite(features).all())
    assert node_features(make_document("e", [])).shape == (0, len(FEATURE_NAMES))


def test_text_shapes(make_document: Make) -> None:
    texts = [
        "Total: RM 12.20",
        "25/12/2018 8:13 PM",
        "Name:",
        "5%",
        "12.20",
        "1234567",
        "Jan 5 2018",
    ]
    document = make_document("d", [(t, "", 10.0, 20.0 * k) for k, t in enumerate(texts)])
    assert _column(document, "has_currency") == [1, 0, 0, 0, 0, 0, 0]
    assert _column(document, "has_date") == [0, 1, 0, 0, 0, 0, 1]
    assert _column(document, "has_time") == [0, 1, 0, 0, 0, 0, 0]
    assert _column(document, "ends_with_colon") == [0, 0, 1, 0, 0, 0, 0]
    assert _column(document, "has_percent") == [0, 0, 0, 1, 0, 0, 0]
    assert _column(document, "is_amount")[4] == 1
    assert _column(document, "has_decimal")[:2] == [1, 0]
    assert _column(document, "long_number")[5] == 1


def test_the_largest_amount_is_marked(make_document: Make) -> None:
    lines = [
        ("3.00", "", 10.0, 0.0),
        ("cash 45,500", "", 10.0, 20.0),
        ("total 45,500", "", 10.0, 40.0),
    ]
    document = make_document("d", [*lines, ("text", "", 10.0, 60.0)])
    assert _column(document, "is_maximum") == [0, 1, 1, 0]


def test_margins_do_not_matter(make_document: Make) -> None:
    lines = [("a", "", 10.0, 10.0), ("bb", "", 60.0, 50.0), ("ccc", "", 90.0, 130.0)]
    moved = [(t, label, x + 77, y + 33) for t, label, x, y in lines]
    torch.testing.assert_close(
        node_features(make_document("a", lines)), node_features(make_document("b", moved))
    )


def test_boxes_of_no_size_give_finite_features(make_document: Make) -> None:
    document = make_document("d", [("a", "", 10.0, 10.0)])
    page = document.pages[0]
    point = BoundingBox(left=5, top=5, right=5, bottom=5)
    segment = page.segments[0].model_copy(update={"box": point})
    page = page.model_copy(update={"segments": (segment,)})
    assert bool(torch.isfinite(node_features(Document(id="d", pages=(page,)))).all())

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from hybrid.document import BoundingBox, Document, PageImage
from hybrid.gcn.augment import cut_in_two
from hybrid.gcn.recipes.pixels import PIXEL_FEATURES, PixelEncoder, pixel_features


def test_ink_of_the_box(page: Document) -> None:
    found = pixel_features(page)
    assert found.shape == (9, len(PIXEL_FEATURES))
    assert found[:, 0].tolist() == [1.0] * 9
    # Box k is black in its first (k + 1) / 9.
    share = found[:, 1:].reshape(9, 8, 24).mean(dim=(1, 2))
    for k, value in enumerate(share.tolist()):
        assert value == pytest.approx((k + 1) / 9, abs=0.12)


def test_without_a_picture(page: Document, make_document: Callable[..., Document]) -> None:
    plain = make_document("a", [("a", "other", 10, 10)])
    assert not pixel_features(plain).any()
    assert pixel_features(make_document("e", [])).shape == (0, len(PIXEL_FEATURES))
    broken = plain.pages[0].model_copy(
        update={"image": PageImage(data=b"no picture", media_type="image/png")}
    )
    assert not pixel_features(plain.model_copy(update={"pages": (broken,)})).any()
    assert not pixel_features(cut_in_two(page, 0.5)).any()
    vectors, there = PixelEncoder(5)(pixel_features(plain))
    assert not vectors.any()
    assert there.tolist() == [[0.0]]


def test_boxes_beyond_the_picture(
    with_picture: Callable[[Document], Document], make_document: Callable[..., Document]
) -> None:
    page = with_picture(make_document("a", [("a", "other", 10, 10)])).pages[0]
    boxes = [(-50, -50, -20, -20), (390, 590, 900, 900), (5000, 5000, 5000, 5000), (7, 7, 7, 7)]
    segments = tuple(
        page.segments[0].model_copy(
            update={"id": k, "words": (), "box": BoundingBox.model_validate(box)}
        )
        for k, box in enumerate(boxes)
    )
    document = Document(id="d", pages=(page.model_copy(update={"segments": segments}),))
    found = pixel_features(document)
    assert bool(torch.isfinite(found).all())
    assert float(found.max()) <= 1
    assert float(found.min()) >= 0

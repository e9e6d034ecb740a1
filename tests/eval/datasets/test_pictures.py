from __future__ import annotations

from pathlib import Path

import pytest

from eval.datasets.pictures import with_picture
from hybrid.document import Document, Page
from hybrid.errors import DatasetError


def test_pictures_come_with_their_kind(tmp_path: Path) -> None:
    document = Document(id="d", pages=(Page(number=1, width=10, height=10),))
    path = tmp_path / "d.JPEG"
    path.write_bytes(b"picture")
    image = with_picture(document, path).pages[0].image
    assert image is not None
    assert (image.data, image.media_type) == (b"picture", "image/jpeg")
    assert document.pages[0].image is None


def test_no_picture_and_other_kinds(tmp_path: Path) -> None:
    document = Document(id="d", pages=(Page(number=1, width=10, height=10),))
    assert with_picture(document, None) == document
    assert with_picture(document, tmp_path / "d.tiff").pages[0].image is None
    with pytest.raises(DatasetError, match=r"d\.png cannot be read"):
        with_picture(document, tmp_path / "d.png")

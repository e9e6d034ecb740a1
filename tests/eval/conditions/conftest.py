"""Receipts made by hand, with pictures."""

import os
from pathlib import Path

import pytest
from PIL import Image

from eval.datasets.base import Sample
from tests.eval.hallucination.receipts import make


@pytest.fixture(scope="session")
def receipt() -> Sample:
    return make()


@pytest.fixture
def pictured(tmp_path: Path) -> Sample:
    """A receipt with a picture of its size."""
    path = tmp_path / "one.png"
    page = make().document.pages[0]
    Image.new("RGB", (int(page.width), int(page.height)), "white").save(path)
    return make().model_copy(update={"image_path": path})


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real releases, beside the repository or where HYBRID_TEST_DATA says."""
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    root = Path(os.environ.get("HYBRID_TEST_DATA", beside))
    if not root.is_dir():
        pytest.skip(f"no real datasets in {root}; set HYBRID_TEST_DATA to their folder")
    return root

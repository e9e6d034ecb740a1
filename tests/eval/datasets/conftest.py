import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real releases, beside the repository or where HYBRID_TEST_DATA says."""
    beside = Path(__file__).resolve().parents[3].parent / "shared" / "data"
    root = Path(os.environ.get("HYBRID_TEST_DATA", beside))
    if not root.is_dir():
        pytest.skip(f"no real datasets in {root}; set HYBRID_TEST_DATA to their folder")
    return root

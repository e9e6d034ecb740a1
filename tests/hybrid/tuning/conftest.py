from __future__ import annotations

from pathlib import Path

import pytest

from tests.hybrid.tuning.tiny_llama import tiny_llama


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny random Llama."""
    return tiny_llama(tmp_path_factory.mktemp("tiny-llama"))

"""Fixtures for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hybrid.llm.models import pull
from hybrid.llm.serve import VllmServer


@pytest.fixture(scope="session")
def vllm_server() -> Iterator[str]:
    """The base URL of one real vLLM server with smollm2-135m, started when first asked for.

    Mark tests that use it with `vllm` and `slow`. Never kill it: start another one for that.
    """
    pull("smollm2-135m")
    with VllmServer("smollm2-135m") as server:
        yield server.base_url

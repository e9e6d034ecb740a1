"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Before anything imports torch, as the command line does it: beside other work on the machine,
# threads that wait by spinning make small networks ten times as slow.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from hybrid.llm.models import pull
from hybrid.llm.serve import VllmServer

# How long an example takes is no result: other work on the machine has a say in it.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def vllm_server() -> Iterator[str]:
    """The base URL of one real vLLM server with smollm2-135m, started when first asked for.

    Mark tests that use it with `vllm` and `slow`. Never kill it: start another one for that.
    """
    pull("smollm2-135m")
    with VllmServer("smollm2-135m") as server:
        yield server.base_url

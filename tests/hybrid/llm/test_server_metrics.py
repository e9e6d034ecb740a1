"""The prefix cache by the server's own count."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
import respx

from hybrid.llm.http import HttpBackend
from hybrid.llm.scripted import ScriptedBackend
from hybrid.llm.server_metrics import PrefixCache, prefix_cache

METRICS = """\
# HELP vllm:prefix_cache_queries_total Prefix cache queries, in terms of number of queried tokens.
# TYPE vllm:prefix_cache_queries_total counter
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 1500.0
vllm:prefix_cache_queries_total{engine="1",model_name="m"} 2.5e+02
# TYPE vllm:prefix_cache_hits_total counter
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 1024.0
vllm:prefix_cache_hits_total{engine="1",model_name="m"} 0.0
vllm:external_prefix_cache_hits_total{engine="0",model_name="m"} 7.0
vllm:prefix_cache_hits_total{engine="0",model_name="another"} 5.0
vllm:prefix_cache_queries_created{engine="0",model_name="m"} 1.7e+09
"""


@pytest.fixture
def route() -> Iterator[respx.Route]:
    with respx.mock as router:
        yield router.get("http://llm.test/metrics")


def seen(model: str = "m") -> PrefixCache | None:
    with HttpBackend("http://llm.test/v1", model) as backend:
        return prefix_cache(backend)


def test_engines_are_added_and_other_models_left_out(route: respx.Route) -> None:
    route.mock(return_value=httpx.Response(200, text=METRICS))
    assert seen() == PrefixCache(1750, 1024)
    assert seen("third") is None


def test_an_adapter_is_counted_with_its_base(route: respx.Route) -> None:
    text = METRICS.replace('model_name="m"', 'model_name="m-base"')
    route.mock(return_value=httpx.Response(200, text=text))
    assert seen() == PrefixCache(1750, 1024)


@pytest.mark.parametrize(
    "answer", [httpx.Response(404), httpx.Response(200, text="<html>"), httpx.ConnectError("gone")]
)
def test_a_server_that_does_not_tell(
    route: respx.Route, answer: httpx.Response | httpx.ConnectError
) -> None:
    route.mock(side_effect=[answer])
    assert seen() is None


def test_a_backend_without_a_server() -> None:
    assert prefix_cache(ScriptedBackend([])) is None


def test_what_happened_between_two_moments() -> None:
    between = PrefixCache(3000, 2000) - PrefixCache(1000, 500)
    assert between == PrefixCache(2000, 1500)
    assert between.hit_rate == 0.75
    assert str(between) == "75% of 2,000 prompt tokens"
    assert PrefixCache(0, 0).hit_rate == 0

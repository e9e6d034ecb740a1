"""From `--llm` to a backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import respx

from hybrid.errors import ModelError, ServerError
from hybrid.llm.connect import check, connect
from hybrid.llm.models import model_path, pull, servable_model
from hybrid.llm.profiles import load_profile
from hybrid.llm.registry import registered
from hybrid.llm.serve import VllmServer

URL = "http://llm.test/v1"


def listing(*names: str) -> httpx.Response:
    return httpx.Response(200, json={"data": [{"id": name} for name in names]})


@pytest.mark.parametrize(
    ("spec", "model"),
    [(URL, "a"), (f"{URL}#b", "b"), (f"{URL}/#b", "b"), ("http://llm.test#b", "b")],
)
def test_an_address(spec: str, model: str) -> None:
    with respx.mock(base_url=URL) as router:
        router.get("/models").mock(return_value=listing("a", "b"))
        with connect(spec) as backend:
            assert backend.model == model
            assert backend.profile == backend.base_url == URL


def test_an_address_without_the_model() -> None:
    with respx.mock(base_url=URL) as router:
        router.get("/models").mock(return_value=listing("a"))
        with pytest.raises(ModelError, match="serves no model 'c': it has a"), connect(f"{URL}#c"):
            pass


def test_an_address_where_nobody_listens() -> None:
    with pytest.raises(ServerError, match="is down"), connect("http://127.0.0.1:9/v1"):
        pass


def test_what_is_no_address() -> None:
    with pytest.raises(ModelError, match="not an address"), connect("http:///v1"):
        pass


def test_a_reasoning_model_is_known_at_an_address_too() -> None:
    with respx.mock(base_url=URL) as router:
        router.get("/models").mock(return_value=listing("Qwen/Qwen3-0.6B"))
        with connect(URL) as backend:
            assert backend.habits.thinking_switch == "enable_thinking"


def test_an_address_that_tells_its_context() -> None:
    entries = [{"id": "a", "max_model_len": 2048}, {"id": "b", "max_model_len": "long"}]
    with respx.mock(base_url=URL) as router:
        router.get("/models").mock(return_value=httpx.Response(200, json={"data": entries}))
        with connect(URL) as first, connect(f"{URL}#b") as second:
            assert (first.context_tokens, second.context_tokens) == (2048, None)


def test_an_unknown_name() -> None:
    with pytest.raises(ModelError, match="unknown model 'nope'; known are"), connect("nope"):
        pass


def test_an_encoder(home: Path) -> None:
    with pytest.raises(ModelError, match="encoder"), connect("minilm-l6-v2"):
        pass


def test_a_model_that_is_not_pulled(home: Path) -> None:
    with (
        pytest.raises(ModelError, match="hybrid models pull smollm2-135m"),
        connect("smollm2-135m"),
    ):
        pass


def test_a_server_is_started_and_ended(fake_vllm: Path, model_folder: Path) -> None:
    told: list[str] = []
    with connect(str(model_folder), on_status=told.append) as backend:
        assert list(backend.served_models()) == ["tiny-model"]
        assert backend.profile == "tiny-model"
        url = backend.base_url
    assert told
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_running_server_is_used_and_left_alone(fake_vllm: Path, model_folder: Path) -> None:
    profile = load_profile(model_folder)
    with (
        VllmServer(model_folder) as server,
        registered(profile, model_folder, server.base_url),
    ):
        with connect(str(model_folder)) as backend:
            assert backend.base_url == server.base_url
        server.check()


def server_profile(folder: Path, extra: str = "") -> Path:
    file = folder / "our-rack.toml"
    file.write_text(
        f'name = "our-rack"\ntrust = 0.8\nserved_model = "b"\n{extra}\n'
        f'[source]\nkind = "server"\nurl = "{URL}"\n'
    )
    return file


def test_a_server_with_a_profile(tmp_path: Path) -> None:
    profile = server_profile(tmp_path, 'kind = ["dense", "reasoning"]\nthinking_budget = 64')
    with respx.mock(base_url=URL) as router:
        router.get("/models").mock(return_value=listing("a", "b"))
        check(str(profile))
        with connect(str(profile)) as backend:
            assert (backend.model, backend.profile, backend.base_url) == ("b", "our-rack", URL)
            assert (backend.habits.always_thinks, backend.habits.thinking_budget) == (True, 64)


def test_a_server_with_a_profile_that_serves_something_else(tmp_path: Path) -> None:
    with respx.mock(base_url=URL) as router:
        router.get("/models").mock(return_value=listing("a"))
        with (
            pytest.raises(ModelError, match="serves no model 'b': it has a"),
            connect(str(server_profile(tmp_path))),
        ):
            pass


@pytest.mark.parametrize("ask", [model_path, pull, servable_model])
def test_there_is_nothing_of_a_server_here(ask: Callable[[str], object], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"our-rack is served at {URL}: there is nothing of it"):
        ask(str(server_profile(tmp_path)))


def test_what_is_for_vllm_is_no_matter_of_a_server(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="dtype is for models that are served here"):
        load_profile(server_profile(tmp_path, 'dtype = "bfloat16"'))

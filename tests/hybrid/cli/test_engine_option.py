"""`--llm-engine`, and the line on the prefix cache at the end of `hybrid extract`."""

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import Result

from hybrid.cli.extract import EngineOption, ModeOption, open_extractor
from hybrid.llm.server_metrics import PrefixCache
from hybrid.pipeline import HybridExtractor
from hybrid.resources import load_evaluation

Run = Callable[..., Result]
BoxFile = Callable[[str, str], Path]


def test_it_reaches_the_extractor(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(HybridExtractor, "from_pretrained", lambda *_, **more: given.update(more))
    open_extractor("receipts", "m", ModeOption.STRICT, print)
    assert given["llm_engine"] == "http"
    open_extractor("receipts", "m", ModeOption.STRICT, print, llm_engine=EngineOption.LOCAL)
    assert given["llm_engine"] == "local"


@pytest.mark.parametrize(
    ("llm", "says"),
    [
        ("none", "--llm-engine local runs an LLM: give --llm"),
        ("http://127.0.0.1:9/v1", "takes a model that was pulled, not 'http://127.0.0.1:9/v1'"),
        ("nope", "unknown model 'nope'"),
    ],
)
def test_what_cannot_run_here_is_said_before_any_work(
    run: Run, box_file: BoxFile, tmp_path: Path, llm: str, says: str
) -> None:
    arguments = ("extract", box_file("a.hocr", "A"), "--out", tmp_path / "out", "--llm", llm)
    result = run(*arguments, "--llm-engine", "local")
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert not (tmp_path / "out").exists()


def test_the_program_can_be_imported_by_the_processes_of_the_engine() -> None:
    runpy.run_module("hybrid.__main__", run_name="__mp_main__")  # would end with SystemExit


def test_an_engine_that_is_none(run: Run) -> None:
    assert run("extract", "a.png", "--llm-engine", "grpc").exit_code == 2
    assert run("eval", "run", "--dataset", "drawn_receipts", "--llm-engine", "x").exit_code == 2


@pytest.mark.parametrize(("seen", "said"), [(PrefixCache(4000, 2480), True), (None, False)])
def test_the_prefix_cache_is_told_where_it_is_known(
    tmp_path: Path,
    run: Run,
    box_file: BoxFile,
    extractor: Any,
    seen: PrefixCache | None,
    said: bool,
) -> None:
    extractor.connection = SimpleNamespace(prefix_cache=lambda: seen)
    result = run("extract", box_file("a.hocr", "A"), "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    line = "prefix cache of the LLM: 62% of 4,000 prompt tokens were there already"
    assert (line in result.stderr) is said
    assert "prefix" not in result.stdout


def test_of_an_evaluation(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Any] = []

    def stop(config: Any, *_: Any, **__: Any) -> None:
        asked.append(config)
        raise KeyboardInterrupt

    monkeypatch.setattr(load_evaluation("api"), "run_evaluation", stop)
    words = ("eval", "run", "--dataset", "drawn_receipts", "--split", "test", "--systems", "llm")
    run(*words, "--llm-engine", "local", "--out", tmp_path)
    run(*words, "--out", tmp_path)
    assert [config.llm_engine for config in asked] == ["local", "http"]
    # It changes no result: an unfinished run goes on with the other one.
    assert asked[0].sha256 == asked[1].sha256

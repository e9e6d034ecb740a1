import sys
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

import eval.frames as frames
from eval.frames import EngineError, EngineRecord, collect

LAZY = pl.LazyFrame({"a": [1, 2, 3]}).filter(pl.col("a") > 1)


@pytest.mark.parametrize("engine", ["cpu", "streaming"])
def test_engines_of_the_cpu(engine: str) -> None:
    records: list[EngineRecord] = []
    assert collect(LAZY, engine, records)["a"].to_list() == [2, 3]
    assert collect(LAZY, engine, records)["a"].to_list() == [2, 3]
    assert records == [EngineRecord(engine, engine)]


@pytest.mark.parametrize("engine", ["auto", "gpu"])
def test_falls_back_where_there_is_no_gpu(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "gpu_problem", lambda: "there is no CUDA device")
    records: list[EngineRecord] = []
    assert collect(LAZY, engine, records)["a"].to_list() == [2, 3]
    assert records == [EngineRecord(engine, "cpu", "there is no CUDA device")]


@pytest.mark.parametrize("engine", ["auto", "gpu"])
def test_takes_the_gpu(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engines: list[Any] = []

    def on_gpu(lazy: pl.LazyFrame) -> pl.DataFrame:
        engines.append(lazy)
        return lazy.collect(engine="in-memory")

    monkeypatch.setattr(frames, "gpu_problem", lambda: "")
    monkeypatch.setattr(frames, "_on_gpu", on_gpu)
    records: list[EngineRecord] = []
    assert collect(LAZY, engine, records)["a"].to_list() == [2, 3]
    assert len(engines) == 1
    assert records == [EngineRecord(engine, "gpu")]


def test_falls_back_where_the_query_is_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(lazy: pl.LazyFrame) -> pl.DataFrame:
        raise pl.exceptions.ComputeError("'cuda' conversion failed: rank\nmore")

    monkeypatch.setattr(frames, "gpu_problem", lambda: "")
    monkeypatch.setattr(frames, "_on_gpu", unsupported)
    records: list[EngineRecord] = []
    assert collect(LAZY, "auto", records)["a"].to_list() == [2, 3]
    reason = "the GPU could not run it: 'cuda' conversion failed: rank"
    assert records == [EngineRecord("auto", "cpu", reason)]


def test_the_gpu_engine_says_what_it_cannot_do(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy: Any = SimpleNamespace(collect=lambda engine: engine)
    engine: Any = frames._on_gpu(lazy)
    assert engine.config == {"raise_on_fail": True}


def test_a_wrong_query_is_an_error_on_every_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "gpu_problem", lambda: "")
    monkeypatch.setattr(frames, "_on_gpu", lambda lazy: lazy.collect())
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        collect(LAZY.select("b"), "auto")


def test_what_is_missing_for_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert frames.gpu_problem() == "cudf-polars is not installed"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    for there, problem in ((False, "there is no CUDA device"), (True, "")):
        cuda = SimpleNamespace(is_available=lambda there=there: there)
        monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
        assert frames.gpu_problem() == problem


def test_an_unknown_engine() -> None:
    with pytest.raises(EngineError, match="unknown engine 'tpu'; known are auto, cpu, streaming"):
        collect(LAZY, "tpu")

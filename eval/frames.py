"""The one place where polars queries are run, and where it is chosen what runs them."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import polars as pl

from hybrid.errors import HybridError

Engine = Literal["auto", "cpu", "streaming", "gpu"]

# What cudf-polars and the CUDA runtime raise for a query or a device that does not serve. A query
# that is wrong in itself raises again on the CPU, so nothing is hidden.
_GPU_FAILURES = (
    pl.exceptions.PolarsError,
    ImportError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
)


class EngineError(HybridError):
    """An engine that does not exist was asked for."""


@dataclass(frozen=True)
class EngineRecord:
    """Which engine ran a query, for `results.json`.

    Attributes:
        asked: The engine that was asked for.
        used: "cpu", "streaming" or "gpu".
        reason: Why the CPU ran it where a GPU was asked for or looked for; "" where none was.
    """

    asked: str
    used: str
    reason: str = ""


def collect(
    lazy: pl.LazyFrame, engine: str = "auto", records: list[EngineRecord] | None = None
) -> pl.DataFrame:
    """Runs a query.

    Args:
        lazy: The query.
        engine: "cpu" holds all of it in memory; "streaming" works in batches, for tables that are
            larger than memory; "gpu" and "auto" take the GPU where cudf-polars and a device exist
            and the query is supported, and the CPU otherwise.
        records: Where to note the engine that was used; equal notes are made once.

    Returns:
        The result; the same for every engine, apart from the order of rows where the query does
        not set it.

    Raises:
        EngineError: If there is no such engine.
    """
    frame, record = _run(lazy, engine)
    if records is not None and record not in records:
        records.append(record)
    return frame


def gpu_problem() -> str:
    """Why there is no GPU to run queries on, as one clause; "" where there is one."""
    if importlib.util.find_spec("cudf_polars") is None:
        return "cudf-polars is not installed"
    import torch

    return "" if torch.cuda.is_available() else "there is no CUDA device"


def _run(lazy: pl.LazyFrame, engine: str) -> tuple[pl.DataFrame, EngineRecord]:
    if engine not in get_args(Engine):
        raise EngineError(f"unknown engine {engine!r}; known are {', '.join(get_args(Engine))}")
    if engine == "streaming":
        return lazy.collect(engine="streaming"), EngineRecord(engine, "streaming")
    if engine == "cpu":
        return lazy.collect(engine="in-memory"), EngineRecord(engine, "cpu")
    reason = gpu_problem()
    if not reason:
        try:
            return _on_gpu(lazy), EngineRecord(engine, "gpu")
        except _GPU_FAILURES as error:
            reason = f"the GPU could not run it: {str(error).strip().splitlines()[0]}"
    return lazy.collect(engine="in-memory"), EngineRecord(engine, "cpu", reason)


def _on_gpu(lazy: pl.LazyFrame) -> pl.DataFrame:
    return lazy.collect(engine=pl.GPUEngine(raise_on_fail=True))


Collect = Callable[[pl.LazyFrame], pl.DataFrame]
"""`collect` with its engine and its records bound: what functions that run queries are given."""

"""A run that is killed again and again ends with the results of one that never was."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest

from eval.api import run_evaluation
from eval.run.engine import Silent
from eval.run.work import Job

KILLS = 10
SEED = 5
SYSTEMS = ["regex", "empty", "llm", "gcn", "hybrid"]
UNITS = 4 * 2 * len(SYSTEMS)
IMPORTED = [
    *("eval.api", "eval.conditions", "hybrid.gcn.predict", "hybrid.pipeline", "transformers"),
    *("transformers.models.bert.modeling_bert", "transformers.models.bert.tokenization_bert_fast"),
]


class Slow(Silent):
    """Says when the work begins, and makes it last long enough to be killed in the middle."""

    def __init__(self, at_work: Event, seconds: float) -> None:
        self.at_work = at_work
        self.seconds = seconds

    def begins(self, job: Job, system: str, total: int, done: int) -> None:
        self.at_work.set()

    def advances(self, f1: float | None) -> None:
        time.sleep(self.seconds)


def replay(config: dict[str, Any], out: Path, replies: Path, told: Event, seconds: float) -> None:
    import torch

    torch.set_num_threads(1)  # more of them wait for each other where cores are few
    run_evaluation(config, out, replay=True, replies=replies, listener=Slow(told, seconds))


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    """Its processes are copies of one that has imported everything: a start costs no seconds."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(IMPORTED)
    first = made.Process(target=int)
    first.start()
    first.join()
    return made


@pytest.mark.slow
def test_a_run_survives_being_killed(
    sroie: Path,
    tmp_path: Path,
    llm: Callable[[], Any],
    timeless: Callable[[Path], dict[str, Any]],
    context: ForkServerContext,
) -> None:
    llm()
    config = {
        "datasets": [{"name": "sroie", "data_root": sroie, "split": "test"}],
        "systems": SYSTEMS,
        "llm": "http://127.0.0.1:9/v1#ruled",
    }
    run_evaluation(config, tmp_path / "live")
    replies = tmp_path / "live" / "replies"
    at_work = context.Event()

    def start(out: str, seconds: float) -> BaseProcess:
        at_work.clear()
        arguments = (config, tmp_path / out, replies, at_work, seconds)
        process = context.Process(target=replay, args=arguments)
        process.start()
        return process

    rng = random.Random(SEED)
    units = tmp_path / "parts" / "units.jsonl"
    progress: list[int] = []
    for _ in range(KILLS):
        process = start("parts", 0.3)
        assert at_work.wait(60)
        process.join(rng.uniform(0.3, 3.0))
        process.kill()
        process.join()
        progress.append(len(units.read_bytes().splitlines()) if units.exists() else 0)
    for out in ("parts", "whole"):
        process = start(out, 0)
        process.join(60)
        assert process.exitcode == 0
    assert progress == sorted(progress)  # nothing that was done is lost
    assert len({count for count in progress if count < UNITS}) >= 4, progress
    assert len(units.read_bytes().splitlines()) == UNITS
    assert timeless(tmp_path / "parts") == timeless(tmp_path / "whole")
    assert not list((tmp_path / "parts").glob(".*.tmp"))

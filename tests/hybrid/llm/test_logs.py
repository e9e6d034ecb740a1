"""Logs of vLLM."""

import os
import time
from pathlib import Path

import pytest

from hybrid.llm.logs import server_log


def test_old_logs_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path))
    folder = tmp_path / "logs"
    folder.mkdir()
    for name, days in (("old.log", 31), ("old.logging.json", 40), ("new.log", 29)):
        (folder / name).write_text("vLLM")
        then = time.time() - days * 24 * 3600
        os.utime(folder / name, (then, then))
    (folder / "a-folder").mkdir()
    os.utime(folder / "a-folder", (0, 0))
    assert server_log("small-1234") == folder / "small-1234.log"
    assert sorted(path.name for path in folder.iterdir()) == ["a-folder", "new.log"]


def test_there_may_be_no_logs_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path / "nowhere"))
    assert server_log("a").name == "a.log"

"""vLLM is killed in the middle of a batch: nothing is lost, and a second run completes it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from hybrid.llm.serve import VllmServer

SAMPLE = Path(__file__).parents[3] / "eval" / "samples" / "documents" / "receipt-cafe.png"

pytestmark = [pytest.mark.vllm, pytest.mark.slow]


VISIT = """
from pydantic import BaseModel, Field

class Visit(BaseModel):
    place: str | None = Field(default=None, description="what kind of shop it is")
"""
"""No checkpoint has a label for it and no key leads to it, so the LLM is always asked."""


def command(folder: Path, out: Path, port: int) -> list[str]:
    words = [sys.executable, "-m", "hybrid", "extract", str(folder), "--out", str(out)]
    words += ["--schema", f"{folder.parent / 'visit.py'}:Visit", "--workers", "1", "--no-html"]
    return [*words, "--llm", f"http://127.0.0.1:{port}/v1#smollm2-135m"]


def results(out: Path) -> dict[str, dict[str, Any]]:
    return {p.stem: json.loads(p.read_text()) for p in sorted(out.glob("*.json"))}


def unverified(result: dict[str, Any]) -> bool:
    return any(leaf["status"] == "unverified" for leaf in result["fields"].values())


def test_batch_survives_and_is_completed(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (tmp_path / "visit.py").write_text(VISIT, encoding="utf-8")
    for number in range(3):
        # Bytes after the picture's end change the content's hash and nothing else.
        (folder / f"{number}.png").write_bytes(SAMPLE.read_bytes() + bytes([number]))
    with VllmServer("smollm2-135m") as server:
        port = int(server.base_url.rsplit(":", 1)[1].split("/")[0])
        batch = subprocess.Popen(command(folder, out, port), stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 240
        while not (out / "0.json").exists() and time.monotonic() < deadline:
            assert batch.poll() is None
            time.sleep(0.05)
    _, said = batch.communicate(timeout=240)
    assert batch.returncode == 1, said
    assert "not verified by the LLM" in said
    first = results(out)
    assert set(first) == {"0", "1", "2"}
    assert not unverified(first["0"]), first["0"]["run"]["warnings"]
    assert unverified(first["2"])
    kept = {name: (out / f"{name}.json").stat().st_mtime_ns for name in first}
    with VllmServer("smollm2-135m", port=port):
        done = subprocess.run(
            command(folder, out, port), check=False, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, done.stderr
    second = results(out)
    assert not any(unverified(result) for result in second.values())
    again = {n for n in kept if (out / f"{n}.json").stat().st_mtime_ns != kept[n]}
    assert again == {name for name, result in first.items() if unverified(result)}

"""`hybrid extract --fusion FILE --max-risk RATE`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from hybrid.cli.extract import ModeOption, open_extractor
from hybrid.pipeline import HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.pipeline.fusing import pair_of
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.fuse import default_fusion
from hybrid.verify.risk import HeldOut


def test_they_reach_the_extractor(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(HybridExtractor, "from_pretrained", lambda *_, **more: given.update(more))
    open_extractor("receipts", "m", ModeOption.STRICT, print, False, "mine.json", 0.05)
    assert (given["fusion"], given["max_risk"]) == ("mine.json", 0.05)


@pytest.mark.parametrize(
    "options", [("--fusion", "mine.json"), ("--max-risk", "0.05"), ("--llm-budget", "9")]
)
def test_without_an_llm_they_are_refused(
    run: Callable[..., Result],
    box_file: Callable[[str, str], Path],
    tmp_path: Path,
    options: tuple[str, str],
) -> None:
    result = run(
        "extract", box_file("a.hocr", "A"), "--llm", "none", "--out", tmp_path / "out", *options
    )
    assert result.exit_code == 2
    assert "are about a checkpoint with an LLM" in result.stderr


def test_the_fusion_of_another_pair_is_refused_before_any_work(
    run: Callable[..., Result],
    box_file: Callable[[str, str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pair = pair_of("mine", "0" * 64, LlmConnection("http://127.0.0.1:9/v1#tiny"))
    assert pair is not None
    path = tmp_path / "theirs.json"
    held_out = HeldOut(levels=(), documents=())
    FittedFusion(pair=pair, fusion=default_fusion(), held_out=held_out).write(path)
    loaded = type("Loaded", (), {"checkpoint_sha256": "1" * 64})()
    monkeypatch.setattr("hybrid.pipeline.hybrid.load_predictor", lambda _: loaded)
    out = tmp_path / "out"
    arguments = ("extract", box_file("a.hocr", "A"), "--out", out, "--fusion", path)
    result = run(*arguments, "--llm", "http://127.0.0.1:9/v1#other")
    assert result.exit_code == 2
    assert "theirs.json was fitted for checkpoint 'mine' (000000000000)" in result.stderr
    assert "hybrid calibrate --checkpoint receipts --llm other" in result.stderr
    assert not out.exists()

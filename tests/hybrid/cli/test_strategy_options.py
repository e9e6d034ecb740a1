"""`hybrid extract --strategy NAME`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from hybrid.cli.extract import ModeOption, open_extractor
from hybrid.pipeline import HybridExtractor
from hybrid.verify.strategies import make_strategy

Run = Callable[..., Result]
BoxFile = Callable[[str, str], Path]


def test_it_reaches_the_extractor(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(HybridExtractor, "from_pretrained", lambda *_, **more: given.update(more))
    open_extractor("receipts", "m", ModeOption.STRICT, print, strategy=make_strategy("critique"))
    assert given["strategy"].name == "critique"


def test_rules_work_without_an_llm(
    run: Run, box_file: BoxFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.hybrid.pipeline.test_extractors import SURE, FixedPredictor

    monkeypatch.setattr("hybrid.pipeline.hybrid.load_predictor", lambda _: FixedPredictor(SURE))
    out = tmp_path / "out"
    path = box_file("a.hocr", "ACME")
    result = run("extract", path, "--llm", "none", "--strategy", "rules", "--out", out, "--no-html")
    assert result.exit_code == 0, result.stderr
    written = json.loads((out / "a.json").read_text(encoding="utf-8"))
    assert (written["run"]["system"], written["run"]["strategy"]) == ("hybrid", "rules")
    assert written["run"]["llm_model"] is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ("--strategy", "critique", "--llm", "none"),
            "--strategy critique asks an LLM: give --llm",
        ),
        (
            ("--strategy", "choice", "--llm", "none"),
            "--strategy choice asks an LLM: give --llm",
        ),
        (
            ("--samples", "3", "--llm", "http://127.0.0.1:9/v1#m"),
            "strategy choice has one answer",
        ),
        (("--samples", "3", "--strategy", "reflect", "--scorer", "me"), "unknown scorer 'me'"),
        (("--rounds", "2"), "strategy choice has no rounds of its own"),
        (("--strategy", "debate", "--rounds", "2", "--llm", "none"), "debate,rounds=2 asks an LLM"),
        (("--strategy", "vote"), "unknown strategy 'vote'; known are choice, critique"),
    ],
)
def test_mistakes(
    run: Run, box_file: BoxFile, tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    out = tmp_path / "out"
    result = run("extract", box_file("a.hocr", "A"), "--out", out, *options)
    assert result.exit_code == 2
    assert says in result.stderr
    assert not out.exists()

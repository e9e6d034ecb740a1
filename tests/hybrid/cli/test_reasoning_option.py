"""`hybrid extract --reasoning`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from hybrid.cli.extract import ModeOption, open_extractor
from hybrid.pipeline import HybridExtractor


def test_the_extractor_is_told(
    run: Callable[..., Result],
    box_file: Callable[[str, str], Path],
    tmp_path: Path,
    extractor: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[bool] = []

    def opened(
        checkpoint: str, llm: str, mode: Any, on_status: Any, reasoning: bool, *_: Any
    ) -> Any:
        given.append(reasoning)
        return extractor

    monkeypatch.setattr("hybrid.cli.extract.open_extractor", opened)
    file = box_file("a.hocr", "ACME shop")
    for flags in ([], ["--reasoning"]):
        assert run("extract", file, "--out", tmp_path / "out", *flags).exit_code == 0
    assert given == [False, True]


def test_it_reaches_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr(HybridExtractor, "from_pretrained", lambda *_, **more: given.update(more))
    open_extractor("receipts", "qwen3-0.6b", ModeOption.STRICT, print, True)
    assert given["reasoning"] is True

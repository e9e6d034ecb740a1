from __future__ import annotations

import pytest

from hybrid.gcn.progress_bars import ProgressBars


def test_without_a_terminal_one_line_for_each_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBars() as bars:
        for step in range(1, 101):
            bars.show("graph", step / 100, {"loss": 1 / step, "F1": 0.5})
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "graph model: 100 %  loss 0.0100  F1 0.5000"


def test_on_a_terminal_a_bar_with_the_figures(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with ProgressBars() as bars:
        bars.show("text", 0.5, {"loss": 0.25})
        bars.show("graph", 0.1, {"F1": 0.75})
    shown = capsys.readouterr().err
    assert "text encoder" in shown
    assert "loss 0.2500" in shown
    assert "F1 0.7500" in shown

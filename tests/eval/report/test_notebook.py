"""The results of a run as an object that shows itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.report.data import RunFolderError
from eval.report.notebook import RunResult


def test_rows_and_comparisons_are_frames(run_folder: Path) -> None:
    result = RunResult.load(str(run_folder))

    assert result.folder == run_folder
    assert result.rows.height == 5 * 6
    assert set(result.comparisons["metric"]) >= {"f1_micro", "hallucination_rate"}


def test_it_shows_a_table_in_which_names_are_escaped(run_folder: Path, tmp_path: Path) -> None:
    results = json.loads((run_folder / "results.json").read_text())
    results["rows"][0]["system"] = "<script>"
    results["comparisons"] = []
    (tmp_path / "results.json").write_text(json.dumps(results))
    html = RunResult.load(tmp_path)._repr_html_()

    assert html.count("<tr>") == 1 + 30
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="cannot be read"):
        RunResult.load(tmp_path)

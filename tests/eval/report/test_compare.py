"""Runs side by side: what matches, what is tested, and what is warned of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from eval.report.compare import compare
from eval.report.data import RunFolderError


@pytest.fixture
def other_folder(make_run: Callable[..., Path]) -> Path:
    """The same documents as `run_folder`, read again with other luck."""
    return make_run("second", seed=8, pictures=False)


def change_gold(folder: Path, document_id: str) -> None:
    path = folder / "predictions.parquet"
    changed = (pl.col("origin") == "gold") & (pl.col("document_id") == document_id)
    table = pl.read_parquet(path)
    key = pl.when(changed).then(pl.lit("another")).otherwise("key").alias("key")
    table.with_columns(key).write_parquet(path)


def test_rows_match_and_are_tested(run_folder: Path, other_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "pages" / "comparison.html"
    comparison = compare([run_folder, other_folder], out)

    assert comparison.warnings == ()
    assert comparison.names == ("first", "second")
    line = next(
        line
        for line in comparison.lines
        if line.group == ("sroie", "dev", "gold", "field") and line.system == "gcn"
    )
    first, second = line.rows
    assert first is not None
    assert second is not None
    f1, hallucination = line.differences
    assert (f1.metric, hallucination.metric) == ("f1_micro", "hallucination_rate")
    assert f1.difference == pytest.approx(second["f1_micro"] - first["f1_micro"])
    assert hallucination.difference == pytest.approx(
        second["hallucination_rate"] - first["hallucination_rate"]
    )
    assert f1.documents == first["n"]
    assert f1.low <= f1.difference <= f1.high
    html = out.read_text(encoding="utf-8")
    assert html.count("<tbody>") == len(comparison.lines)
    assert "<script>alert" not in html


def test_a_run_does_not_differ_from_itself(run_folder: Path) -> None:
    comparison = compare([run_folder, run_folder])

    assert comparison.names == (f"{run_folder} (1)", f"{run_folder} (2)")
    assert comparison.differences
    assert {d.p for d in comparison.differences} == {1.0}
    assert all("≈" in d.text for d in comparison.differences)


def test_other_gold_is_warned_of_and_left_out(run_folder: Path, other_folder: Path) -> None:
    change_gold(other_folder, "X00001")
    comparison = compare([run_folder, other_folder])

    assert comparison.warnings[0] == (
        "invoices dev gold field: first and second have different gold for 1 documents; "
        "left out of the tests"
    )
    tested = {d.documents for d in comparison.differences if d.group[0] == "invoices"}
    assert tested == {13}


def test_documents_of_one_run_only_are_warned_of(
    run_folder: Path, make_run: Callable[..., Path]
) -> None:
    small = make_run("small", documents=5, pictures=False)
    comparison = compare([run_folder, small])

    assert any("5 documents in common, 9 and 0 of their own" in w for w in comparison.warnings)
    assert {d.documents for d in comparison.differences if d.group[2] == "gold"} == {5}


def test_runs_of_one_system_each_match_whatever_it_is_called(
    make_run: Callable[..., Path], reader: Callable[..., object]
) -> None:
    folders = [
        make_run(name, documents=4, pictures=False, readers=[reader(name, 0.8, 0.1, 0, 0.1)])
        for name in ("old", "new")
    ]
    comparison = compare(folders)

    assert {line.system for line in comparison.lines} == {"old / new"}
    assert comparison.differences


def test_three_runs_and_missing_rows(
    run_folder: Path, make_run: Callable[..., Path], reader: Callable[..., object]
) -> None:
    other = make_run("other", documents=4, pictures=False, readers=[reader("gcn", 0.8, 0.1, 0, 1)])
    again = make_run("again", documents=4, pictures=False, datasets=["sroie"])
    comparison = compare([run_folder, other, again])

    assert {d.run for d in comparison.differences} == {1, 2}
    console = Console(width=220, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(comparison.table())
    text = capture.get()
    assert "other: " in text
    assert "again: " in text
    assert "–" in text


def test_one_run_is_no_comparison(run_folder: Path) -> None:
    with pytest.raises(RunFolderError, match="two runs or more"):
        compare([run_folder])

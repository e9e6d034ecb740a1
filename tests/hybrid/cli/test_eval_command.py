"""`hybrid eval run` and `hybrid eval score`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read of one's own documents is kept in a cache of the test's own."""
    monkeypatch.setattr("eval.datasets.cache.models_home", lambda: tmp_path / "home")


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Two documents whose boxes are known, so that nothing goes through OCR."""
    folder = tmp_path / "own"
    folder.mkdir()
    for name, total in (("a", "12.20"), ("b", "7.00")):
        segments = []
        for number, (text, left) in enumerate((("ACME", 10), ("TOTAL", 50), (total, 90))):
            top = 10 if number == 0 else 40
            box = [left, top, left + 30, top + 10]
            words = [{"id": number, "text": text, "box": box}]
            segments.append({"id": number, "page": 1, "text": text, "box": box, "words": words})
        page = {"number": 1, "width": 200, "height": 100, "segments": segments}
        (folder / f"{name}.json").write_text(json.dumps({"id": name, "pages": [page]}))
        (folder / f"{name}.gold.json").write_text(json.dumps({"total": total}))
    return folder


@pytest.fixture
def command(run: Run, own: Path, tmp_path: Path) -> Run:
    """`hybrid eval run` on the two documents, with more options."""

    def invoke(*more: object, systems: str = "regex,empty") -> Result:
        words: tuple[object, ...] = (
            "eval",
            "run",
            "--dataset",
            "own",
            "--data-root",
            own,
            "--split",
            "all",
        )
        words += ("--schema", "receipt", "--systems", systems, "--out", tmp_path / "run")
        return run(*words, *more)

    return invoke


def results(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "results.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("command", ["eval", "eval run", "eval score", "eval compare"])
def test_help(run: Run, plain: Callable[[str], str], command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage:" in plain(result.output)


def test_help_has_an_example_and_the_exit_codes(run: Run, plain: Callable[[str], str]) -> None:
    text = plain(run("eval", "run", "--help").output)
    for part in ("hybrid eval run --dataset sroie", "--fail-under", "--replay", "Exit codes:"):
        assert part in text


def test_a_run_prints_its_table_and_writes_its_files(command: Run, tmp_path: Path) -> None:
    result = command()
    assert result.exit_code == 0, result.output
    assert "regex" in result.stdout
    assert "95 %" in result.stdout
    assert "report.html" in result.stderr
    names = {p.name for p in (tmp_path / "run").iterdir()}
    assert names == {
        *("config.json", "units.jsonl", "systems.json", "results.json", "report.html"),
        *("predictions.parquet", "documents.parquet", "segments.parquet"),
    }
    assert "<html" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


def test_score_gives_the_same_results_again(command: Run, run: Run, tmp_path: Path) -> None:
    assert command("--seed", 7).exit_code == 0
    folder = tmp_path / "run"
    before = results(folder)
    (folder / "report.html").unlink()
    result = run("eval", "score", folder)
    assert result.exit_code == 0, result.output
    after = results(folder)
    del before["run"]["finished"], after["run"]["finished"]
    assert after == before
    assert (folder / "report.html").exists()


@pytest.mark.parametrize(
    ("threshold", "code"),
    [
        ("regex:field.recall=1", 0),
        ("field.recall=0.5", 1),
        ("field.absent_field_rate=1", 0),
        ("field.hallucination_rate=0", 1),
        ("gcn:field.f1_micro=0", 1),
        ("field.nosuch=1", 2),
        ("nonsense", 2),
    ],
)
def test_fail_under(command: Run, run: Run, tmp_path: Path, threshold: str, code: int) -> None:
    result = command("--fail-under", threshold)
    assert result.exit_code == code, result.output
    assert ("too bad: " in result.stderr) == (code == 1)
    if code == 2:  # found before any work
        assert not (tmp_path / "run").exists()
    else:
        again = run("eval", "score", tmp_path / "run", "--fail-under", threshold)
        assert again.exit_code == code


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "give either FILE.yaml or --dataset"),
        (("--dataset", "nosuch"), "unknown dataset 'nosuch'"),
        (("--dataset", "sroie"), "dataset sroie needs the folder of its release"),
        (("--dataset", "drawn_forms", "--systems", "nosuch"), "unknown system 'nosuch'"),
        (("--dataset", "drawn_forms", "--split", "all"), "has no split 'all'; it has train"),
        (("--dataset", "drawn_forms", "--condition", "x"), "unknown condition 'x'"),
        (("--dataset", "drawn_forms", "--counterfactual", "x"), "no counterfactual 'x'"),
        (("--dataset", "drawn_forms", "--task", "structure"), "drawn_forms has none of the tasks"),
        (("--dataset", "drawn_forms", "--data-root", "a", "--data-root", "b"), "give one for each"),
        (("--dataset", "drawn_forms", "--checkpoint", "a", "--checkpoint", "b"), "one --checkp"),
        (("--dataset", "own", "--data-root", "a", "--split", "all"), "dataset own has no schema"),
        (("no.yaml",), "no.yaml cannot be read"),
    ],
)
def test_bad_usage_does_nothing(
    run: Run, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    result = run("eval", "run", *words, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "run").exists()


def test_majority_on_own_documents(command: Run) -> None:
    result = command(systems="regex,majority")
    assert result.exit_code == 2
    assert "on dataset own choose another split than 'all'" in result.stderr


def test_reasoning_reaches_the_run(run: Run, own: Path, tmp_path: Path) -> None:
    asked = ("--dataset", "own", "--data-root", own, "--split", "all", "--schema", "receipt")
    result = run(
        "eval", "run", *asked, "--systems", "empty", "--reasoning", "--out", tmp_path / "run"
    )
    assert result.exit_code == 0, result.output
    assert results(tmp_path / "run")["run"]["configuration"]["reasoning"] is True


def test_a_file_says_the_whole_run(run: Run, own: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(
        "systems: [regex, empty]\n"
        "datasets: [{name: own, data_root: own, split: all, schema: receipt}]\n"
    )
    assert run("eval", "run", path, "--out", tmp_path / "run").exit_code == 0
    assert len(results(tmp_path / "run")["rows"]) == 2
    result = run("eval", "run", path, "--limit", 1, "--out", tmp_path / "other")
    assert result.exit_code == 2
    assert "--limit has no effect beside FILE.yaml" in result.stderr
    result = run("eval", "run", path, "--dataset", "own")
    assert result.exit_code == 2


def test_another_run_is_not_mixed_in(command: Run) -> None:
    assert command().exit_code == 0
    assert command("--workers", 1).exit_code == 0
    result = command("--limit", 1)
    assert result.exit_code == 1
    assert "was asked for something else (datasets); choose another --out" in result.stderr


def test_a_missing_folder_is_a_failed_run(run: Run, tmp_path: Path) -> None:
    words = ("--dataset", "sroie", "--data-root", tmp_path / "absent", "--systems", "empty")
    result = run("eval", "run", *words, "--out", tmp_path / "run")
    assert result.exit_code == 1
    assert "dataset sroie: there is no folder" in result.stderr
    # Nothing was done, so that another command may take the folder over.
    result = run("eval", "run", *words, "--split", "test", "--out", tmp_path / "run")
    assert "there is no folder" in result.stderr


def test_no_run_to_score(run: Run, tmp_path: Path) -> None:
    result = run("eval", "score", tmp_path / "absent")
    assert result.exit_code == 2
    assert "predictions.parquet is missing: finish the run" in result.stderr


def test_ctrl_c(command: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("hybrid.cli.eval_progress.EvalProgress.advances", interrupt)
        result = command()
    assert result.exit_code == 130
    assert "interrupted" in result.stderr
    assert len((tmp_path / "run" / "units.jsonl").read_text().splitlines()) == 1
    assert command().exit_code == 0
    assert len((tmp_path / "run" / "units.jsonl").read_text().splitlines()) == 4


def test_conditions_and_counterfactuals(command: Run, tmp_path: Path) -> None:
    more = ("--condition", "gold", "--condition", "split-pages", "--counterfactual", "remove-field")
    assert command(*more).exit_code == 0
    conditions = {row["condition"] for row in results(tmp_path / "run")["rows"]}
    assert {"gold", "gold+remove-field"} <= conditions

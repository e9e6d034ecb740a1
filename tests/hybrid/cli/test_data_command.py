"""`hybrid data`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]


@pytest.mark.parametrize("command", ["data", "data list", "data show", "data pull"])
def test_help(run: Run, plain: Callable[[str], str], command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage:" in plain(result.output)


def test_list(run: Run) -> None:
    result = run("data", "list")
    assert result.exit_code == 0
    for name in ("funsd", "xfund_ja", "wildreceipt_openset", "own", "CC BY-NC-SA 4.0"):
        assert name in result.stdout


def test_show(run: Run, tmp_path: Path) -> None:
    box = [10, 10, 90, 20]
    words = [{"id": 0, "text": "12.20", "box": box}]
    segment = {"id": 0, "page": 1, "text": "12.20", "box": box, "words": words}
    page = {"number": 1, "width": 100, "height": 50, "segments": [segment]}
    (tmp_path / "a.json").write_text(json.dumps({"id": "a", "pages": [page]}))
    (tmp_path / "a.gold.json").write_text('{"total": "12.20"}')
    out = tmp_path / "page.html"
    result = run("data", "show", "own", "--data-root", tmp_path, "--split", "all", "--out", out)
    assert result.exit_code == 0, result.output
    assert "documents" in result.stdout
    assert "total" in result.stdout
    assert "12.20" in out.read_text()


def test_show_of_labels_needs_no_root_where_documents_are_drawn(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hybrid.resources import load_evaluation

    drawn = load_evaluation("datasets.drawn_forms")
    monkeypatch.setattr(drawn, "SIZES", {"train": 8, "test": 2})
    result = run("data", "show", "drawn_forms", "--split", "test")
    assert result.exit_code == 0, result.output
    assert "question" in result.stdout
    assert "pairs" in result.stdout


def test_errors_are_one_line(run: Run, tmp_path: Path) -> None:
    for arguments, message, code in (
        (("show", "nothing", "--split", "train"), "unknown dataset 'nothing'", 2),
        (("show", "funsd", "--split", "train"), "needs the folder of its release", 1),
        (("pull", "sroie", "--out", tmp_path), "https://rrc.cvc.uab.es/?ch=13", 1),
        (("pull", "sroi", "--out", tmp_path), "unknown dataset 'sroi'; similar are sroie", 2),
    ):
        result = run("data", *arguments)
        assert result.exit_code == code
        assert message in result.stderr
        assert "Traceback" not in result.output


def test_pull_says_the_licence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hybrid.resources import load_evaluation

    puller = load_evaluation("datasets.pull")
    monkeypatch.setattr(puller, "pull_dataset", lambda name, out, progress: out)
    result = run("data", "pull", "funsd", "--out", tmp_path / "funsd")
    assert result.exit_code == 0, result.output
    assert "non-commercial; no commercial use" in result.stderr
    assert result.stdout.strip() == str(tmp_path / "funsd")

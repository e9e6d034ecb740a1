"""`hybrid extract`: inputs, results, what is done again, and exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from hybrid.extraction import Status
from hybrid.pipeline.defaults import default_checkpoint
from hybrid.schema_sources import resolve_schema

Run = Callable[..., Result]
BoxFile = Callable[[str, str], Path]
Records = Callable[[Path], dict[str, Any]]


def errors(out: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (out / "errors.jsonl").read_text().splitlines()]


def test_writes_json_and_page_and_shows_a_table(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    out = tmp_path / "out"
    result = run("extract", box_file("a.hocr", "[red]ACME shop"), "--out", out)
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in out.iterdir()) == ["a.html", "a.json"]
    for text in ("a.hocr", "company", "[red]ACME", "accepted", "0.50"):
        assert text in result.stdout
    assert "1 done" in result.stderr
    assert extractor.closed == 1


def test_no_html(tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any) -> None:
    out = tmp_path / "out"
    assert run("extract", box_file("a.hocr", "A"), "--out", out, "--no-html").exit_code == 0
    assert [p.name for p in out.iterdir()] == ["a.json"]


def test_folders_and_patterns(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any, records: Records
) -> None:
    box_file("in/a.hocr", "A")
    box_file("in/sub/b.hocr", "B")
    box_file("in/.hidden/c.hocr", "C")
    box_file("in/out/old.hocr", "D")
    box_file("in/gold.json", "E")
    box_file("other/x1.hocr", "F")
    box_file("other/x2.txt", "G")
    out = tmp_path / "in" / "out"
    result = run(
        "extract", tmp_path / "in", tmp_path / "in/a.hocr", tmp_path / "other/x*", "--out", out
    )
    assert result.exit_code == 0, result.output
    assert records(out) == {"a": "A", "b": "B", "x1": "F", "x2": "G"}
    assert len(extractor.seen) == 4


def test_failures_do_not_stop_the_others(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any, records: Records
) -> None:
    out = tmp_path / "out"
    paths = [box_file(f"{w}.hocr", w) for w in ("refuse", "good", "crash")]
    (tmp_path / "empty.png").touch()
    result = run("extract", *paths, tmp_path / "empty.png", tmp_path / "none.pdf", "--out", out)
    assert result.exit_code == 1
    assert records(out) == {"good": "good"}
    found = {Path(e["source"]).name: (e["type"], e["error"]) for e in errors(out)}
    assert found["refuse.hocr"] == ("DocumentError", "refuse: refused")
    assert found["crash.hocr"] == (
        "ZeroDivisionError",
        "unexpected error: ZeroDivisionError: a bug in two lines (run with --debug)",
    )
    assert found["empty.png"][0] == "DocumentError"
    assert found["none.pdf"] == ("FileNotFoundError", "no such file")
    assert "Traceback" not in result.output
    assert result.stderr.count("crash.hocr: unexpected error") == 1
    assert result.stderr.count("empty.png") == 1

    for path in paths:
        box_file(path.name, "fine")
    assert run("extract", *paths, "--out", out).exit_code == 0
    assert not (out / "errors.jsonl").exists()


def test_debug_shows_the_traceback(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    result = run("extract", box_file("c.hocr", "crash"), "--out", tmp_path / "out", "--debug")
    assert result.exit_code == 1
    assert "Traceback" in result.stderr


def test_finished_inputs_are_skipped(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any, records: Records
) -> None:
    out = tmp_path / "out"
    a, b = box_file("a.hocr", "A"), box_file("b.hocr", "B")
    run("extract", a, b, "--out", out)
    box_file("b.hocr", "changed")
    extractor.seen.clear()
    result = run("extract", a, b, "--out", out)
    assert extractor.seen == ["b"]
    assert "1 done, 1 skipped" in result.stderr
    assert "a.hocr (done before)" in result.stdout
    assert records(out) == {"a": "A", "b": "changed"}

    extractor.seen.clear()
    extractor.setting = 2
    run("extract", a, "--out", out)
    assert extractor.seen == ["a"]

    extractor.seen.clear()
    (out / "a.json").write_text('{"data":')
    run("extract", a, "--out", out)
    (out / "b.html").unlink()
    run("extract", b, "--out", out)
    assert extractor.seen == ["a", "b"]
    assert records(out) == {"a": "A", "b": "changed"}


def test_unverified_results_are_done_again(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    out = tmp_path / "out"
    a, b = box_file("a.hocr", "A"), box_file("b.hocr", "B")
    run("extract", a, "--out", out)
    extractor.status = Status.UNVERIFIED
    result = run("extract", b, "--out", out)
    assert result.exit_code == 1
    assert "1 done, 1 not verified by the LLM, which a second run makes good" in result.stderr
    extractor.status = Status.AGREED
    extractor.seen.clear()
    assert run("extract", a, b, "--out", out).exit_code == 0
    assert extractor.seen == ["b"]
    run("extract", a, b, "--out", out)
    assert extractor.seen == ["b"]


def test_inputs_that_share_a_stem_keep_their_names(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any, records: Records
) -> None:
    out = tmp_path / "out"
    b, c = box_file("b/x.hocr", "B"), box_file("c/x.hocr", "C")
    shown = run("extract", c, b, "--out", out).stdout
    assert "b/x.hocr" in shown
    assert "c/x.hocr" in shown
    assert records(out) == {"x": "B", "x-2": "C"}
    a = box_file("a/x.hocr", "A")
    run("extract", a, c, "--out", out)
    assert records(out) == {"x": "B", "x-2": "C", "x-3": "A"}
    assert len(extractor.seen) == 3
    c.rename(tmp_path / "x.hocr")
    run("extract", tmp_path / "x.hocr", "--out", out)
    assert len(extractor.seen) == 3


def test_inputs_and_files_of_others_are_never_overwritten(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    page = box_file("x.html", "A")
    (tmp_path / "y.json").write_text('{"mine": 1}')
    before = page.read_text()
    y = box_file("y.hocr", "B")
    assert run("extract", page, y, "--out", tmp_path).exit_code == 0
    assert page.read_text() == before
    assert json.loads((tmp_path / "y.json").read_text()) == {"mine": 1}
    assert (tmp_path / "x-2.json").is_file()
    assert (tmp_path / "y-2.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.pdf"], "nothing.pdf: no such file"),
        (["no*.pdf"], "no*.pdf: no file matches"),
        (["a.hocr", "--schema", "reciept"], "unknown schema 'reciept'"),
        (["a.hocr", "--llm", "none", "--checkpoint", "nowhere"], "nowhere"),
        (["a.hocr", "--ocr", "tesseract"], "unknown OCR engine 'tesseract'"),
    ],
)
def test_bad_usage_is_one_line_and_loses_nothing(
    tmp_path: Path,
    run: Run,
    box_file: BoxFile,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    box_file("a.hocr", "A")
    box_file("hybrid-output/errors.jsonl", "kept")
    result = run("extract", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert [p.name for p in (tmp_path / "hybrid-output").iterdir()] == ["errors.jsonl"]


def test_unknown_options_are_bad_usage(run: Run) -> None:
    assert run("extract", "a.pdf", "--mode", "loose").exit_code == 2


def test_ctrl_c_keeps_what_is_finished(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any, records: Records
) -> None:
    out = tmp_path / "out"
    names = [box_file(f"{i}.hocr", t) for i, t in enumerate(["A", "ctrl-c", "C", "D", "E"])]
    result = run("extract", *names, "--out", out, "--workers", 1)
    assert result.exit_code == 130
    assert records(out)["0"] == "A"
    assert len(records(out)) < len(names)
    assert "interrupted" in result.stderr
    assert extractor.closed == 1
    assert not list(out.glob(".*"))


@pytest.mark.parametrize(
    ("schema", "expected"),
    [("receipt", "receipts"), ("itemized-receipt", "receipts"), ("form", "forms")],
)
def test_the_checkpoint_fits_the_schema(schema: str, expected: str) -> None:
    assert default_checkpoint(resolve_schema(schema)) == expected


def test_a_schema_without_labels_is_for_forms(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text('{"type": "object", "properties": {"due": {"type": "number"}}}')
    assert default_checkpoint(resolve_schema(str(path))) == "forms"


def test_what_results_warn_of_is_said_once(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    """A server that is down stood in the JSON only, under "2 done" and exit code 0."""
    out = tmp_path / "out"
    paths = [box_file("a.hocr", "A"), box_file("b.hocr", "B")]
    extractor.warnings = ["the LLM is down", "the LLM is down"]
    result = run("extract", *paths, "--out", out)
    assert result.exit_code == 0
    assert result.stderr.count("the LLM is down") == 1
    assert "warning: 2 documents: the LLM is down" in result.stderr
    extractor.setting = 2
    assert "warning: b.hocr: the LLM is down" in run("extract", paths[1], "--out", out).stderr


def test_no_page_of_another_result_is_left(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    out = tmp_path / "out"
    path = box_file("a.hocr", "A")
    run("extract", path, "--out", out)
    run("extract", path, "--out", out, "--no-html")
    assert (out / "a.html").is_file(), "nothing was done again, so it is still its page"
    run("extract", path, "--out", out, "--no-html", "--schema", "form")
    assert [p.name for p in out.iterdir()] == ["a.json"]


def test_a_file_is_no_folder_of_results(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    path = box_file("a.hocr", "A")
    result = run("extract", path, "--out", path)
    assert result.exit_code == 2
    assert f"--out {path} is a file" in result.stderr


def test_a_folder_of_boxes_says_how_they_are_taken(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    box_file("in/gold.json", "E")
    result = run("extract", tmp_path / "in", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "boxes as JSON are taken where they are named" in result.stderr


def test_files_of_other_kinds_in_folders_are_said(
    tmp_path: Path, run: Run, box_file: BoxFile, extractor: Any
) -> None:
    out = tmp_path / "in" / "out"
    for name in ("a.hocr", "sub/b.HEIC", "c.docx", "d.heic", "README", "named.txt"):
        box_file(f"in/{name}", "A")
    for name in (".hidden/c.docx", ".DS_Store", "Thumbs.db", "sub/desktop.ini", "out/old.txt"):
        box_file(f"in/{name}", "B")
    result = run("extract", tmp_path / "in", tmp_path / "in/named.txt", "--out", out)
    assert result.exit_code == 0, result.output
    said = "passed over in folders: 4 files of other kinds (.docx, .heic, no ending)"
    assert said in result.stderr.splitlines()
    result = run("extract", tmp_path / "in/sub/b.HEIC", "--out", tmp_path / "other")
    assert "passed over" not in result.stderr

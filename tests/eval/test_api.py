"""The evaluation as functions, and documents of one's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import hybrid.evaluation
from eval.api import RunConfig, RunResult, read_config, run_evaluation, score_run
from hybrid.errors import HybridError

SAMPLES = Path(__file__).parents[2] / "eval" / "samples"
RECEIPTS = ("receipt-cafe.png", "receipt-hardware.png", "receipt-pharmacy.jpg")


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
        (folder / f"{name}.gold.json").write_text(json.dumps({"total": total, "date": None}))
    return folder


def config(root: Path) -> dict[str, object]:
    dataset = {"name": "own", "data_root": str(root), "split": "all", "schema": "receipt"}
    return {"datasets": [dataset], "systems": ["regex", "empty"]}


def test_a_run_from_python(own: Path, tmp_path: Path) -> None:
    result = run_evaluation(config(own), tmp_path / "run")
    scores = {r["system"]: r for r in result.rows.iter_rows(named=True)}
    assert scores["regex"]["recall"] == 1
    assert scores["regex"]["absent_field_rate"] > 0  # the company, for which there is no gold
    assert "<table>" in result._repr_html_()
    again = RunResult.load(tmp_path / "run")
    assert again.rows.equals(result.rows)
    assert score_run(str(tmp_path / "run")).rows.equals(result.rows)


def test_the_three_forms_of_a_configuration_are_one(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(json.dumps(config(own)))  # JSON is YAML
    out = tmp_path / "run"
    run_evaluation(path, out)
    run_evaluation(str(path), out)
    run_evaluation(config(own), out)
    run_evaluation(RunConfig.model_validate(config(own)), out)
    assert read_config(path) == RunConfig.model_validate(config(own))


def test_a_wrong_configuration_makes_no_folder(own: Path, tmp_path: Path) -> None:
    with pytest.raises(HybridError, match="configuration: datasets: "):
        run_evaluation({"datasets": []}, tmp_path / "run")
    with pytest.raises(HybridError, match="unknown system"):
        run_evaluation({**config(own), "systems": ["nosuch"]}, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_no_finished_run_to_score(tmp_path: Path) -> None:
    with pytest.raises(HybridError, match=r"predictions\.parquet is missing: finish the run"):
        score_run(tmp_path)


@pytest.mark.parametrize("name", hybrid.evaluation.__all__)
def test_everything_is_found_under_its_public_name(name: str) -> None:
    assert getattr(hybrid.evaluation, name) is not None


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        _ = hybrid.evaluation.nosuch


@pytest.mark.slow
def test_documents_of_ones_own_through_ocr(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    for name in RECEIPTS:
        shutil.copy(SAMPLES / "documents" / name, folder)
        gold = json.loads((SAMPLES / "gold" / f"{Path(name).stem}.json").read_text())
        fields = {k: v for k, v in gold["fields"].items() if not k.startswith(("menu[", "sub_"))}
        total = fields.get("total.total", fields.get("total"))
        wanted = {"fields": {"total": total, "company": fields.get("company")}}
        (folder / f"{Path(name).stem}.gold.json").write_text(json.dumps(wanted))
    dataset = {"name": "own", "data_root": folder, "split": "all", "schema": "receipt"}
    result = run_evaluation({"datasets": [dataset], "systems": ["gcn", "regex"]}, tmp_path / "run")
    scores = {r["system"]: r for r in result.rows.iter_rows(named=True)}
    assert scores["gcn"]["n"] == scores["regex"]["n"] == 3
    assert scores["gcn"]["recall"] > 0.5
    assert scores["gcn"]["ungrounded_rate"] == 0

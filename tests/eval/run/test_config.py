from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eval.run.config import RunConfig, read_config, validated
from hybrid.errors import HybridError

SROIE: dict[str, Any] = {"name": "sroie", "data_root": "data"}
OWN: dict[str, Any] = {"name": "own", "data_root": "d", "split": "all"}


def config(**more: Any) -> RunConfig:
    return validated({"datasets": [SROIE], "systems": ["regex"], **more}, "here")


def test_a_yaml_file_with_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_DATA", "/somewhere")
    path = tmp_path / "run.yaml"
    path.write_text(
        "systems: [gcn, 'llm:mode=lenient,shots=2']\n"
        "datasets:\n"
        "  - {name: sroie, data_root: data/sroie, split: test}\n"
        "  - {name: funsd, data_root: $SOME_DATA/funsd, checkpoint: {label: forms}}\n"
        "  - {name: drawn_forms, limit: 3}\n"
    )
    found = read_config(path)
    found.check()
    roots = [d.data_root for d in found.datasets]
    assert roots == [tmp_path / "data/sroie", Path("/somewhere/funsd"), None]
    assert [s.text for s in found.specs] == ["gcn", "llm:mode=lenient,shots=2"]
    assert found.datasets[1].checkpoint_for("label") == "forms"
    assert found.datasets[1].checkpoint_for("field") is None
    assert found.conditions == ("gold",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("datasets: [", r"run\.yaml is not YAML"),
        ("just words", r"run\.yaml: expected keys"),
        ("datasets: []", r"run\.yaml: datasets: "),
        ("datasets: [{name: nosuch}]", r"datasets\.0\.name: unknown dataset 'nosuch'; known are"),
        ("datasets: [{name: sroie, roots: x}]", r"datasets\.0\.roots: Extra"),
        ("datasets: [{name: sroie, limit: 0}]", r"datasets\.0\.limit: "),
        ("datasets: [{name: sroie, data_root: $NO_SUCH_NAME}]", "NO_SUCH_NAME is not set"),
        ("datasets: [{name: sroie}]\nworkers: 0", "workers: "),
        ("datasets: [{name: sroie}]\nsystem: gcn", r"run\.yaml: system: Extra"),
    ],
)
def test_errors_of_a_file_name_the_entry(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "run.yaml"
    path.write_text(text)
    with pytest.raises(HybridError, match=says):
        read_config(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(HybridError, match=r"no\.yaml cannot be read: No such file"):
        read_config(tmp_path / "no.yaml")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"systems": ["nosuch"]}, "unknown system 'nosuch'; known are gcn, llm"),
        ({"systems": ["gcn:mode=lenient"]}, "no option 'mode=lenient'; gcn has: checkpoint"),
        ({"systems": ["regex,regex"]}, "system 'regex' is asked for twice"),
        ({"systems": ["gcn,hybrid"], "llm": "smolm2-135m"}, "similar are smollm2-135m, "),
        ({"systems": ["llm:profile=gpt-9"]}, "unknown model 'gpt-9'; known are"),
        ({"systems": ["hybrid:checkpoint=mine"]}, "mine: there is no such checkpoint folder"),
        (
            {"systems": ["gcn"], "datasets": [{**SROIE, "checkpoint": "mine"}]},
            "mine: there is no such",
        ),
        ({"datasets": [{**OWN, "schema": "no.py:Bill"}]}, "no.py"),
        ({"conditions": ["blurred"]}, "unknown condition 'blurred'"),
        ({"conditions": ["gold", "ocr+ocr-noise=0.1", "ocr+ocr-noise=0.10"]}, "0.1' is asked for"),
        ({"datasets": [SROIE, SROIE]}, r"dataset sroie \(dev\) is asked for twice"),
        ({"datasets": [{**SROIE, "tasks": ["nosuch"]}]}, "dataset sroie: unknown task 'nosuch'"),
        ({"datasets": [{**SROIE, "tasks": ["link"]}]}, "dataset sroie has none .* label, field"),
        ({"datasets": [{**SROIE, "split": "all"}]}, "dataset sroie has no split 'all'; it has tr"),
        ({"datasets": [{"name": "sroie"}]}, "dataset sroie needs the folder of its release"),
        ({"datasets": [{**SROIE, "name": "own", "split": "all"}]}, "dataset own has no schema"),
    ],
)
def test_what_can_be_known_before_any_work(more: dict[str, Any], says: str) -> None:
    with pytest.raises(HybridError, match=says):
        config(**more).check()


@pytest.mark.parametrize("system", ["majority", "llm:shots=2"])
def test_who_learns_needs_other_documents_to_learn_from(system: str) -> None:
    own = {**SROIE, "name": "own", "split": "all", "schema": "receipt"}
    with pytest.raises(HybridError, match=rf"system '{system}' .* another split than 'all'"):
        config(datasets=[own], systems=[system]).check()
    with pytest.raises(HybridError, match="dataset sroie choose another split than 'train'"):
        config(datasets=[{**SROIE, "split": "train"}], systems=[system]).check()
    config(systems=[system]).check()


def test_two_splits_of_a_dataset_are_two(tmp_path: Path) -> None:
    config(datasets=[SROIE, {**SROIE, "split": "test"}]).check()


def test_the_hash_is_of_what_changes_results() -> None:
    assert config().sha256 == config(workers=1, engine="cpu").sha256
    changes = ({"seed": 1}, {"systems": ["gcn"]}, {"llm": "other"}, {"conditions": ["ocr"]})
    for more in (*changes, {"reasoning": True}):
        assert config().sha256 != config(**more).sha256

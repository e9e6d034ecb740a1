"""Whole ablations over twenty drawn forms and a random encoder, with two epochs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from eval.benchmarks import ablation, ablation_data
from eval.benchmarks.ablation import ABLATIONS, Plan, measure, row_code, rows_of
from eval.benchmarks.ablation_data import code_sha256, read_folds
from eval.benchmarks.ablation_table import Run, micro_f1, summarise
from eval.benchmarks.ablation_training import count_labels, train_recipe
from eval.datasets.base import Sample
from eval.datasets.drawn_forms import drawn_sample
from hybrid.cli import app
from hybrid.errors import DatasetError, HybridError, ModelError
from hybrid.gcn.recipes.registry import RECIPES
from hybrid.gcn.scores import label_scores
from hybrid.resources import load_evaluation


class Listener:
    def __init__(self) -> None:
        self.total = self.done = 0
        self.trained: list[str] = []

    def begins(self, total: int, done: int) -> None:
        self.total, self.done = total, done

    def shows(self, what: str, share: float) -> None:
        assert 0 <= share <= 1

    def finished(self, what: str, f1: float, seconds: float) -> None:
        self.trained.append(what)


@pytest.fixture(scope="module")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "name", "date", ":", "number"]
    (folder / "vocab.txt").write_text("\n".join(pieces))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    BertModel(BertConfig(vocab_size=len(pieces), intermediate_size=16, **sizes)).save_pretrained(
        folder
    )
    return folder


@pytest.fixture(scope="module")
def forms() -> list[Sample]:
    return [drawn_sample("train", k) for k in range(20)]


@pytest.fixture(autouse=True)
def few_documents(forms: list[Sample], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path / "home"))

    def load(self: object, root: Path, split: str, limit: int | None = None) -> list[Sample]:
        return (forms[:14] if split == "fit" else forms[14:])[:limit]

    monkeypatch.setattr("eval.datasets.drawn_forms.DrawnForms.load", load)


@pytest.fixture
def plan(tiny_encoder: Path) -> Plan:
    return Plan("drawn_forms", None, ("none", "gbada2024"), 2, None, 2, str(tiny_encoder))


def _refuse(*arguments: object) -> None:
    raise AssertionError("the text encoder was trained once more")


def test_rows_are_compared_with_the_first(plan: Plan, tmp_path: Path) -> None:
    listener = Listener()
    result = measure(plan, tmp_path / "out.json", listener)
    assert [r.recipe for r in result.rows] == ["none", "gbada2024"]
    assert result.documents == 6
    assert listener.trained == [f"{r}, seed {s}" for r in plan.recipes for s in (0, 1)]
    first, second = result.rows
    assert first.difference is first.p is None
    assert second.p is not None
    assert 0 < second.p <= 1
    for row in result.rows:
        assert row.smallest <= row.f1 <= row.largest
        assert row.deviation is not None
        assert not row.stale
        assert row.ece is not None
        assert 0 < row.ece < 1
        assert row.aurc is not None
        assert 0 < row.aurc < 1
    assert json.loads(result.as_json())["rows"][1]["recipe"] == "gbada2024"
    assert result.as_table().row_count == 2


def test_what_is_done_is_not_done_again(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.json"
    before = measure(plan, out, Listener())
    monkeypatch.setattr(ablation_data, "fine_tuned_vectors", _refuse)
    listener = Listener()
    assert measure(plan, out, listener) == before
    assert (listener.total, listener.done, listener.trained) == (4, 4, [])
    more = replace(plan, recipes=("none", "krieger2021"), seeds=3)
    result = measure(more, out, listener)
    assert listener.trained == ["none, seed 2", *(f"krieger2021, seed {s}" for s in range(3))]
    assert result.rows[0].seeds == 3
    for path in (tmp_path / "home" / "ablation").iterdir():
        path.write_bytes(b"damaged")
    with pytest.raises(AssertionError, match="once more"):
        measure(replace(more, recipes=("none", "sdmgr2021")), out, listener)


def test_a_killed_measurement_goes_on(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed = measure(plan, None, Listener())
    calls: list[int] = []

    def die_in_the_third(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return train_recipe(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ablation, "train_recipe", die_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        measure(plan, tmp_path / "out.json", Listener())
    listener = Listener()
    resumed = measure(plan, tmp_path / "out.json", listener)
    assert listener.done == 2
    assert [r.f1 for r in resumed.rows] == [r.f1 for r in undisturbed.rows]


def test_folds_score_each_document_once(plan: Plan, tmp_path: Path) -> None:
    folds = read_folds("drawn_forms", None, 3, None)
    assert sorted(d.document.id for f in folds for d in f.test) == sorted(
        d.document.id for d in (*folds[0].train, *folds[0].early, *folds[0].test)
    )
    for fold in folds:
        used = [d.document.id for d in (*fold.train, *fold.early, *fold.test)]
        assert len(used) == len(set(used)) == 14
    result = measure(replace(plan, folds=3, seeds=1), None, Listener())
    assert result.documents == 14
    assert result.rows[0].deviation is None


def test_other_measurements_and_other_files_are_refused(plan: Plan, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    measure(replace(plan, recipes=("none",), seeds=1), out, Listener())
    with pytest.raises(HybridError, match="with other settings"):
        measure(replace(plan, epochs=3), out, Listener())
    with pytest.raises(HybridError, match="with other limit, documents"):
        measure(replace(plan, limit=9), out, Listener())
    out.write_text("{}")
    with pytest.raises(HybridError, match="no file of `hybrid bench ablation`"):
        measure(plan, out, Listener())
    with pytest.raises(DatasetError, match="too few"):
        measure(replace(plan, limit=4), None, Listener())


def test_pixels_are_reported_where_there_are_none(plan: Plan) -> None:
    result = measure(replace(plan, recipes=("layoutgcn2023",), seeds=1), None, Listener())
    assert result.notes == ("layoutgcn2023: 0 of 20 pages have a picture",)


def test_rows_of_a_command_line() -> None:
    assert rows_of(" default,none", False) == ("default", "none")
    ablations = tuple(f"gbada2024:{switch}" for switch in ABLATIONS)
    assert rows_of("gbada2024,none", True) == ("gbada2024", *ablations, "none")
    assert rows_of("gbada2024:weight=none,directed=false,none", False) == (
        "gbada2024:weight=none,directed=false",
        "none",
    )
    assert rows_of("none,none", False) == ("none",)
    for text, message in (("gcn", "unknown recipe"), ("gbada2024:weight=1", "weight")):
        with pytest.raises(ModelError, match=message):
            rows_of(text, False)
    with pytest.raises(HybridError, match="at least one"):
        rows_of(",", False)


def test_counts_pool_to_the_f1_of_training() -> None:
    gold = ["a", "other", "b", "", "a", "other"]
    predicted = ["a", "b", "a", "a", "other", "other"]
    right, given, there = count_labels(gold, predicted)
    score = label_scores(gold, predicted)["micro"]
    assert (right, given, there) == (1, 3, 3)
    assert score.f1 == pytest.approx(2 * right / (given + there))
    trivial = count_labels(gold, ["other"] * len(gold))
    assert trivial == (0, 0, 3)
    assert micro_f1(np.array(trivial)) == 0


def test_table_of_known_counts() -> None:
    def run(row: str, seed: int, right: int, ece: float | None = None) -> Run:
        counts = [(right, 10, 10)] * 12
        return Run(
            row=row,
            seed=seed,
            fold=0,
            code=row,
            counts=counts,
            early_f1=0.5,
            best_epoch=1,
            parameters=7,
            seconds=2.0,
            ece=ece,
        )

    runs = [run("a", 0, 5, 0.1), run("a", 1, 7, 0.3), run("b", 0, 9, 0.1), run("b", 1, 9)]
    runs.append(run("b", 9, 0))
    result = summarise("d", runs, ["a", "b"], 2, {"a": "a", "b": "new"}, ())
    first, second = result.rows
    assert (first.f1, first.smallest, first.largest) == pytest.approx((0.6, 0.5, 0.7))
    assert first.deviation == pytest.approx(0.1414, abs=1e-4)
    assert (second.f1, second.difference) == pytest.approx((0.9, 0.3))
    assert second.p is not None
    assert second.p < 0.01
    assert (first.stale, second.stale) == (False, True)
    assert first.ece == pytest.approx(0.2)
    assert second.ece is first.aurc is None
    same = summarise("d", runs[:2], ["a"], 2, {"a": "a"}, ()).rows[0]
    assert (same.low, same.high) == pytest.approx((0.6, 0.6))


def test_code_counts_without_comments(tmp_path: Path) -> None:
    texts = ('"""Doc."""\nx = 1  # one\n', "x = (\n    1\n)\n", "x = 2\n")
    one, two, three = (tmp_path / f"{k}.py" for k in range(3))
    for path, text in zip((one, two, three), texts, strict=True):
        path.write_text(text)
    assert code_sha256([str(one)]) == code_sha256([str(two), None])
    assert code_sha256([str(one)]) != code_sha256([str(three)])
    assert len({row_code(name) for name in RECIPES}) == len(RECIPES)


def test_command(
    plan: Plan, forms: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(self: object, root: Path, split: str, limit: int | None = None) -> list[Sample]:
        return list(map(own, (forms[:14] if split == "fit" else forms[14:])[:limit]))

    sample = load_evaluation("datasets.base").Sample

    def own(s: Sample) -> Sample:
        return sample.model_validate(s.model_dump())  # type: ignore[no-any-return]

    drawn = load_evaluation("datasets.drawn_forms")
    monkeypatch.setattr(drawn.DrawnForms, "load", load)
    command = ["bench", "ablation", "--dataset", "drawn_forms", "--encoder", plan.encoder]
    command += ["--recipes", "none,belhadj2021", "--seeds", "1", "--epochs", "1"]
    command += ["--out", str(tmp_path / "out.json"), "--json"]
    found = CliRunner().invoke(app, command)
    assert found.exit_code == 0, found.output
    assert [r["recipe"] for r in json.loads(found.stdout)["rows"]] == ["none", "belhadj2021"]
    assert "belhadj2021, seed 0: F1" in found.stderr
    again = CliRunner().invoke(app, command[:-1])
    assert again.exit_code == 0
    assert "2 of 2 trainings were done before" in again.stderr
    assert "belhadj2021" in again.stdout
    wrong = CliRunner().invoke(app, [*command, "--recipes", "gcn"])
    assert wrong.exit_code == 2
    assert "unknown recipe 'gcn'" in wrong.stderr

"""From a dataset to a tuned model, on receipts that are drawn and written as SROIE's release is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from eval import out_of_fold
from eval import tuning_examples as tuning_examples_module
from eval.datasets.drawn_receipts import drawn_receipt
from eval.datasets.registry import read_dataset
from eval.out_of_fold import Folds, train_folds
from eval.tuning import WORK, tune_model
from eval.tuning_examples import tuning_examples
from hybrid.errors import DatasetError, MissingExtraError, ModelError
from hybrid.gcn.training import TrainingSettings
from hybrid.llm.models import pull
from hybrid.llm.profile import AdapterSource
from hybrid.llm.profiles import load_profile
from hybrid.llm.thinking import check_thinking
from hybrid.tuning.examples import (
    LabelledPages,
    TuningExample,
    examples_from_json,
    extraction_example,
)
from tests.eval.tiny_encoder import tiny_bert
from tests.hybrid.tuning.tiny_llama import tiny_llama

SETTINGS = TrainingSettings(
    text_epochs=1, rank=2, graph_epochs=6, noisy_copies=0, hidden=16, layers=1, members=1
)
COUNT = 14


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a release of 14 training documents, 2 of which are `dev`."""
    root = tmp_path_factory.mktemp("sroie")
    for kind in ("box", "key"):
        (root / "train" / kind).mkdir(parents=True)
    for number in range(COUNT):
        sample = drawn_receipt("train", number)
        lines = []
        for segment in sample.document.segments:
            left, top, right, bottom = (round(x) for x in segment.box.as_tuple())
            corners = (left, top, right, top, right, bottom, left, bottom)
            lines.append(",".join(map(str, corners)) + f",{segment.text}")
        values = {v.path: v.text for v in sample.values or ()}
        name = f"{sample.id}.txt"
        (root / "train" / "box" / name).write_text("\n".join(lines), encoding="utf-8")
        (root / "train" / "key" / name).write_text(json.dumps(values), encoding="utf-8")
    return root


@pytest.fixture(scope="module", autouse=True)
def _many_of_each_kind() -> Iterator[None]:
    """Of so few documents."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tuning_examples_module, "_VERIFIED_SHARE", 1.0)
        yield


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_bert(tmp_path_factory.mktemp("models") / "encoder"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_llama(tmp_path_factory.mktemp("llm") / "tiny-base"))


@pytest.fixture(scope="module")
def folds(release: Path, encoder: str, tmp_path_factory: pytest.TempPathFactory) -> Folds:
    work = tmp_path_factory.mktemp("tuned") / WORK
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(out_of_fold, "shipped_starts", lambda datasets: [])
        return train_folds(["sroie"], [release], work, encoder, settings=SETTINGS)


@pytest.fixture(scope="module")
def examples(release: Path, folds: Folds) -> list[TuningExample]:
    return [e for _, some in tuning_examples("sroie", release, folds, 4096, 0) for e in some]


@pytest.fixture
def tune(
    release: Path,
    encoder: str,
    base: str,
    folds: Folds,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """`tune_model` with small networks, whose folds are there already."""
    monkeypatch.setattr(out_of_fold, "QUICK", SETTINGS)
    monkeypatch.setattr(out_of_fold, "shipped_starts", lambda datasets: [])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("hybrid.llm.models.gpus_gb", lambda: ())
    out = tmp_path / "out"
    shutil.copytree(folds.folder.parent, out / WORK)

    def run(**changed: Any) -> Path:
        values: dict[str, Any] = {
            "datasets": ["sroie"],
            "data_roots": [release],
            "base": base,
            "out": out,
            "name": "tiny-receipts",
            "encoder": encoder,
            "rank": 4,
        }
        tune_model(**(values | changed))
        return out

    return run


def test_dev_documents_never_appear(
    release: Path, examples: list[TuningExample], folds: Folds
) -> None:
    dev = {s.id for s in read_dataset("sroie", release, "dev")}
    fit = {s.id for s in read_dataset("sroie", release, "fit")}
    assert (len(dev), len(fit)) == (2, 12)
    assert {e.document_id for e in examples} <= fit
    assert folds.predictions.keys() == fit
    assert {e.document_id.partition("#")[0] for e in examples}.isdisjoint(dev)


def test_removed_fields_have_no_answer(examples: list[TuningExample]) -> None:
    removed = [e for e in examples if e.removed and e.task == "extract"]
    assert removed
    assert [e for e in examples if not e.removed and e.task == "extract"]
    for example in removed:
        reply = json.loads(example.turns[0].reply)
        assert reply[example.removed or ""] == {"value": "", "lines": []}
        assert any(leaf["value"] for leaf in reply.values())


def test_removed_fields_are_verified_as_none(examples: list[TuningExample]) -> None:
    asked = 0
    for example in examples:
        if example.task != "verify" or not example.removed:
            continue
        for turn in example.turns:
            question = turn.messages[-1].content.split("</page>")[1]
            if f"holds the {example.removed}" in question:
                asked += 1
                assert f"{turn.reply}: none of these lines" in question
    assert asked


def test_every_kind_of_example_is_there(examples: list[TuningExample]) -> None:
    kinds = [(e.task, bool(e.removed)) for e in examples]
    assert set(kinds) == {(task, r) for task in ("extract", "verify") for r in (False, True)}
    assert kinds.count(("verify", False)) > 3


def test_the_same_seed_gives_the_same_examples(
    release: Path, folds: Folds, examples: list[TuningExample]
) -> None:
    few = list(tuning_examples("sroie", release, folds, 4096, 0, limit=2))
    assert [share for share, _ in few] == [0.5, 1.0]
    again = [e for _, some in few for e in some]
    assert again == examples[: len(again)]
    others = tuning_examples("sroie", release, folds, 4096, 1, limit=2)
    assert [e for _, some in others for e in some] != again


def test_a_single_field_is_there_more_often_than_not(examples: list[TuningExample]) -> None:
    """Else "asked alone" would hint at "absent"."""
    alone = [
        json.loads(turn.reply)
        for e in examples
        if e.task == "extract"
        for turn in e.turns
        if len(json.loads(turn.reply)) == 1
    ]
    there = [next(iter(reply.values()))["value"] != "" for reply in alone]
    assert len(there) > 40
    assert sum(there) > len(there) / 2
    assert not all(there)


def test_datasets_without_fixed_fields(release: Path, folds: Folds) -> None:
    with pytest.raises(DatasetError, match="dataset funsd has no fixed fields"):
        list(tuning_examples("funsd", release, folds, 4096, 0))


def test_a_tuned_model(tune: Any, base: str) -> None:
    out = tune(documents=[4])
    training = json.loads((out / "training.json").read_text())
    assert training["datasets"] == ["sroie"]
    assert training["documents"] == 4
    # Questions to verify depend on what the tiny networks doubt; extractions do not.
    assert training["examples"]["extract"] > 0
    assert training["examples"]["extract without a field"] > 0
    assert training["settings"]["rank"] == 4
    assert training["result"]["tokens"] > 1000
    assert training["result"]["loss"] > 0
    assert len(training["data_sha256"]) == 64
    assert "sroie" in (out / "NOTICE").read_text()
    profile = load_profile(out / "tiny-receipts.toml")
    assert isinstance(profile.source, AdapterSource)
    assert (profile.source.base, profile.source.folder) == (base, out)
    assert not (out / WORK / "tuning-state.safetensors").exists()
    # peft reads the adapter, and the merged model is served under the new name.
    from peft import PeftModel

    model = AutoModelForCausalLM.from_pretrained(base)
    layers = PeftModel.from_pretrained(model, out).peft_config["default"].target_modules
    assert {layer.split(".")[-1] for layer in layers} == {
        *("q_proj", "k_proj", "v_proj", "o_proj"),
        *("gate_proj", "up_proj", "down_proj"),
    }
    assert (pull(out / "tiny-receipts.toml") / "model.safetensors").is_file()
    assert profile.served_name == "tiny-receipts"


def test_examples_are_made_once(tune: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tune(documents=[3])
    first = json.loads((out / "training.json").read_text())
    assert first["documents"] == 3
    (file,) = (out / WORK).glob("examples-*-sroie.jsonl")
    # As after a kill in the third document.
    file.write_text(file.read_text()[:-20])
    made: list[str] = []

    def noted(
        pages: LabelledPages, context_tokens: int, parts: Any, *, think: bool = False
    ) -> TuningExample | None:
        made.append(pages.original_id)
        return extraction_example(pages, context_tokens, parts, think=think)

    monkeypatch.setattr(tuning_examples_module, "extraction_example", noted)
    again = json.loads((tune(documents=[3]) / "training.json").read_text())
    assert again["result"]["loss"] == first["result"]["loss"]
    assert len(set(made)) == 1
    assert len(file.read_text().splitlines()) == 3


def test_a_model_that_thinks(tune: Any, tmp_path: Path) -> None:
    thinker = str(tiny_llama(tmp_path / "with-spare-tokens", ["<spare_1>", "<spare_2>"]))
    out = tune(base=thinker, documents=[3], think=True)
    training = json.loads((out / "training.json").read_text())
    assert training["result"]["held_out"].keys() <= {"extract_loss", "verify_loss", "thoughts_loss"}
    lines = next((out / WORK).glob("examples-*-thinking-sroie.jsonl")).read_text().splitlines()
    examples = [e for line in lines for e in examples_from_json(line)]
    assert {bool(turn.thoughts) for e in examples for turn in e.turns} == {True}
    profile = load_profile(out / "tiny-receipts.toml")
    assert profile.kind == ("dense", "reasoning")
    assert (profile.reasoning_parser, profile.thinking_budget) == ("deepseek_r1", 96)
    assert profile.always_thinks
    tokenizer = AutoTokenizer.from_pretrained(pull(out / "tiny-receipts.toml"))
    check_thinking(tokenizer)
    assert set(json.loads((out / "thinking.json").read_text()).values()) == {
        *("<spare_1>", "<spare_2>")
    }
    # One that is tuned in the same place without thoughts is no model that thinks.
    out = tune(base=thinker, documents=[3])
    assert not (out / "thinking.json").exists()
    assert load_profile(out / "tiny-receipts.toml").kind == ("dense",)


@pytest.mark.parametrize(
    ("changed", "error", "message"),
    [
        ({"datasets": ["sroie", "cord_r"]}, DatasetError, "2 datasets: give one data root"),
        ({"documents": [1, 2]}, DatasetError, "1 datasets: .* one number of documents"),
        ({"base": "no-such-model"}, ModelError, "unknown model"),
        ({"base": "minilm-l6-v2"}, ModelError, "is no LLM"),
        ({"think": True}, ModelError, "no two unused special tokens"),
        ({"name": "No Name"}, ModelError, "--name No Name: use lower-case letters"),
        ({"datasets": ["nothing"]}, DatasetError, "nothing"),
    ],
)
def test_what_cannot_be_tuned(
    tune: Any, changed: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        tune(**changed)


def test_without_peft(tune: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "peft", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'hybrid-extract\[train\]'"):
        tune()

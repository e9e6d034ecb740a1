"""Experts that are trained further: better on held-out text, in use, the same after a kill."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner

from hybrid.cli import app
from hybrid.errors import DatasetError, ModelError
from hybrid.gcn.progress_bars import ProgressBars
from hybrid.llm.models import model_path
from hybrid.llm.profiles import load_profile
from hybrid.tuning.mixture import MixtureSettings, imbalance, scores, train_mixture
from hybrid.tuning.texts import read_texts, sequences_of
from tests.hybrid.pipeline.tiny_mixture import tiny_dense, tiny_mixture, tokenizer

FAST = {"steps": 30, "length": 32, "batch": 4, "learning_rate": 3e-3}
ROUTER = "model.layers.0.block_sparse_moe.gate.weight"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HYBRID_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "home"


@pytest.fixture
def mixture(tmp_path: Path) -> Path:
    return tiny_mixture(tmp_path / "mix")


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(60):
        line = f"TOTAL {number % 10}{number % 7}.00 CASH {number % 9}0.00 "
        (folder / f"{number:02}.txt").write_text(2 * line)
    return folder


def train(model: Path, texts: Path, name: str, **changed: Any) -> Path:
    settings = MixtureSettings(**(FAST | changed))
    with ProgressBars() as bars:
        return train_mixture(model, [texts], name, settings, bars)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    found: dict[str, torch.Tensor] = {}
    for file in folder.glob("*.safetensors"):
        found |= load_file(file)
    return found


def test_it_learns_and_writes_what_it_learned(mixture: Path, texts: Path, home: Path) -> None:
    made = train(mixture, texts, "more")
    assert made == home / "models" / "more" == model_path("more")
    report = json.loads((made / "training.json").read_text())
    assert report["after"]["loss"] < 0.8 * report["before"]["loss"]
    assert report["tokens"] == 30 * 4 * 32
    before, after = weights(mixture), weights(made)
    assert before.keys() == after.keys(), "names as vLLM reads them"
    changed = {key for key in before if not torch.equal(before[key].bfloat16(), after[key])}
    assert ROUTER in changed
    assert all("block_sparse_moe" in key for key in changed), "the rest stays as it is"
    assert {w.dtype for w in after.values()} == {torch.bfloat16}
    network = AutoModelForCausalLM.from_pretrained(made, dtype=torch.float32)
    _, held_out = sequences_of(read_texts([texts]), tokenizer(), 32, 0)
    assert scores(network, held_out)["loss"] == pytest.approx(report["after"]["loss"], abs=0.05)
    profile = load_profile("more")
    assert profile.kind == ("moe",)
    assert profile.source.model_dump()["command"] == (
        f"hybrid models train-experts {mixture} --texts {texts} --steps 30 --name more"
    )


def test_equal_experts_come_to_differ(tmp_path: Path, mixture: Path, texts: Path) -> None:
    """As they are after upcycling."""
    file = mixture / "model.safetensors"
    tensors = load_file(file)
    for key in tensors:
        if ".experts." in key:
            first = key.split(".experts.")[0] + ".experts.0." + key.split(".", 6)[-1]
            tensors[key] = tensors[first].clone()
    save_file(tensors, file, metadata={"format": "pt"})
    after = weights(train(mixture, texts, "more"))
    head = "model.layers.1.block_sparse_moe.experts"
    assert torch.equal(tensors[f"{head}.0.w1.weight"], tensors[f"{head}.3.w1.weight"])
    assert not torch.equal(after[f"{head}.0.w1.weight"], after[f"{head}.3.w1.weight"])


def test_the_loss_of_a_layer_that_is_balanced_or_not() -> None:
    even = torch.eye(4).repeat(2, 1) * 50
    assert imbalance([even], 1).item() == pytest.approx(1)
    one_sided = torch.tensor([[50.0, 0, 0, 0]] * 8)
    assert imbalance([one_sided], 1).item() == pytest.approx(4)
    # Opposite layers do not make up for each other.
    other_sided = one_sided.flip(1)
    assert imbalance([one_sided, other_sided], 1).item() == pytest.approx(4)


def test_the_load_is_balanced_where_that_is_asked_for(mixture: Path, texts: Path) -> None:
    busiest = {}
    for balance in (0.0, 10.0):
        made = train(mixture, texts, f"b{balance:.0f}", balance=balance, steps=60)
        report = json.loads((made / "training.json").read_text())
        busiest[balance] = report["after"]["busiest"]
    assert busiest[10.0] < busiest[0.0]
    assert busiest[10.0] < report["before"]["busiest"]


def test_a_killed_training_goes_on_and_ends_the_same(
    mixture: Path, texts: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = weights(train(mixture, texts, "whole"))
    show: Callable[..., None] = ProgressBars.show

    def killed(bars: ProgressBars, stage: str, done: float, figures: dict[str, float]) -> None:
        if done > 0.5:
            raise KeyboardInterrupt
        show(bars, stage, done, figures)

    with monkeypatch.context() as broken:
        broken.setattr(ProgressBars, "show", killed)
        with pytest.raises(KeyboardInterrupt):
            train(mixture, texts, "parts", save_seconds=0)
    assert not (home / "models" / "parts").exists()
    said: list[str] = []
    monkeypatch.setattr(ProgressBars, "say", lambda bars, text: said.append(text))
    parts = weights(train(mixture, texts, "parts", save_seconds=0))
    assert "going on after step 15 of 30" in said[0]
    assert all(torch.equal(whole[key], parts[key]) for key in whole)
    assert not (home / "training" / "parts" / "tuning-state.safetensors").exists()


def test_what_cannot_be_trained(mixture: Path, texts: Path, tmp_path: Path) -> None:
    dense = tiny_dense(tmp_path / "dense")
    with pytest.raises(ModelError, match="dense has the architecture LlamaForCausalLM"):
        train(dense, texts, "x")
    with pytest.raises(ModelError, match=r"qwen3-0\.6b is the name of another model"):
        train(mixture, texts, "qwen3-0.6b")
    with pytest.raises(DatasetError, match="give at least 8000"):
        train(mixture, texts, "x", length=4000)


def test_texts_are_read_from_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "sub" / "b.jsonl").write_text('{"text": "two"}\n\n{"text": " ", "x": 1}\n')
    (tmp_path / "c.csv").write_text("not taken from a folder")
    assert read_texts([tmp_path]) == ["one", "two"]
    assert read_texts([tmp_path / "sub", tmp_path / "a.txt"]) == ["two", "one"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"x", "give a .txt or .jsonl file"),
        ("a.txt", b"\xff\xfe", "a.txt: cannot be read as UTF-8"),
        ("a.txt", b" \n", "no text to learn from"),
        ("a.jsonl", b'{"text": "x"}\n{"t": 1}', 'a.jsonl:2: no JSON object with a "text"'),
        ("a.jsonl", b"[", "a.jsonl:1: no JSON object"),
    ],
)
def test_texts_that_cannot_be_read(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DatasetError, match=said):
        read_texts([tmp_path / name])


def test_every_twentieth_sequence_is_held_out() -> None:
    learned, held_out = sequences_of([str(n) * 10 for n in range(9)] * 10, tokenizer(), 20, 0)
    assert (len(learned), len(held_out)) == (42, 3)
    assert all(len(s) == 20 for s in [*learned, *held_out])


def test_the_command(mixture: Path, texts: Path, home: Path) -> None:
    long = texts / "long.txt"
    long.write_text("".join(f"line {n} of the receipt\n" for n in range(60)))
    words = ["models", "train-experts", str(mixture), "--texts", str(texts), "--name", "more"]
    done = CliRunner().invoke(app, [*words, "--steps", "2"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout.strip() == str(home / "models" / "more")
    assert "experts and routers" in done.stderr

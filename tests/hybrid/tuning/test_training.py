"""An adapter learns replies only, and a killed training ends as one that was left alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from hybrid.errors import DatasetError
from hybrid.gcn.progress_bars import ProgressBars
from hybrid.tuning.lora import TunedModel
from hybrid.tuning.packing import pack
from hybrid.tuning.state import TuningState
from hybrid.tuning.tokens import Branch, TokenTree
from hybrid.tuning.training import TuningResult, TuningSettings, evaluate, train_adapter

SETTINGS = TuningSettings(
    rank=4, alpha=8, learning_rate=2e-2, pack_tokens=128, step_tokens=200, save_seconds=0.0
)
WORK = "work"


def lessons(count: int) -> list[TokenTree]:
    """Which reply is right can be told from the token before it."""
    made: list[TokenTree] = []
    for number in range(count):
        trunk = (1, *((7 * number + k) % 300 + 50 for k in range(30)))
        if number % 2:
            made.append(TokenTree("extract", trunk, (Branch((10, 11, 12, 13), 3),)))
        else:
            asked = (Branch((20 + number % 4, 30 + number % 4), 1), Branch((25, 35), 1))
            made.append(TokenTree("verify", trunk, asked))
    return made


def train(
    llama: Path,
    folder: Path,
    trees: Sequence[TokenTree],
    settings: TuningSettings = SETTINGS,
    data: str = "lessons",
) -> tuple[TunedModel, TuningResult]:
    model = TunedModel(llama, settings.rank, settings.alpha, settings.seed)
    with ProgressBars() as bars:
        result = train_adapter(model, trees, trees[:6], folder / WORK, settings, data, bars)
    return model, result


def test_it_learns(llama: Path, tmp_path: Path) -> None:
    trees = lessons(40)
    untuned = evaluate(TunedModel(llama, 4, 8), trees[:6], SETTINGS)
    settings = replace(SETTINGS, epochs=8, rank=16, alpha=32, learning_rate=1e-2)
    model, result = train(llama, tmp_path, trees, settings)
    # Its frozen vocabulary keeps so small a network from being surer.
    for task in ("extract_loss", "verify_loss"):
        assert result.held_out[task] < 1.6 < 4 < untuned[task]
    assert result.held_out == evaluate(model, trees[:6], settings)
    assert result.loss < 1.6
    assert result.tokens > 0
    assert result.steps % 8 == 0


def test_only_replies_are_learned(llama: Path) -> None:
    model = TunedModel(llama, 4, 8)
    (tree,) = lessons(2)[1:]
    losses = model.reply_losses(pack([tree]))
    assert len(losses) == 3
    other = replace(tree, branches=(Branch((99, *tree.branches[0].tokens[1:]), 3),))
    assert not torch.equal(losses, model.reply_losses(pack([other])))
    # Of the prompt, only what was before the reply could have been a target.
    sequence = pack([tree])
    assert sequence.targets.tolist() == [11, 12, 13]


def test_a_letter_counts_more_than_a_thought(llama: Path) -> None:
    tree = TokenTree("verify", (1, 5, 6), (Branch((10, 11, 12, 13), 3, 2),))
    packed = pack([tree], choice_weight=4.0)
    assert packed.weights.tolist() == [1.0, 1.0, 4.0]
    assert packed.thoughts.tolist() == [True, True, False]
    model = TunedModel(llama, 4, 8)
    losses = model.reply_losses(packed).detach()
    assert evaluate(model, [tree], SETTINGS) == {
        "verify_loss": pytest.approx(float(losses[2]), abs=1e-4),
        "thoughts_loss": pytest.approx(float(losses[:2].mean()), abs=1e-4),
    }


class KillError(Exception):
    """In place of a kill."""


def test_a_killed_training_ends_as_one_that_was_left_alone(
    llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trees = lessons(40)
    settings = replace(SETTINGS, epochs=2)
    whole, expected = train(llama, tmp_path / "whole", trees, settings)
    saves = 0
    save = TuningState.save

    def save_and_die(*arguments: object) -> None:
        nonlocal saves
        save(*arguments)  # type: ignore[arg-type]
        saves += 1
        if saves == 3:
            raise KillError

    with monkeypatch.context() as patched:
        patched.setattr(TuningState, "save", save_and_die)
        with pytest.raises(KillError):
            train(llama, tmp_path / "killed", trees, settings)
    steps: list[int] = []
    monkeypatch.setattr(
        TuningState, "save", lambda self, progress, tensors: steps.append(progress.step)
    )
    resumed, result = train(llama, tmp_path / "killed", trees, settings)
    assert steps == list(range(4, expected.steps + 1))
    assert (result.loss, result.held_out) == (expected.loss, expected.held_out)
    assert result.tokens == expected.tokens
    for name, tensor in whole.adapter_tensors().items():
        assert torch.equal(tensor, resumed.adapter_tensors()[name]), name


@pytest.mark.parametrize("change", ["data", "settings", "broken"])
def test_another_trainings_state_is_not_continued(
    llama: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    trees = lessons(12)
    _, first = train(llama, tmp_path, trees)
    state = TuningState(tmp_path / WORK)
    assert state.path.is_file()
    settings = replace(SETTINGS, learning_rate=1e-3) if change == "settings" else SETTINGS
    if change == "broken":
        state.path.write_bytes(b"no safetensors")
    steps: list[int] = []
    monkeypatch.setattr(
        TuningState, "save", lambda self, progress, tensors: steps.append(progress.step)
    )
    train(llama, tmp_path, trees, settings, "others" if change == "data" else "lessons")
    assert steps == list(range(1, first.steps + 1))


def test_the_state_is_no_pickle(llama: Path, tmp_path: Path) -> None:
    _, result = train(llama, tmp_path, lessons(12))
    state = TuningState(tmp_path / WORK)
    assert {name.split(".")[0] for name in load_file(state.path)} == {"learned", "optimizer"}
    header = state.path.read_bytes()
    length = int.from_bytes(header[:8], "little")
    progress = json.loads(json.loads(header[8 : 8 + length])["__metadata__"]["progress"])
    assert progress["step"] == result.steps
    state.remove()
    assert not state.path.exists()


def test_nothing_to_learn(llama: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no examples to learn from"):
        train(llama, tmp_path, [])


def test_a_seed_gives_one_result(llama: Path, tmp_path: Path) -> None:
    first, _ = train(llama, tmp_path / "a", lessons(12))
    again, _ = train(llama, tmp_path / "b", lessons(12))
    other, _ = train(llama, tmp_path / "c", lessons(12), replace(SETTINGS, seed=1))
    name = min(first.adapter_tensors())
    assert torch.equal(first.adapter_tensors()[name], again.adapter_tensors()[name])
    assert not torch.equal(first.adapter_tensors()[name], other.adapter_tensors()[name])

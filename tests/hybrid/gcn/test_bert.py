"""Our BERT gives what transformers' gives, and leaves to it what is no plain BERT."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from transformers import BertConfig, BertForMaskedLM, BertModel

from hybrid.gcn.bert import Bert, load_bert
from hybrid.gcn.low_rank import add_low_rank, low_rank_state

IDS = torch.tensor([[2, 9, 11, 30, 3], [2, 14, 3, 0, 0]])
PADDING = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


@pytest.fixture
def bert(tiny_encoder: Path) -> Bert:
    loaded = load_bert(tiny_encoder)
    assert loaded is not None
    return loaded


@pytest.fixture
def reference(tiny_encoder: Path) -> nn.Module:
    return BertModel.from_pretrained(tiny_encoder).eval()  # type: ignore[no-any-return]


@pytest.fixture
def folder(tiny_encoder: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(tiny_encoder, tmp_path / "encoder"))


def _change(folder: Path, **values: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def _state(model: nn.Module, *arguments: Tensor, **keywords: Tensor) -> Tensor:
    state: Tensor = model(*arguments, **keywords).last_hidden_state
    return state


def test_padded_texts(bert: Bert, reference: nn.Module) -> None:
    found = _state(bert, input_ids=IDS, attention_mask=PADDING)
    expected = _state(reference, input_ids=IDS, attention_mask=PADDING)
    torch.testing.assert_close(found[PADDING.bool()], expected[PADDING.bool()])


def test_positions_and_an_added_mask(bert: Bert, reference: nn.Module) -> None:
    positions = torch.tensor([[0, 1, 0, 1, 2]] * 2)
    apart = torch.tensor([0, 0, 1, 1, 1])
    mask = torch.zeros(2, 1, 5, 5).masked_fill(apart[:, None] != apart, float("-inf"))
    inputs = {"input_ids": IDS, "attention_mask": mask, "position_ids": positions}
    torch.testing.assert_close(_state(bert, **inputs), _state(reference, **inputs))


def test_dropout_draws_the_same_in_training(bert: Bert, reference: nn.Module) -> None:
    states = []
    for model in (bert.train(), reference.train()):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(3)
            states.append(_state(model, input_ids=IDS, attention_mask=torch.ones_like(IDS)))
    torch.testing.assert_close(*states)
    bert.eval()
    assert not torch.allclose(states[0], _state(bert, IDS, torch.ones_like(IDS)), atol=1e-3)


def test_deltas_have_the_same_names(bert: Bert, reference: nn.Module) -> None:
    for model in (bert, reference):
        add_low_rank(model, rank=2, alpha=4.0)
    shapes = [
        {name: value.shape for name, value in low_rank_state(model).items()}
        for model in (bert, reference)
    ]
    assert shapes[0] == shapes[1]
    assert "encoder.layer.0.attention.self.query.down" in shapes[0]


def test_loading_draws_no_random_numbers(tiny_encoder: Path) -> None:
    before = torch.random.get_rng_state()
    load_bert(tiny_encoder)
    assert torch.equal(before, torch.random.get_rng_state())


def test_an_encoder_with_a_head_beside_it(tmp_path: Path) -> None:
    config = BertConfig(
        vocab_size=40,
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
    )
    model = BertForMaskedLM(config).eval()
    model.save_pretrained(tmp_path)
    loaded = load_bert(tmp_path)
    assert loaded is not None
    found = _state(loaded, input_ids=IDS, attention_mask=PADDING)
    expected = _state(model.bert, input_ids=IDS, attention_mask=PADDING)
    torch.testing.assert_close(found[PADDING.bool()], expected[PADDING.bool()])


def test_half_precision_is_read_as_float32(folder: Path, reference: nn.Module) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file({name: v.half() for name, v in weights.items()}, folder / "model.safetensors")
    loaded = load_bert(folder)
    assert loaded is not None
    found = _state(loaded, input_ids=IDS, attention_mask=torch.ones_like(IDS))
    assert found.dtype == torch.float32
    expected = _state(reference, input_ids=IDS, attention_mask=torch.ones_like(IDS))
    torch.testing.assert_close(found, expected, atol=2e-2, rtol=2e-2)


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "roberta"},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"is_decoder": True},
        {"num_hidden_layers": 2},  # of which the weights are not there
        {"intermediate_size": 12},  # of which the weights are others
        {"hidden_size": "wide"},
    ],
)
def test_what_is_no_plain_bert_is_left_to_transformers(
    folder: Path, change: dict[str, object]
) -> None:
    _change(folder, **change)
    assert load_bert(folder) is None


def test_files_that_are_missing_or_broken(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"no weights")
    assert load_bert(folder) is None
    (folder / "model.safetensors").unlink()
    assert load_bert(folder) is None
    (folder / "config.json").write_text("{")
    assert load_bert(folder) is None

"""Packed, texts get the vectors that they get alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import RobertaConfig, RobertaModel

from hybrid.gcn import packed_linear, packing
from hybrid.gcn.encoder import TextEncoder
from hybrid.gcn.packed_linear import PackedLinear, pack_linear_layers
from hybrid.gcn.packing import can_pack, packs

TEXTS = [f"{'total ' * (k % 7)}{k} a{'b' * (k % 30)}" for k in range(120)]


def test_vectors_are_those_of_padded_batches(tiny_encoder: Path) -> None:
    encoder = TextEncoder(tiny_encoder)
    assert can_pack(encoder.backbone)
    with torch.no_grad():
        padded = encoder(TEXTS)
    torch.testing.assert_close(encoder.encode(TEXTS), padded, atol=1e-5, rtol=1e-5)
    encoder.add_deltas(rank=2, alpha=4.0)
    encoder.merge_deltas()
    torch.testing.assert_close(encoder.encode(TEXTS), padded, atol=1e-5, rtol=1e-5)


def test_texts_are_cut_into_rows_and_none_is_lost() -> None:
    texts = [[1] * (1 + k * 7 % 48) for k in range(200)]
    cut = list(packs(texts))
    assert [k for part in cut for k in range(200)[part]] == list(range(200))
    assert len(cut) > 1
    assert max(sum(map(len, texts[part])) for part in cut) <= packing._ROW * packing._ROWS
    assert list(packs([])) == []
    assert list(packs([[1] * 500, [1]])) == [slice(0, 2)]


def test_a_backbone_that_counts_positions_otherwise_is_not_packed() -> None:
    config = RobertaConfig(
        vocab_size=9,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    assert not can_pack(RobertaModel(config).eval())


def test_an_encoder_that_cannot_be_packed_is_padded(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = TextEncoder(tiny_encoder).encode(TEXTS)
    monkeypatch.setattr("hybrid.gcn.encoder.can_pack", lambda backbone: False)
    found = TextEncoder(tiny_encoder).encode(TEXTS)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_linear_layers_stay_where_the_operators_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2, bias=False))
    x = torch.linspace(-1, 1, 8).reshape(2, 4)
    expected = module(x)
    monkeypatch.setattr(packed_linear, "_works", lambda: False)
    pack_linear_layers(module)
    assert type(module[0]) is nn.Linear
    monkeypatch.undo()
    pack_linear_layers(module)
    assert all(isinstance(module[k], nn.Linear | PackedLinear) for k in (0, 2))
    with torch.no_grad():
        torch.testing.assert_close(module(x), expected, atol=1e-5, rtol=1e-5)

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from hybrid.errors import CheckpointError, ModelError
from hybrid.gcn.encoder import TextEncoder, encoder_sha256

TEXTS = ["total 12.20", "date 01/02/2018", "a much longer line of text than the others", "x", ""]


def test_vectors_do_not_depend_on_the_batch_or_the_cache(tiny_encoder: Path) -> None:
    encoder = TextEncoder(tiny_encoder)
    together = encoder.encode(TEXTS)
    assert together.shape == (5, 32)
    torch.testing.assert_close(encoder.encode(TEXTS), together)
    fresh = TextEncoder(tiny_encoder)
    alone = torch.cat([fresh.encode([text]) for text in TEXTS])
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=1e-5)


def test_repeats_and_no_texts(tiny_encoder: Path) -> None:
    encoder = TextEncoder(tiny_encoder)
    twice = encoder.encode(["total", "x", "total"])
    assert torch.equal(twice[0], twice[2])
    assert encoder.encode([]).shape == (0, 32)


def test_long_texts_are_cut(tiny_encoder: Path) -> None:
    assert bool(torch.isfinite(TextEncoder(tiny_encoder).encode(["7 " * 5000])).all())


def test_deltas_start_at_zero_train_alone_and_merge(tiny_encoder: Path) -> None:
    encoder = TextEncoder(tiny_encoder)
    before = encoder.encode(TEXTS)
    encoder.add_deltas(rank=2, alpha=4.0)
    torch.testing.assert_close(encoder.encode(TEXTS), before)
    trainable = {name for name, p in encoder.named_parameters() if p.requires_grad}
    assert trainable == {f"backbone.{name}" for name in encoder.deltas()}
    # query, key, value, output and the two feed-forward layers; the pooler has none
    assert len(trainable) == 12
    with torch.no_grad():
        for name, parameter in encoder.named_parameters():
            if name in trainable:
                parameter.add_(0.1)
    encoder.forget()
    changed = encoder.encode(TEXTS)
    assert (changed - before).abs().max() > 0.01
    encoder.merge_deltas()
    assert encoder.deltas() == {}
    torch.testing.assert_close(encoder.encode(TEXTS), changed, atol=1e-4, rtol=1e-4)


def test_deltas_of_another_rank_are_refused(tiny_encoder: Path) -> None:
    one, two = TextEncoder(tiny_encoder), TextEncoder(tiny_encoder)
    one.add_deltas(rank=2, alpha=4.0)
    two.add_deltas(rank=3, alpha=4.0)
    with pytest.raises(CheckpointError, match="do not fit the encoder"):
        one.load_deltas(two.deltas())


def test_a_folder_without_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json is missing"):
        TextEncoder(tmp_path)
    with pytest.raises(ModelError, match="weights are missing"):
        encoder_sha256(tmp_path)


def test_a_broken_encoder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        TextEncoder(tmp_path)
    assert "\n" not in str(caught.value)

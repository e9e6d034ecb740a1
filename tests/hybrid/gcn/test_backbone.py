"""Which encoders are read by this package, which by transformers, and that it makes no difference."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from hybrid.errors import ModelError
from hybrid.gcn import backbone
from hybrid.gcn.backbone import MAX_WORD_PIECES, load_backbone
from hybrid.gcn.bert import Bert
from hybrid.gcn.encoder import TextEncoder

TEXTS = ["Total 12.20", "", "  ", "[SEP] [MASK]", "Straße 7/8", "7 " * 500, "日本"]


@pytest.fixture
def folder(tiny_encoder: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return Path(shutil.copytree(tiny_encoder, tmp_path / "encoder"))


def test_texts_have_the_pieces_of_transformers(tiny_encoder: Path) -> None:
    own, theirs = load_backbone(tiny_encoder), backbone._by_transformers(tiny_encoder)
    assert isinstance(own.network, Bert)
    assert not isinstance(theirs.network, Bert)
    assert own.width == theirs.width == 32
    pieces = own.tokenize(TEXTS)
    assert pieces == theirs.tokenize(TEXTS)
    assert min(map(len, pieces)) == 2
    assert max(map(len, pieces)) == MAX_WORD_PIECES


def test_vectors_are_those_with_transformers(
    tiny_encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = TextEncoder(tiny_encoder).encode(TEXTS)
    monkeypatch.setattr(backbone, "load_bert", lambda folder: None)
    torch.testing.assert_close(TextEncoder(tiny_encoder).encode(TEXTS), own)


def test_a_bert_whose_tokenizer_is_a_vocabulary_is_read_by_transformers(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    loaded = load_backbone(folder)
    assert not isinstance(loaded.network, Bert)
    assert loaded.tokenize(["total"]) == load_backbone(folder).tokenize(["total"])


def test_a_broken_tokenizer_is_a_clear_error(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_backbone(folder)

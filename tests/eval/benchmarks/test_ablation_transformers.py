"""LayoutLMv3 and LiLT of one layer with random weights, on small drawn forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from eval.benchmarks import ablation, ablation_transformers
from eval.benchmarks.ablation import row_code, rows_of
from eval.benchmarks.ablation_data import Fold
from eval.benchmarks.ablation_transformers import train_transformer, weights_of
from hybrid.document import BoundingBox, Document, Page, Word, segment_of
from hybrid.errors import ModelError
from hybrid.gcn.labelled import UNKNOWN, LabelledDocument
from hybrid.gcn.training import TrainingSettings

TEXTS = {"name": "question", "anna": "answer", "date": "question", "monday": "answer", "x": "other"}
KNOWN = frozenset({"other", "question", "answer"})
SIZES: dict[str, Any] = {
    "vocab_size": 16,
    "hidden_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "max_position_embeddings": 520,
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
}


def _document(number: int, lines: int = 5, label: str = "") -> LabelledDocument:
    segments, labels = [], []
    for k in range(lines):
        text = list(TEXTS)[(k + number) % len(TEXTS)]
        box = BoundingBox(left=10, top=10 + 20 * k, right=60, bottom=22 + 20 * k)
        segments.append(segment_of(k, 1, [Word(id=k, text=text, box=box)]))
        labels.append(label if k == 0 and label != "" else TEXTS[text])
    page = Page(number=1, width=100, height=20 * lines + 20, segments=tuple(segments))
    return LabelledDocument(Document(id=f"d{number}", pages=(page,)), tuple(labels), KNOWN, "d")


@pytest.fixture(scope="module", params=["layoutlmv3", "lilt"])
def row(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    from transformers import (
        LayoutLMv3Config,
        LayoutLMv3ForTokenClassification,
        LiltConfig,
        LiltForTokenClassification,
    )

    folder: Path = tmp_path_factory.mktemp(request.param)
    words = ["<s>", "<pad>", "</s>", "<unk>", "-", *TEXTS]
    tokenizer = Tokenizer(WordLevel({w: k for k, w in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        if request.param == "lilt":
            LiltForTokenClassification(LiltConfig(**SIZES)).save_pretrained(folder)
        else:
            boxes = {"coordinate_size": 4, "shape_size": 4, "input_size": 32, "patch_size": 16}
            config = LayoutLMv3Config(**SIZES, **boxes)
            LayoutLMv3ForTokenClassification(config).save_pretrained(folder)
    return f"{request.param}:path={folder}"


def test_learns_to_tell_words_apart(
    row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ablation_transformers, "_LEARNING_RATE", 2e-2)
    Image.new("RGB", (50, 60), "white").save(tmp_path / "d0.png")
    documents = [_document(k) for k in range(12)]
    fold = Fold(0, documents[:8], documents[8:10], documents[10:], {"d0": tmp_path / "d0.png"})
    shares: list[float] = []
    settings = TrainingSettings(graph_epochs=12, patience=12)
    trained = train_transformer(fold, row, settings, shares.append)
    assert [c[2] for c in trained.counts] == [4, 4]
    assert sum(c[0] for c in trained.counts) >= 7
    assert trained.early_f1 > 0.9
    assert trained.best_epoch >= 1
    assert shares[-1] == 1.0
    again = train_transformer(fold, row, settings, shares.append)
    assert again.counts == trained.counts


def test_long_pages_are_read_in_windows_and_unknown_labels_are_left_out(row: str) -> None:
    long = _document(0, lines=600)
    hidden = LabelledDocument(long.document, (UNKNOWN,) * 600, KNOWN, "d")
    empty = LabelledDocument(Document(id="e", pages=long.document.pages), long.labels, KNOWN, "d")
    fold = Fold(0, [long, hidden], [_document(1)], [empty, hidden], {})
    trained = train_transformer(fold, row, TrainingSettings(graph_epochs=1), lambda _: None)
    gold = sum(label != "other" for label in long.labels)
    assert [c[2] for c in trained.counts] == [gold, 0]


def test_rows_name_their_weights(row: str, tmp_path: Path) -> None:
    assert rows_of(f"default,{row}", False) == ("default", row)
    assert row_code(row) != row_code("default")
    assert ablation._sees_pixels(row) == row.startswith("layoutlmv3")
    name = row.partition(":")[0]
    for wrong in (name, f"{name}:folder=x", f"{name}:path="):
        with pytest.raises(ModelError, match=f"name the folder of the weights, {name}:path=DIR"):
            weights_of(wrong)
    with pytest.raises(ModelError, match=r"config\.json, tokenizer\.json, model\.safetensors"):
        rows_of(f"{name}:path={tmp_path}", False)


def test_a_folder_of_something_else(row: str, tmp_path: Path) -> None:
    for name in ("tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_bytes((weights_of(row) / name).read_bytes())
    (tmp_path / "config.json").write_text("{}")
    fold = Fold(0, [_document(0)], [_document(1)], [_document(2)], {})
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        train_transformer(fold, f"lilt:path={tmp_path}", TrainingSettings(), lambda _: None)
    assert "\n" not in str(caught.value)
    name, _, folder = row.partition(":path=")
    other = "lilt" if name == "layoutlmv3" else "layoutlmv3"
    with pytest.raises(ModelError, match=f"this is a {name}, not a {other}"):
        train_transformer(fold, f"{other}:path={folder}", TrainingSettings(), lambda _: None)

"""A tiny random BERT and small receipts drawn in memory: training that takes seconds."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from hybrid.document import BoundingBox, Document, Page, Segment, Word
from hybrid.gcn.labelled import LabelledDocument

Line = tuple[str, str, float, float]
KNOWN = frozenset({"other", "company", "date", "total"})


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of one layer and random weights."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("encoder")
    characters = string.ascii_lowercase + string.digits + ".,:/-$"
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "total", "date", "shop"]
    pieces += [*characters, *(f"##{c}" for c in characters)]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(pieces), encoding="utf-8")
    tokenizer = BertTokenizerFast(vocab=str(vocabulary), do_lower_case=True)
    tokenizer.save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)
    return folder


def build_document(name: str, lines: list[Line], pages: int = 1) -> Document:
    """Lines `(text, label, left, top)` on pages of 400 by 600, spread in order over the pages."""
    made: list[Page] = []
    per_page = -(-len(lines) // pages)
    for number in range(pages):
        segments = []
        for offset, (text, _, left, top) in enumerate(
            lines[number * per_page : (number + 1) * per_page]
        ):
            segment_id = number * per_page + offset
            words = []
            x = left
            for position, part in enumerate(text.split()):
                box = BoundingBox(left=x, top=top, right=x + 8 * len(part), bottom=top + 12)
                words.append(Word(id=100 * segment_id + position, text=part, box=box))
                x += 8 * len(part) + 8
            box = BoundingBox(left=left, top=top, right=max(x - 8, left), bottom=top + 12)
            segments.append(
                Segment(id=segment_id, page=number + 1, text=text, box=box, words=tuple(words))
            )
        made.append(Page(number=number + 1, width=400, height=600, segments=tuple(segments)))
    return Document(id=name, pages=tuple(made))


@pytest.fixture
def make_document() -> Callable[..., Document]:
    return build_document


def _receipt(number: int) -> LabelledDocument:
    rng = random.Random(number)
    shop = "".join(rng.choices(string.ascii_lowercase, k=6))
    amounts = [rng.randint(100, 999) / 100 for _ in range(3)]
    day = f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/2018"
    lines: list[Line] = [(f"shop {shop}", "company", 120, 20), (f"date {day}", "date", 20, 60)]
    for row, amount in enumerate(amounts):
        item = "".join(rng.choices(string.ascii_lowercase, k=5))
        lines.append((item, "other", 20, 100 + 20 * row))
        lines.append((f"{amount:.2f}", "other", 300, 100 + 20 * row))
    lines.append((f"total {sum(amounts):.2f}", "total", 200, 200))
    document = build_document(f"receipt-{number}", lines)
    return LabelledDocument(document, tuple(label for _, label, _, _ in lines), KNOWN, "drawn")


@pytest.fixture(scope="session")
def receipts() -> list[LabelledDocument]:
    return [_receipt(number) for number in range(30)]

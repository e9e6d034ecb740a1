"""A text encoder of one layer with random weights."""

from __future__ import annotations

from pathlib import Path


def tiny_bert(folder: Path) -> Path:
    """Saves a BERT that knows nine pieces of words."""
    from transformers import BertConfig, BertModel, BertTokenizerFast

    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "name", "date", ":", "number"]
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(pieces))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(folder)
    return folder

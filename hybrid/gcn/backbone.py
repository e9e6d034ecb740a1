"""A text encoder's network and tokenizer from a local folder.

BERT is read by this package and by `tokenizers` alone; anything else by transformers, whose import
takes longer than reading a page and which is therefore left out where it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from hybrid.errors import ModelError
from hybrid.gcn.bert import load_bert

MAX_WORD_PIECES = 48
"""Longer texts are cut: segments are lines, and a line of more pieces is a paragraph."""

_TOKENIZER = "tokenizer.json"

Tokenize = Callable[[Sequence[str]], list[list[int]]]
"""Texts to the ids of their word pieces, marks of beginning and end among them, at least one each."""


@dataclass(frozen=True)
class Backbone:
    """An encoder as it was trained by others.

    Attributes:
        network: In evaluation mode and float32. It is called with `input_ids`, `attention_mask` and
            perhaps `position_ids`, and gives an object with `last_hidden_state`.
        width: Of its vectors.
        tokenize: Its tokenizer.
    """

    network: nn.Module
    width: int
    tokenize: Tokenize


def load_backbone(folder: Path) -> Backbone:
    """Reads an encoder in the Hugging Face layout from a local folder; no server is ever asked.

    Raises:
        ModelError: If the folder does not hold an encoder.
    """
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"{folder}: no text encoder here (config.json is missing); "
            "bring one with `hybrid models pull minilm-l6-v2`"
        )
    bert = load_bert(folder)
    tokenize = _own_tokenizer(folder) if bert is not None else None
    if bert is not None and tokenize is not None:
        return Backbone(bert, bert.config.hidden_size, tokenize)
    return _by_transformers(folder)


def _own_tokenizer(folder: Path) -> Tokenize | None:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
    except Exception:  # tokenizers raises no other; transformers says what is wrong
        return None
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_WORD_PIECES)

    def tokenize(texts: Sequence[str]) -> list[list[int]]:
        return [made.ids for made in tokenizer.encode_batch(list(texts))]

    return tokenize


def _by_transformers(folder: Path) -> Backbone:
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        network = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{folder}: the text encoder cannot be loaded: {reason}") from error

    def tokenize(texts: Sequence[str]) -> list[list[int]]:
        made = tokenizer(list(texts), truncation=True, max_length=MAX_WORD_PIECES)
        ids: list[list[int]] = made.input_ids
        return ids

    return Backbone(network.eval(), int(network.config.hidden_size), tokenize)

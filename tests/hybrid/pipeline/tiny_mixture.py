"""A tiny random mixture of experts with a tokenizer of single characters."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MixtralConfig,
    MixtralForCausalLM,
    PreTrainedTokenizerFast,
)

SHAPE: dict[str, Any] = {
    "hidden_size": 32,
    "intermediate_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 4096,
    "initializer_range": 0.5,
}


def tokenizer() -> PreTrainedTokenizerFast:
    characters = ["?", *string.printable]
    model = models.WordLevel(dict(zip(dict.fromkeys(characters), range(200), strict=False)), "?")
    made = Tokenizer(model)
    made.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return PreTrainedTokenizerFast(tokenizer_object=made, unk_token="?")


def tiny_mixture(folder: Path, experts: int = 4, chat_template: str | None = None) -> Path:
    """Saves one, two of whose experts read each token."""
    torch.manual_seed(0)
    config = MixtralConfig(
        **SHAPE, vocab_size=200, num_local_experts=experts, num_experts_per_tok=2
    )
    MixtralForCausalLM(config).save_pretrained(folder)
    words = tokenizer()
    words.chat_template = chat_template
    words.save_pretrained(folder)
    return folder


def tiny_dense(folder: Path) -> Path:
    """Saves a model without experts."""
    torch.manual_seed(0)
    LlamaForCausalLM(LlamaConfig(**SHAPE, vocab_size=200)).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder

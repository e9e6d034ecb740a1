"""A tiny random Llama with a tokenizer of its own and SmolLM2's way of writing a chat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
_CORPUS = [
    "You read fields off a scanned document and answer with JSON. The document stands between "
    '<page> and </page>, one line of text each. {"total": {"value": "12.20", "lines": [5]}}',
    "Which line holds the date of this document? A: none of these lines. Answer with one letter:",
]


def tiny_tokenizer(spare: Sequence[str] = ()) -> PreTrainedTokenizerFast:
    """Bytes, and the pairs that are frequent in our prompts.

    Args:
        spare: Further special tokens, which nothing uses.
    """
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=[*SPECIAL, *spare],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    made.train_from_iterator(_CORPUS, trainer)
    words = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|im_end|>")
    words.chat_template = TEMPLATE
    return words


def tiny_llama(folder: Path, spare: Sequence[str] = (), **changed: int) -> Path:
    """Saves one of two layers, 32 wide, whose queries share keys by two."""
    torch.manual_seed(0)
    shape = {
        "vocab_size": 400,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 4096,
    } | changed
    # Weights large enough for logits that differ from token to token.
    model = LlamaForCausalLM(LlamaConfig(**shape, initializer_range=0.2, tie_word_embeddings=True))
    model.to(torch.bfloat16).save_pretrained(folder)
    tiny_tokenizer(spare).save_pretrained(folder)
    return folder

"""Gemma 3 in small: random weights of its shape, in the kind of file that its profile fetches."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

LAYERS, WIDTH, HEADS, HEAD, INNER = 6, 64, 4, 32, 128
"""Five layers with a sliding window and one without, as often as in the real one."""
BEGIN = 2
"""Of every text: the token <bos>."""


def write_tiny_gemma(file: Path) -> None:
    """Writes a quantised GGUF file whose tokenizer knows ASCII by character, and all else by byte."""
    writer = gguf.GGUFWriter(file, "gemma3")
    writer.add_context_length(4096)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_sliding_window(512)
    writer.add_rope_freq_base(1e6)
    words = _add_tokenizer(writer)
    rng = np.random.default_rng(0)
    for name, shape in _shapes(words).items():
        values = (rng.standard_normal(shape) * 0.05).astype(np.float32)
        if len(shape) == 1:
            writer.add_tensor(name, values)
        else:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: gguf.GGUFWriter) -> int:
    letters = ["▁", *map(chr, range(33, 127))]
    control, unknown, byte, normal = 3, 2, 6, 1
    writer.add_tokenizer_model("llama")
    tokens = ["<pad>", "<eos>", "<bos>", "<unk>", *(f"<0x{n:02X}>" for n in range(256)), *letters]
    writer.add_token_list(tokens)
    writer.add_token_scores([-1000.0] * 260 + [-float(n) for n in range(len(letters))])
    kinds = [control] * 3 + [unknown] + [byte] * 256 + [normal] * len(letters)
    writer.add_token_types(kinds)
    writer.add_pad_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_bos_token_id(BEGIN)
    writer.add_unk_token_id(3)
    writer.add_add_bos_token(True)
    return len(tokens)


def _shapes(words: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (words, WIDTH),
        "output_norm.weight": (WIDTH,),
    }
    for number in range(LAYERS):
        layer: dict[str, tuple[int, ...]] = {
            "attn_q": (HEADS * HEAD, WIDTH),
            "attn_k": (HEAD, WIDTH),
            "attn_v": (HEAD, WIDTH),
            "attn_output": (WIDTH, HEADS * HEAD),
            "attn_q_norm": (HEAD,),
            "attn_k_norm": (HEAD,),
            "attn_norm": (WIDTH,),
            "post_attention_norm": (WIDTH,),
            "ffn_norm": (WIDTH,),
            "post_ffw_norm": (WIDTH,),
            "ffn_gate": (INNER, WIDTH),
            "ffn_up": (INNER, WIDTH),
            "ffn_down": (WIDTH, INNER),
        }
        shapes |= {f"blk.{number}.{name}.weight": shape for name, shape in layer.items()}
    return shapes

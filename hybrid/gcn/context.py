"""What a small language model makes of a segment among the others of its page.

The text encoder reads a segment by itself. A causal language model that reads the page from the first
segment on knows what came before, and its middle layers hold what it expects to come after: a question
looks forward to its answer. With a hundred forms to learn from, that is worth three points of F1 on
FUNSD (docs/gcn.md). The model is frozen and only its first layers run; it reads boxes in the order of
the page and never writes, so it cannot invent anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn

from hybrid.document import Document, Segment
from hybrid.errors import ModelError
from hybrid.gcn.encoder import TextEncoder, has_fast_bfloat16

LAYERS = 10
"""Of the 30 that SmolLM2-135M has: on folds of FUNSD the later ones gave less or no more."""

_WINDOW = 2048
"""Most tokens that are read together; a longer page is read in parts."""


class ContextConfig(BaseModel):
    """Which language model reads the pages, as in a checkpoint's `config.json`.

    Attributes:
        name: As `hybrid models pull` knows it, or a path that the user gave.
        sha256: Of its weights.
        layers: The first ones, which are used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    layers: int = Field(gt=0)


class ContextEncoder:
    """The first layers of a causal language model, frozen.

    Args:
        folder: Of the model, in the Hugging Face layout.
        name: For a checkpoint's record.
        layers: How many of its layers to run.

    Attributes:
        model: Its embedding and first layers.

    Raises:
        ModelError: If the folder holds no causal language model with so many layers.
    """

    def __init__(self, folder: Path, name: str, layers: int = LAYERS) -> None:
        from transformers import AutoConfig, AutoModel, AutoTokenizer

        try:
            config = AutoConfig.from_pretrained(folder)
            if config.num_hidden_layers < layers:
                raise ModelError(f"{folder}: the model has fewer than {layers} layers")
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder)
            # Cores without it multiply bfloat16 number by number.
            dtype = torch.bfloat16 if has_fast_bfloat16() else torch.float32
            self.model: Any = AutoModel.from_pretrained(folder, dtype=dtype)
            del self.model.layers[layers:]
        except (OSError, ValueError, AttributeError) as error:
            raise ModelError(f"{folder}: no causal language model: {error}") from error
        # What is read is the state between two layers; the norm belongs behind the last one.
        self.model.norm = nn.Identity()
        self.model.eval()
        self._folder, self._name, self._layers = folder, name, layers

    @cached_property
    def config(self) -> ContextConfig:
        """For a checkpoint's record; reads the weights once more, for their hash."""
        sha256 = context_sha256(self._folder)
        return ContextConfig(name=self._name, sha256=sha256, layers=self._layers)

    @property
    def width(self) -> int:
        """Of a segment's vector."""
        return 2 * int(self.model.config.hidden_size)

    @torch.no_grad()
    def encode(self, document: Document) -> Tensor:
        """Vectors of the document's segments: `[n, width]`, float32.

        Each is the mean over the segment's tokens, and after it the state at its last one, where the
        model has read all of it. States are normalised, because few of their numbers are large.
        """
        rows = [
            self._states(part) for page in document.pages for part in self._parts(page.segments)
        ]
        return torch.cat(rows) if rows else torch.zeros(0, self.width)

    def _parts(self, segments: tuple[Segment, ...]) -> Iterator[list[list[int]]]:
        """Tokens by segment, as many segments together as a window holds."""
        if not segments:
            return
        part: list[list[int]] = []
        lines = [" ".join(s.text.split()) + "\n" for s in segments]
        for tokens in self._tokenizer(lines, add_special_tokens=False).input_ids:
            own = tokens[:_WINDOW] or [self._tokenizer.eos_token_id]
            if part and sum(map(len, part)) + len(own) > _WINDOW:
                yield part
                part = []
            part.append(own)
        yield part

    def _states(self, part: list[list[int]]) -> Tensor:
        sizes = torch.tensor([len(tokens) for tokens in part])
        ids = torch.tensor([[token for tokens in part for token in tokens]])
        hidden = self.model(input_ids=ids, use_cache=False).last_hidden_state[0].float()
        hidden = nn.functional.layer_norm(hidden, hidden.shape[-1:])  # [tokens, hidden]
        owner = torch.repeat_interleave(torch.arange(len(part)), sizes)
        sums = torch.zeros(len(part), hidden.shape[1]).index_add(0, owner, hidden)
        return torch.cat([sums / sizes.unsqueeze(1), hidden[sizes.cumsum(0) - 1]], dim=1)


def text_vectors(
    document: Document, encoder: TextEncoder, context: ContextEncoder | None, fast: bool = False
) -> Tensor:
    """What the graph network reads of a document's texts: `[n, text_width + context_width]`.

    Args:
        document: Of any number of pages.
        encoder: Reads each segment by itself.
        context: Reads it among the others; None where none does.
        fast: As of `TextEncoder.encode`.
    """
    text = encoder.encode([s.text for s in document.segments], fast=fast)
    return text if context is None else torch.cat([text, context.encode(document)], dim=1)


def context_sha256(folder: Path) -> str:
    """SHA-256 over the weights' files of a model.

    Raises:
        ModelError: If there are none.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder}: no safetensors file in it")
    total = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()

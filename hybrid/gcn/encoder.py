"""Segment text to a vector: the first half of the paper's Word Embedding Module.

The paper fine-tunes BERT to classify a box's text into the entity classes. Here any BERT-family
encoder in a local folder does; the shipped checkpoints use all-MiniLM-L6-v2 (6 layers, 384 wide)
as a stand-in for BERT, because it is fast on CPUs, and fine-tune it by low-rank deltas only.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from hybrid.errors import CheckpointError, ModelError
from hybrid.gcn.backbone import load_backbone
from hybrid.gcn.low_rank import add_low_rank, low_rank_state, merge_low_rank
from hybrid.gcn.packed_linear import pack_linear_layers
from hybrid.gcn.packing import can_pack, packed_means, packs

_BATCH = 64
_CACHED_TEXTS = 20_000


class TextEncoder(nn.Module):
    """A BERT-family encoder with mean pooling, and a cache by text for inference."""

    def __init__(self, folder: Path) -> None:
        """Loads the encoder from a local folder; the network is never asked.

        Raises:
            ModelError: If the folder does not hold an encoder in the Hugging Face layout.
        """
        super().__init__()
        loaded = load_backbone(folder)
        self.backbone, self.width, self._tokenize = loaded.network, loaded.width, loaded.tokenize
        self.backbone.requires_grad_(False)
        self._packs = can_pack(self.backbone)
        self._cache: OrderedDict[str, Tensor] = OrderedDict()

    def forward(self, texts: Sequence[str]) -> Tensor:
        """Mean of the last layer over each text's word pieces: `[len(texts), width]`, float32."""
        pieces = [torch.tensor(ids) for ids in self._tokenize(texts)]
        lengths = torch.tensor([len(ids) for ids in pieces])
        padded = nn.utils.rnn.pad_sequence(pieces, batch_first=True)  # [n, pieces]
        mask = (torch.arange(padded.shape[1]) < lengths[:, None]).long()
        hidden = self.backbone(
            input_ids=padded, attention_mask=mask
        ).last_hidden_state.float()  # [n, pieces, width]
        weight = mask.unsqueeze(-1).float()  # [n, pieces, 1]
        pooled: Tensor = (hidden * weight).sum(dim=1) / weight.sum(dim=1)
        return pooled

    @torch.no_grad()
    def encode(self, texts: Sequence[str], fast: bool = False) -> Tensor:
        """Vectors for inference, in batches of similar length; texts seen lately cost nothing.

        Args:
            texts: Any number, repeats welcome.
            fast: bfloat16 where the CPU computes in it. For training only: it is four times as
                fast, and the last digits depend on which texts share a batch.

        Returns:
            `[len(texts), width]`, float32, without gradient.
        """
        self.eval()
        missing = sorted({t for t in texts if t not in self._cache}, key=lambda t: (len(t), t))
        found = {t: self._cache[t] for t in texts if t in self._cache}
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=fast and has_fast_bfloat16()):
            for batch, vectors in self._vectors(missing):
                found.update(zip(batch, vectors, strict=True))
        for text in found:
            self._cache[text] = found[text]
            self._cache.move_to_end(text)
        while len(self._cache) > _CACHED_TEXTS:
            self._cache.popitem(last=False)
        if not texts:
            return torch.zeros(0, self.width)
        return torch.stack([found[t] for t in texts])

    def _vectors(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[str], Tensor]]:
        """Some texts at a time with their vectors; without padding where the backbone allows it."""
        if not self._packs:
            for start in range(0, len(texts), _BATCH):
                batch = texts[start : start + _BATCH]
                yield batch, self(batch)
        elif texts:
            pieces = self._tokenize(texts)
            for part in packs(pieces):
                yield texts[part], packed_means(self.backbone, pieces[part])

    def forget(self) -> None:
        """Empties the cache, after the weights have changed."""
        self._cache.clear()

    def add_deltas(self, rank: int, alpha: float) -> None:
        """Makes the encoder trainable by low-rank deltas, which are zero at first."""
        add_low_rank(self.backbone, rank, alpha)
        self.forget()

    def deltas(self) -> dict[str, Tensor]:
        """The deltas by name."""
        return low_rank_state(self.backbone)

    def load_deltas(self, state: dict[str, Tensor]) -> None:
        """Sets the deltas, which `add_deltas` must have made.

        Raises:
            CheckpointError: If they are not of this encoder's names and shapes.
        """
        own = self.deltas()
        wrong = {n for n in own.keys() | state.keys() if _shape(own, n) != _shape(state, n)}
        if wrong:
            raise CheckpointError(
                f"the checkpoint's deltas do not fit the encoder ({min(wrong)}); "
                "use the encoder that it was trained on"
            )
        self.backbone.load_state_dict(state, strict=False)
        self.forget()

    def merge_deltas(self) -> None:
        """Adds the deltas to the weights, for inference; they cannot be trained any more."""
        merge_low_rank(self.backbone)
        pack_linear_layers(self.backbone)
        self.forget()


def _shape(state: dict[str, Tensor], name: str) -> tuple[int, ...] | None:
    return tuple(state[name].shape) if name in state else None


def has_fast_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 matrices in hardware (AMX or AVX512-BF16)."""
    # Older torch versions cannot say; then the slow way is right.
    flags: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(flags.get("amx_tile") or flags.get("avx512_bf16"))


def encoder_sha256(folder: Path) -> str:
    """SHA-256 of the encoder's weights, which a checkpoint's deltas only fit.

    Raises:
        ModelError: If there are no weights in the folder.
    """
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).is_file():
            with (folder / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
    raise ModelError(f"{folder}: the encoder's weights are missing (model.safetensors)")

"""Several texts in one row of a batch, so that a short text costs no more than its own pieces.

Texts of a page are of very different lengths. Padded to the longest, most of what an encoder
computes is thrown away; put end to end in rows of a fixed length, where each piece attends only to
those of its own text and positions begin anew with each text, next to nothing is, and vectors are
the same but for the last digits of float32.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

_PROBE = ((3, 1, 2), (1,), (2, 4, 1, 3, 2))
_TOLERANCE = 1e-3
_ROW = 96
"""Pieces in a row: long rows waste attention between texts, short ones their ends."""
_ROWS = 8


def packed_means(backbone: nn.Module, texts: Sequence[Sequence[int]]) -> Tensor:
    """Mean of the last layer over the pieces of each text: `[len(texts), width]`, float32.

    Args:
        backbone: One for which `can_pack` is true.
        texts: Piece ids, at least one each.
    """
    rows = list(_runs(texts))
    length = max(sum(map(len, texts[row])) for row in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    positions, owner = torch.zeros_like(ids), torch.full_like(ids, -1)
    for number, row in enumerate(rows):
        place = 0
        for text in range(row.start, row.stop):
            end = place + len(texts[text])
            ids[number, place:end] = torch.tensor(texts[text])
            positions[number, place:end] = torch.arange(end - place)
            owner[number, place:end] = text
            place = end
    apart = owner[:, :, None] != owner[:, None, :]
    mask = torch.zeros(apart.shape).masked_fill(apart, float("-inf"))[:, None]
    hidden = backbone(
        input_ids=ids, position_ids=positions, attention_mask=mask
    ).last_hidden_state.float()  # [rows, length, width]
    sums = hidden.new_zeros(len(texts), hidden.shape[2])
    sums.index_add_(0, owner[owner >= 0], hidden[owner >= 0])
    means: Tensor = sums / torch.tensor([[len(text)] for text in texts])
    return means


def _runs(texts: Sequence[Sequence[int]]) -> Iterator[slice]:
    """Cuts texts into runs of at most `_ROW` pieces each, or of a single text."""
    start = pieces = 0
    for place, text in enumerate(texts):
        if pieces + len(text) > _ROW and place > start:
            yield slice(start, place)
            start, pieces = place, 0
        pieces += len(text)
    if start < len(texts):
        yield slice(start, len(texts))


@torch.no_grad()
def can_pack(backbone: nn.Module) -> bool:
    """Whether a backbone in evaluation mode gives the same packed as it does alone: it is tried.

    Not so where positions are counted in another way (RoBERTa), or where the installed transformers
    take no mask for each pair of pieces.
    """
    try:
        packed = packed_means(backbone, _PROBE)
        for row, ids in zip(packed, _PROBE, strict=True):
            alone = (
                backbone(
                    input_ids=torch.tensor([ids]),
                    attention_mask=torch.ones(1, len(ids), dtype=torch.long),
                )
                .last_hidden_state[0]
                .float()
            )
            # Not torch.testing, which imports what a cluster needs: a second.
            if not torch.allclose(row, alone.mean(dim=0), atol=_TOLERANCE, rtol=_TOLERANCE):
                return False
    except (TypeError, ValueError, RuntimeError, IndexError):
        return False
    return True


def packs(texts: Sequence[Sequence[int]]) -> Iterator[slice]:
    """Cuts texts into what is encoded at once."""
    rows = list(_runs(texts))
    for start in range(0, len(rows), _ROWS):
        part = rows[start : start + _ROWS]
        yield slice(part[0].start, part[-1].stop)

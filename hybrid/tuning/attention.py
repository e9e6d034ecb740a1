"""Attention over a packed sequence of trees: each branch sees its trunk and itself.

A dense mask over a packed sequence would compute what it then hides. Here blocks of queries meet the
keys that they may see and no others, so that packing costs nothing and gives what separate sequences
give. On CPUs this takes less than half the time of torch's own attention, whose kernel makes little
use of bf16 products.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from hybrid.errors import ModelError
from hybrid.tuning.packing import Span

NAME = "hybrid_tree"
"""Under which transformers knows it."""

_BLOCK = 128
"""Queries at a time."""


def register() -> None:
    """Makes the attention known to transformers, under `NAME`."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, _attend)


def _attend(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    spans: tuple[Span, ...] = (),
    **_: Any,
) -> tuple[Tensor, None]:
    """In the form that transformers wants: `[1, heads, n, width]` in, `[1, n, heads, width]` out."""
    longest = max(end - span.start for span in spans for _, end in span.branches)
    if sliding_window is not None and sliding_window < longest:
        raise ModelError(
            f"the model's attention sees {sliding_window} tokens back, less than a page; "
            "such a model cannot be tuned"
        )
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    out: Tensor = TreeAttention.apply(  # type: ignore[no-untyped-call]
        query[0], key[0], value[0], spans, scale
    )
    return out.transpose(0, 1)[None], None


def _blocks(spans: tuple[Span, ...]) -> Iterator[tuple[int, int, slice, int]]:
    """Start and end of a block of queries, the trunk before it, and where its own part begins."""
    for span in spans:
        first = span.branches[0][0]
        # A single branch just goes on from its trunk.
        parts = (
            [(slice(first, first), span.start, span.branches[0][1])]
            if len(span.branches) == 1
            else [
                (slice(first, first), span.start, first),
                *((slice(span.start, first), begin, end) for begin, end in span.branches),
            ]
        )
        for trunk, begin, end in parts:
            for start in range(begin, end, _BLOCK):
                yield start, min(start + _BLOCK, end), trunk, begin


class TreeAttention(torch.autograd.Function):
    """Softmax attention by blocks of queries; keys may have fewer heads than queries."""

    @staticmethod
    def forward(
        ctx: Any, query: Tensor, key: Tensor, value: Tensor, spans: tuple[Span, ...], scale: float
    ) -> Tensor:
        """All `[heads, n, width]`."""
        heads, n, width = key.shape
        grouped = query.reshape(heads, -1, n, width)
        out = torch.empty_like(grouped)
        shares: list[Tensor] = []
        for start, end, trunk, begin in _blocks(spans):
            count = end - start
            rows = grouped[:, :, start:end].reshape(heads, -1, width) * scale
            scores = torch.bmm(rows, _seen(key, trunk, begin, end).transpose(1, 2))
            later = torch.ones(count, count, dtype=torch.bool).triu(1)
            scores.view(heads, -1, count, scores.shape[-1])[..., -count:].masked_fill_(
                later, float("-inf")
            )
            share = torch.softmax(scores, dim=-1)
            shares.append(share)
            block = torch.bmm(share, _seen(value, trunk, begin, end))
            out[:, :, start:end] = block.view(heads, -1, count, width)
        ctx.save_for_backward(grouped, key, value, out, *shares)
        ctx.spans, ctx.scale = spans, scale
        return out.view(-1, n, width)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        """Gradients of query, key and value."""
        query, key, value, out, *shares = ctx.saved_tensors
        heads, groups, n, width = query.shape
        given = gradients[0].reshape(heads, groups, n, width)
        to_query = torch.empty_like(query)
        # Many blocks add to a key, so that is done in float32.
        to_key, to_value = torch.zeros(key.shape), torch.zeros(value.shape)
        inner = (given.float() * out.float()).sum(dim=-1, keepdim=True).to(query.dtype)
        for (start, end, trunk, begin), share in zip(_blocks(ctx.spans), shares, strict=True):
            flow = given[:, :, start:end].reshape(heads, -1, width)
            rows = query[:, :, start:end].reshape(heads, -1, width)
            slope = torch.bmm(flow, _seen(value, trunk, begin, end).transpose(1, 2))
            slope.sub_(inner[:, :, start:end].reshape(heads, -1, 1)).mul_(share).mul_(ctx.scale)
            block = torch.bmm(slope, _seen(key, trunk, begin, end))
            to_query[:, :, start:end] = block.view(heads, groups, -1, width)
            _add(to_key, torch.bmm(slope.transpose(1, 2), rows), trunk, begin, end)
            _add(to_value, torch.bmm(share.transpose(1, 2), flow), trunk, begin, end)
        return (
            to_query.view(-1, n, width),
            to_key.to(key.dtype),
            to_value.to(value.dtype),
            None,
            None,
        )


def _seen(values: Tensor, trunk: slice, begin: int, end: int) -> Tensor:
    """Keys or values that a block of queries may see, its own last."""
    if trunk.start == trunk.stop:
        return values[:, begin:end]
    return torch.cat([values[:, trunk], values[:, begin:end]], dim=1)


def _add(total: Tensor, part: Tensor, trunk: slice, begin: int, end: int) -> None:
    length = trunk.stop - trunk.start
    total[:, trunk] += part[:, :length]
    total[:, begin:end] += part[:, length:]

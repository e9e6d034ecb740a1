"""Low-rank deltas on frozen linear layers (LoRA, Hu et al. 2021, arXiv 2106.09685).

A checkpoint has to stay far smaller than its encoder, so fine-tuning changes each weight only by a
product of two thin matrices: `y = W x + b + (alpha / rank) B A x`, `W` and `b` frozen, `B` zero at
the start so that training begins at the pretrained encoder.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LowRankLinear(nn.Module):
    """A frozen linear layer with a trainable delta of low rank."""

    def __init__(self, base: nn.Linear, rank: int, alpha: float) -> None:
        super().__init__()
        self.base = base.requires_grad_(False)
        self.scale = alpha / rank
        self.down = nn.Parameter(torch.empty(rank, base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x: Tensor) -> Tensor:
        """`[..., in]` to `[..., out]`."""
        delta: Tensor = (x @ self.down.T) @ self.up.T
        output: Tensor = self.base(x)
        return output + self.scale * delta

    def merged(self) -> nn.Linear:
        """The plain linear layer that computes the same, for inference."""
        with torch.no_grad():
            self.base.weight += self.scale * (self.up @ self.down)
        return self.base


def add_low_rank(module: nn.Module, rank: int, alpha: float) -> None:
    """Freezes `module` and puts a delta on each linear layer in it (attention, feed-forward).

    The pooler is left alone: nothing here reads its output.
    """
    module.requires_grad_(False)
    for name, child in list(module.named_modules()):
        if isinstance(child, nn.Linear) and "pooler" not in name:
            parent, _, attribute = name.rpartition(".")
            setattr(module.get_submodule(parent), attribute, LowRankLinear(child, rank, alpha))


def low_rank_state(module: nn.Module) -> dict[str, Tensor]:
    """The trainable deltas by name, which is all that a checkpoint keeps of the encoder."""
    return {
        name: value.detach()
        for name, value in module.state_dict().items()
        if name.endswith((".down", ".up"))
    }


def merge_low_rank(module: nn.Module) -> None:
    """Adds each delta to its weight and removes it: same function, no extra cost."""
    for name, child in list(module.named_modules()):
        if isinstance(child, LowRankLinear):
            parent, _, attribute = name.rpartition(".")
            setattr(module.get_submodule(parent), attribute, child.merged())

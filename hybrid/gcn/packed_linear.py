"""Linear layers whose weights are laid out for oneDNN, for inference on CPUs.

torch's own linear layers go through MKL, which leaves half the speed of AMD's processors unused.
The same float32 arithmetic in oneDNN, on a weight that was put in its layout beforehand, takes less
than half the time there (265 against 113 GFLOP/s on one core of Zen 5), and as long on others.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_TOLERANCE = 1e-4


class PackedLinear(nn.Module):
    """A linear layer that cannot be trained or saved any more."""

    weight: Tensor
    bias: Tensor | None

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        weight = linear.weight.detach()
        packed = torch.ops.mkldnn._reorder_linear_weight(weight)
        self.register_buffer("weight", packed, persistent=False)
        bias = None if linear.bias is None else linear.bias.detach()
        self.register_buffer("bias", bias, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """`[..., in]` to `[..., out]`."""
        made: Tensor = torch.ops.mkldnn._linear_pointwise(x, self.weight, self.bias, "none", [], "")
        return made


def pack_linear_layers(module: nn.Module) -> None:
    """Replaces the linear layers in `module`, or none where this torch or CPU cannot do it."""
    if not _works():
        return
    for name, child in list(module.named_modules()):
        if type(child) is nn.Linear:
            parent, _, attribute = name.rpartition(".")
            setattr(module.get_submodule(parent), attribute, PackedLinear(child))


@torch.no_grad()
def _works() -> bool:
    """The operators are torch's, but none that it promises to keep: they are tried."""
    linear = nn.Linear(40, 24)
    x = torch.linspace(-1, 1, 3 * 40).reshape(1, 3, 40)
    try:
        found = PackedLinear(linear)(x)
    except (AttributeError, NotImplementedError, RuntimeError, TypeError):
        return False
    # Not torch.testing, which imports what a cluster needs: a second.
    return torch.allclose(found, linear(x), atol=_TOLERANCE, rtol=_TOLERANCE)

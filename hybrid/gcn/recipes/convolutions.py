"""The graph convolutions of torch-geometric that recipes are built of.

Recipes without them (`default`, `none`, `sdmgr2021`) do not load torch-geometric, which takes longer
than reading a page.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # While it is imported, torch_geometric calls a function that newer torch versions deprecate.
    warnings.filterwarnings("ignore", "`torch.jit.script", DeprecationWarning)
    from torch_geometric.nn import GATConv, GATv2Conv, GCNConv

__all__ = ["GATConv", "GATv2Conv", "GCNConv"]

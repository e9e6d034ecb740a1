"""The page graph: exact line of sight between boxes, and its tensors.

What is here is loaded when first asked for: all but `visible_pairs` needs torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hybrid.graph.builder import EDGE_FEATURES, PageGraph, build_graph, page_graph
    from hybrid.graph.visibility import visible_pairs

__all__ = ["EDGE_FEATURES", "PageGraph", "build_graph", "page_graph", "visible_pairs"]


def __getattr__(name: str) -> Any:
    if name == "visible_pairs":
        from hybrid.graph import visibility

        return visibility.visible_pairs
    if name in __all__:
        from hybrid.graph import builder

        return getattr(builder, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""A page that shows which experts read which boxes: the picture, and a strip of layers for each box."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from hybrid.document import Document, Page
from hybrid.files import write_text
from hybrid.report.page import content_security_policy, template

if TYPE_CHECKING:
    from hybrid.pipeline.experts import Routing, SegmentRouting, Shares

_LEAST = 0.03
"""Of a layer's weight: smaller parts of a strip are not drawn."""
_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 1.5rem auto; max-width: 70rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
td, th { padding: .15rem .5rem; text-align: left; vertical-align: middle; }
td.number { text-align: right; color: #586273; }
svg.strip { display: block; width: 24rem; height: 1.1rem; background: #dbe0e7; }
svg.page { width: 100%; border: 1px solid #dbe0e7; }
svg.key { width: 1rem; height: 1rem; vertical-align: -.15rem; margin-left: .6rem; }
"""


@dataclass(frozen=True)
class _Bar:
    layer: int
    top: float
    height: float
    colour: str


@dataclass(frozen=True)
class _Row:
    routed: SegmentRouting
    bars: list[_Bar]


def render_experts_html(document: Document, routing: Routing) -> str:
    """The page as HTML that needs no network and no other file.

    Args:
        document: With `page.image` where there is a picture.
        routing: Of this very document.
    """
    rows = [_Row(routed, _bars(routed.shares)) for routed in routing.segments]
    pages: list[tuple[Page, list[_Row]]] = [
        (page, [row for row in rows if row.routed.segment.page == page.number])
        for page in document.pages
    ]
    return template("experts.html.j2").render(
        title=Path(document.source).name or document.id,
        routing=routing,
        layers=len(routing.shares),
        overall=_bars(routing.shares),
        colours=[_colour(n, routing.experts) for n in range(routing.experts)],
        pages=pages,
        # Our own, not the document's.
        style=Markup(_STYLE),  # noqa: S704
        policy=content_security_policy(_STYLE, ""),
    )


def write_experts_html(path: str | os.PathLike[str], document: Document, routing: Routing) -> None:
    """Writes the page, whole or not at all; its folder is made where it is missing.

    Raises:
        OSError: If the file cannot be written.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_text(target, render_experts_html(document, routing))


def _bars(shares: Shares) -> list[_Bar]:
    """A column for each layer, its experts one below the other."""
    bars = []
    for layer, row in enumerate(shares):
        top = 0.0
        for expert, share in enumerate(row):
            if share >= _LEAST:
                bars.append(_Bar(layer, round(top, 3), round(share, 3), _colour(expert, len(row))))
            top += share
    return bars


def _colour(expert: int, experts: int) -> str:
    return f"hsl({360 * expert / experts:.0f} 65% {40 if expert % 2 else 55}%)"

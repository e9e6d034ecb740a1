"""A page as SVG: its picture or its text, with boxes that differ in colour and in dashes."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup
from PIL import Image

from .data import ReportData

PICTURE_WIDTH = 900
_LARGEST_PICTURE = 60_000_000
"""Pixels; larger ones are not decoded. Pages at 600 dpi have 35 million."""

PLACE = ("left", "top", "right", "bottom")


@dataclass(frozen=True)
class Box:
    """A box to draw over a page.

    Attributes:
        css: Class of the style sheet: "gold", "right", "wrong", "removed", "changed", "added".
        place: Left, top, right, bottom in page units.
        title: Shown on hovering.
    """

    css: str
    place: tuple[float, float, float, float]
    title: str


@dataclass(frozen=True)
class DrawnPage:
    """A page that is ready for the template."""

    number: int
    drawing: Markup


def segments_of(
    data: ReportData, dataset: str, split: str, condition: str, document_id: str
) -> pl.DataFrame:
    """What the systems saw of one document, in its order."""
    wanted = {
        "dataset": dataset,
        "split": split,
        "condition": condition,
        "document_id": document_id,
    }
    return data.segments.filter([pl.col(k) == v for k, v in wanted.items()]).collect()


def draw_pages(
    segments: pl.DataFrame,
    boxes: Mapping[int, Sequence[Box]],
    pictures_from: Path | None,
    limit: int,
) -> list[DrawnPage]:
    """The pages that have boxes, in order; the first page where none has.

    Args:
        segments: Of one document.
        boxes: By number of the page.
        pictures_from: The folder to which relative paths of pictures belong; None draws text.
        limit: How many pages at most.
    """
    pages = segments.partition_by("page", maintain_order=True)
    chosen = [page for page in pages if boxes.get(page["page"][0])] or pages[:1]
    return [
        DrawnPage(
            number=page["page"][0],
            drawing=_draw(page, boxes.get(page["page"][0], ()), pictures_from),
        )
        for page in chosen[:limit]
    ]


def box_of(row: Mapping[str, Any], css: str, title: str) -> Box | None:
    """A box of a row that has one; None where it has no place."""
    place = tuple(row[name] for name in PLACE)
    return None if None in place else Box(css, place, title)


def picture_uri(path: Path) -> str | None:
    """The picture as a JPEG of at most 900 pixels a side, as a data URI.

    Returns:
        None where the file is not there, is no picture, or is too large to be decoded.
    """
    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > _LARGEST_PICTURE:
                return None
            picture.draft("RGB", (PICTURE_WIDTH, PICTURE_WIDTH))
            picture.thumbnail((PICTURE_WIDTH, PICTURE_WIDTH))
            buffer = io.BytesIO()
            picture.convert("RGB").save(buffer, "JPEG", quality=70)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        # Pillow's word for "no picture" differs by format; the page is drawn from its text instead.
        return None
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"


def _draw(page: pl.DataFrame, boxes: Sequence[Box], pictures_from: Path | None) -> Markup:
    first = page.row(0, named=True)
    width, height = first["page_width"], first["page_height"]
    uri = None
    if pictures_from is not None and first["image"]:
        uri = picture_uri(pictures_from / first["image"])
    drawn = Markup("")
    if uri is not None:
        drawn += Markup(
            '<image href="{}" width="{:.1f}" height="{:.1f}" preserveAspectRatio="none"/>'
        ).format(uri, width, height)
    for row in page.filter(pl.col("segment_id").is_not_null()).iter_rows(named=True):
        drawn += _segment(row, with_text=uri is None)
    margin = width * 0.004
    for box in boxes:
        left, top, right, bottom = box.place
        # Gold is drawn around and predictions inside, so that equal boxes are both seen.
        grown = margin if box.css == "gold" else 0.0
        drawn += Markup(
            '<rect class="box {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
        ).format(
            box.css,
            left - grown,
            top - grown,
            max(right - left, margin) + 2 * grown,
            max(bottom - top, margin) + 2 * grown,
            box.title,
        )
    return Markup(
        '<svg class="sheet" viewBox="0 0 {:.1f} {:.1f}" role="img" aria-label="Page {} with {} boxes">{}</svg>'
    ).format(width, height, first["page"], len(boxes), drawn)


def _segment(row: Mapping[str, Any], *, with_text: bool) -> Markup:
    left, top, right, bottom = (row[name] for name in PLACE)
    width, height, text = right - left, bottom - top, row["text"] or ""
    frame = Markup(
        '<rect class="segment" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"><title>{}</title></rect>'
    ).format(left, top, width, height, text)
    if not with_text or not text:
        return frame
    size = min(height * 0.8, 2.2 * width / len(text))
    return frame + Markup(
        '<text x="{:.1f}" y="{:.1f}" font-size="{:.1f}" textLength="{:.1f}" lengthAdjust="spacingAndGlyphs">{}</text>'
    ).format(left, bottom - 0.22 * height, size, width, text)

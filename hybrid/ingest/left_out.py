"""Pictures on a PDF page that its text layer leaves out, as under the stamp on a scan, and their text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hybrid.document import BoundingBox
from hybrid.ingest.assemble import words_of
from hybrid.ingest.ocr import RecognizedLine
from hybrid.ingest.text_layer import Glyph, displayed_box

if TYPE_CHECKING:
    from PIL import Image

_CELL = 12.0
"""Points of a side of the cells a page is divided into: about a line of text."""
_MOST_CELLS = 200
"""Along a side of the page; larger pages have larger cells."""
_PIXELS = 6
"""Along the side of a cell, of the picture in which ink is looked for."""
_INK = 48
"""Levels of grey, of 256, between the darkest and the lightest of a cell that has something drawn in it."""
_REACH = 36.0
"""Points around a character in which a picture counts as read: margins, and gaps between paragraphs."""
_LARGE = 0.08
"""Share of the page that pictures without text cover: logos and photographs of faces are smaller."""
_UNREAD = 0.5
"""Share of what is drawn in pictures that is out of the text's reach: around the text of a page with a
picture behind it, and of a scan that was read by OCR, less is."""
_LITTLE = 0.04
"""Share of the page that the text itself covers where it is no more than a stamp or some lines: such text,
which may be longer than that of a sparse scan, is then not counted with what is drawn in pictures."""
_SPANNED = 0.25
"""Share of the pictures' area that invisible text spans where it is the OCR of a scan."""
_SAME = 0.3
"""Share of the smaller of two words' boxes that lies in both: one word, read twice."""


def picture_boxes(page: Any) -> list[BoundingBox]:
    """Where the pictures of a pypdfium2 page are, in points of the displayed page."""
    import pypdfium2.raw as raw

    place = displayed_box(page.get_rotation(), page.get_bbox())
    boxes = []
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        bounds = item.get_bounds()
        around = item
        # A picture in a reusable drawing (form XObject) has bounds of that drawing's own space.
        while (around := getattr(around, "container", None)) is not None:
            bounds = around.get_matrix().on_rect(*bounds)
        boxes.append(place(*bounds))
    return boxes


def invisible_box(page: Any) -> BoundingBox | None:
    """The box around all invisible text, such as OCR lays over a scan, in points of the page's own space.

    Args:
        page: A pypdfium2 page.
    """
    import pypdfium2.raw as pdfium

    boxes = []
    textpage = page.get_textpage()
    for index in range(textpage.count_chars()):
        item = pdfium.FPDFText_GetTextObject(textpage.raw, index)
        if not item:
            continue
        if pdfium.FPDFTextObj_GetTextRenderMode(item) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE:
            left, bottom, right, top = textpage.get_charbox(index, loose=True)
            boxes.append(BoundingBox(left=left, top=bottom, right=right, bottom=top))
    textpage.close()
    return BoundingBox.union_of(boxes) if boxes else None


def share_left_out(
    picture: Image.Image,
    size: tuple[float, float],
    pictures: Sequence[BoundingBox],
    glyphs: Sequence[Glyph],
    invisible: BoundingBox | None = None,
) -> float:
    """The share of a page that is pictures in which something is drawn, and no text layer tells what.

    Args:
        picture: Of the whole page.
        size: Its width and height, in points.
        pictures: Where pictures are on it.
        glyphs: Its text layer.
        invisible: Around invisible text.

    Returns:
        From 0 to 1; 0 where the text layer may be trusted to tell what the pictures show.
    """
    columns = min(math.ceil(size[0] / _CELL), _MOST_CELLS)
    rows = min(math.ceil(size[1] / _CELL), _MOST_CELLS)
    across, down = size[0] / columns, size[1] / rows
    shown = np.zeros((rows, columns), dtype=bool)
    told = np.zeros((rows, columns), dtype=bool)
    text = np.zeros((rows, columns), dtype=bool)

    def mark(cells: Any, box: BoundingBox, around: float) -> None:
        top, bottom = (box.top - around) / down, (box.bottom + around) / down
        left, right = (box.left - around) / across, (box.right + around) / across
        # By the cells' middles.
        cells[
            max(math.ceil(top - 0.5), 0) : max(math.ceil(bottom - 0.5), 0),
            max(math.ceil(left - 0.5), 0) : max(math.ceil(right - 0.5), 0),
        ] = True

    for box in pictures:
        mark(shown, box, 0.0)
    if shown.mean() < _LARGE:
        return 0.0
    if invisible is not None and invisible.area > _SPANNED * shown.mean() * size[0] * size[1]:
        return 0.0
    for glyph in glyphs:
        if glyph.text.strip():
            mark(told, glyph.box, _REACH)
            mark(text, glyph.box, _CELL / 2)
    left_out = shown & ~told
    small = picture.convert("L").resize((columns * _PIXELS, rows * _PIXELS))
    cells = np.asarray(small, dtype=int).reshape(rows, _PIXELS, columns, _PIXELS)
    ink = cells.max(axis=(1, 3)) - cells.min(axis=(1, 3)) > _INK
    drawn = shown & ink & ~text if text.mean() < _LITTLE else shown & ink
    unread = int((left_out & ink).sum())
    if left_out.mean() < _LARGE or not unread or unread < _UNREAD * drawn.sum():
        return 0.0
    return float(left_out.mean())


def beside(
    found: Sequence[RecognizedLine], layer: Sequence[RecognizedLine], scale: float
) -> list[RecognizedLine]:
    """What OCR read of a page where its text layer has no words.

    Args:
        found: By OCR.
        layer: The lines of the text layer.
        scale: Units of the text layer for one of OCR's boxes.
    """
    known = np.array([w.box.as_tuple() for line in layer for w in line.words]).reshape(-1, 4)
    lines = []
    for line in found:
        words = [replace(w, box=w.box.scaled(scale)) for w in words_of(line)]
        kept = tuple(w for w in words if not _is_among(w.box, known))
        if kept:
            box = BoundingBox.union_of(w.box for w in kept)
            text = " ".join(w.text for w in kept)
            lines.append(RecognizedLine(text, box, line.confidence, kept))
    return lines


def _is_among(box: BoundingBox, known: Any) -> bool:
    if not len(known):
        return False
    width = np.minimum(known[:, 2], box.right) - np.maximum(known[:, 0], box.left)
    height = np.minimum(known[:, 3], box.bottom) - np.maximum(known[:, 1], box.top)
    areas = (known[:, 2] - known[:, 0]) * (known[:, 3] - known[:, 1])
    shared = np.maximum(width, 0) * np.maximum(height, 0)
    return bool((shared > _SAME * np.minimum(areas, box.area)).any())

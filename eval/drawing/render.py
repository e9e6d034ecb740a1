"""From a drawing to pixels."""

from __future__ import annotations

from PIL import Image, ImageDraw

from .fonts import pillow_font
from .sheet import ASCENT, HEIGHT, Drawing

_OVERSAMPLING = 3
"""Drawn this many times larger and averaged: hinted glyphs are wider than their metrics say."""


def render(drawing: Drawing, page: int = 1) -> Image.Image:
    """Draws one page, grey on white, one pixel for each unit of the drawing.

    Args:
        drawing: What to draw; its words are drawn where their boxes are.
        page: Page number, from 1.

    Returns:
        A picture of mode "L".

    Raises:
        ValueError: If the drawing has no such page.
    """
    if not 1 <= page <= drawing.page_count:
        raise ValueError(f"drawing {drawing.id!r} has no page {page}")
    size = (round(drawing.width) * _OVERSAMPLING, round(drawing.height) * _OVERSAMPLING)
    image = Image.new("L", size, 255)
    pencil = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if shape.page != page:
            continue
        thickness = max(round(shape.thickness * _OVERSAMPLING), 1)
        box = [v * _OVERSAMPLING for v in shape.box]
        if shape.kind == "line":
            pencil.line(box, fill=shape.ink, width=thickness)
        elif shape.kind == "frame":
            pencil.rectangle(box, outline=shape.ink, width=thickness)
        elif shape.kind == "fill":
            pencil.rectangle(box, fill=shape.ink)
        else:
            pencil.ellipse(box, fill=shape.ink)
    for piece in drawing.pieces:
        if piece.page != page:
            continue
        font = pillow_font(piece.style.font, piece.style.size * _OVERSAMPLING)
        for word in piece.words:
            baseline = word.top + (word.bottom - word.top) * ASCENT / HEIGHT
            start = (word.left * _OVERSAMPLING, baseline * _OVERSAMPLING)
            pencil.text(start, word.text, font=font, fill=piece.style.ink, anchor="ls")
    return image.reduce(_OVERSAMPLING)

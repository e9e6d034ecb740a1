"""Typefaces that are there on every machine: the standard PDF fonts that pdfium carries in itself.

No font file is needed, no system font is looked at, and the widths are the standard ones of
Helvetica, Times and Courier, so that a layout is the same everywhere, in pixels and in a PDF.
"""

from __future__ import annotations

import ctypes
import io
from functools import cache, lru_cache
from typing import Final

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import ImageFont

STANDARD_NAMES: Final = {
    "sans": "Helvetica",
    "sans-bold": "Helvetica-Bold",
    "sans-italic": "Helvetica-Oblique",
    "serif": "Times-Roman",
    "serif-bold": "Times-Bold",
    "serif-italic": "Times-Italic",
    "mono": "Courier",
    "mono-bold": "Courier-Bold",
}
"""Our names of the typefaces, and what PDF calls them."""

_DESIGN_SIZE = 1000


@cache
def font_bytes(name: str) -> bytes:
    """The font program (CFF) of one of `STANDARD_NAMES`.

    Raises:
        KeyError: If there is no such typeface.
        RuntimeError: If this build of pdfium does not give its fonts away.
    """
    document = pypdfium2.PdfDocument.new()
    font = pdfium.FPDFText_LoadStandardFont(document.raw, STANDARD_NAMES[name].encode())
    try:
        size = ctypes.c_size_t()
        if not pdfium.FPDFFont_GetFontData(font, None, 0, size) or not size.value:
            raise RuntimeError(f"pdfium has no data for its font {STANDARD_NAMES[name]}")
        buffer = (ctypes.c_uint8 * size.value)()
        pdfium.FPDFFont_GetFontData(font, buffer, size.value, size)
        return bytes(buffer)
    finally:
        pdfium.FPDFFont_Close(font)
        document.close()


@lru_cache(maxsize=256)
def pillow_font(name: str, size: float) -> ImageFont.FreeTypeFont:
    """The typeface at `size` pixels, for drawing."""
    # The basic layout engine does not need libraqm and applies no kerning: as `text_width` does.
    return ImageFont.truetype(
        io.BytesIO(font_bytes(name)), size, layout_engine=ImageFont.Layout.BASIC
    )


@cache
def _advances(name: str) -> dict[str, float]:
    font = pillow_font(name, _DESIGN_SIZE)
    characters = bytes(range(32, 256)).decode("cp1252", errors="ignore")
    return {c: font.getlength(c) / _DESIGN_SIZE for c in characters}


def text_width(text: str, name: str, size: float) -> float:
    """Width of `text` in the units of `size`.

    Raises:
        ValueError: If a character is outside Windows-1252, which is all that the fonts draw.
    """
    advances = _advances(name)
    try:
        return sum(advances[c] for c in text) * size
    except KeyError as error:
        raise ValueError(f"the drawing fonts have no character {error.args[0]!r}") from None

"""How large a document may be: documents are hostile, and memory is not endless."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Refused or cut beyond these.

    Attributes:
        file_bytes: Of the input file.
        pixels: Of one picture or frame, as its header says, before it is decoded.
        pages: Of one document.
        segments: Of one page; further ones are left out with a warning.
        segment_characters: Of one segment; the rest is cut off with a warning.
        ocr_side: Longest side, in pixels, of what OCR sees; larger pictures are scaled down.
        image_side: Longest side, in pixels, of the page picture kept for the report.
    """

    file_bytes: int = 200_000_000
    pixels: int = 80_000_000
    pages: int = 2_000
    segments: int = 5_000
    segment_characters: int = 2_000
    ocr_side: int = 4_000
    image_side: int = 1_400

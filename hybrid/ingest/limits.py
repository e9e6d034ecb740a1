"""How large an input may be before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds that keep the memory and the time of one document finite.

    Attributes:
        max_file_bytes: Larger files are refused.
        max_pixels: Of one picture or frame; larger ones are refused by their header, undecoded.
        max_pages: Documents with more pages or frames are refused.
        max_page_characters: A page's text layer is cut there, with a warning.
        max_page_segments: A page's segments are cut there, in reading order, with a warning.
        max_segment_characters: A segment's words are cut there, with a warning.
    """

    max_file_bytes: int = 200_000_000
    max_pixels: int = 80_000_000
    max_pages: int = 2000
    max_page_characters: int = 200_000
    max_page_segments: int = 5000
    max_segment_characters: int = 2000

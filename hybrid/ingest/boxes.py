"""Boxes that a user already has, as our own JSON (docs/documents.md)."""

from __future__ import annotations

import math

from pydantic import ValidationError

from hybrid.document import Document, Page, Segment
from hybrid.errors import DocumentError
from hybrid.ingest.assemble import clean
from hybrid.ingest.limits import Limits


def read_boxes(data: bytes, name: str, limits: Limits) -> list[Page]:
    """Pages as they are given, with ids, units and boxes kept and text cleaned as everywhere.

    Args:
        data: JSON in UTF-8, as `Document.model_dump_json()` writes it.
        name: Of the file, for messages.
        limits: Of sizes.

    Raises:
        DocumentError: If it is not of that form, contradicts itself, or is too large.
    """
    try:
        document = Document.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _fault(name, f"{where or 'file'}: {first['msg']}") from None
    pages = document.pages
    if not pages:
        raise _fault(name, "pages: there are none")
    if len(pages) > limits.pages:
        raise DocumentError(f"{name}: {len(pages)} pages, the limit is {limits.pages}; split it")
    if len({page.number for page in pages}) != len(pages):
        raise _fault(name, "pages: two have the same number")
    return [
        page.model_copy(update={"segments": _segments(page, name, limits)})
        for page in sorted(pages, key=lambda page: page.number)
    ]


def _segments(page: Page, name: str, limits: Limits) -> tuple[Segment, ...]:
    if not (math.isfinite(page.width) and math.isfinite(page.height)):
        raise _fault(name, f"page {page.number}: its size is {page.width} x {page.height}")
    if len(page.segments) > limits.segments:
        raise DocumentError(
            f"{name}, page {page.number}: {len(page.segments)} segments, "
            f"the limit is {limits.segments}"
        )
    segments: list[Segment] = []
    for segment in page.segments:
        if segment.page != page.number:
            raise _fault(
                name, f"segment {segment.id}: on page {page.number}, but says page {segment.page}"
            )
        words = tuple(
            word.model_copy(update={"text": text})
            for word in segment.words
            if (text := clean(word.text))
        )
        if not words:
            raise _fault(name, f"segment {segment.id}: it has no words")
        text = " ".join(word.text for word in words)
        if text != clean(segment.text):
            raise _fault(name, f"segment {segment.id}: its text is not its words joined by blanks")
        if len(text) > limits.segment_characters:
            raise _fault(name, f"segment {segment.id}: over {limits.segment_characters} characters")
        segments.append(segment.model_copy(update={"words": words, "text": text}))
    return tuple(segments)


def _fault(name: str, what: str) -> DocumentError:
    return DocumentError(f"{name}: not boxes in our format ({what}); see docs/documents.md")

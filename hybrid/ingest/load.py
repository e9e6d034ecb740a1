"""Any file becomes a `Document`: told by its content, not by its name."""

from __future__ import annotations

import codecs
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

from hybrid.document import Document, Page
from hybrid.errors import DocumentError
from hybrid.ingest.assemble import Numbering
from hybrid.ingest.boxes import read_boxes
from hybrid.ingest.given import Given, content_of
from hybrid.ingest.hocr import read_hocr
from hybrid.ingest.image import OnPage, read_image
from hybrid.ingest.limits import Limits
from hybrid.ingest.ocr import OcrEngine, get_engine
from hybrid.ingest.pdf import read_pdf
from hybrid.ingest.unread import what_it_is

_NAMED = 5
"""Pages that a warning names."""
_PICTURES = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"II*\x00",
    b"MM\x00*",
    b"RIFF",
    b"BM",
    b"II+\x00",
    b"MM\x00+",
)
SUFFIXES = frozenset(
    [
        ".pdf",
        ".png",
        ".jpg",
        ".jpeg",
        ".tif",
        ".tiff",
        ".webp",
        ".bmp",
        ".json",
        ".hocr",
        ".html",
        ".xhtml",
    ]
)
"""Of the files that are taken from a folder."""


def load_document(
    path: Given,
    *,
    name: str = "document",
    ocr: str | OcrEngine = "rapidocr",
    limits: Limits | None = None,
    on_page: OnPage | None = None,
) -> Document:
    """Reads a PDF, a picture, hOCR, or boxes as our own JSON (`Document.model_dump_json()`).

    Args:
        path: The file, or what is in it as bytes or as an open file (`io.BytesIO`); its content decides
            what it is, whatever its name ends in.
        name: Of a document that is not given as a path, for its id and for errors.
        ocr: Name of an installed engine, or an engine.
        limits: Of sizes.
        on_page: Called with (page, pages) after each page.

    Returns:
        Pages in order with segments in reading order; pixels for pictures, points for PDF.

    Raises:
        DocumentError: One line that names the file, what is wrong, and the way out.
        ModelError: If there is no such OCR engine.
        TypeError: If it is neither a path nor bytes nor a file opened for reading bytes.
    """
    limits = limits or Limits()
    engine = get_engine(ocr) if isinstance(ocr, str) else ocr
    start = time.perf_counter()
    data, path = content_of(path, name, limits)
    numbering = Numbering(limits)
    report: OnPage = on_page or (lambda _page, _pages: None)
    seconds: dict[str, float] = {}
    head = data[:1024].removeprefix(codecs.BOM_UTF8).lstrip()
    pages: list[Page]
    if b"%PDF-" in data[:1024]:
        pages, seconds = read_pdf(data, path.name, engine, numbering, report)
    elif data.startswith(_PICTURES):
        pages, seconds = read_image(data, path.name, engine, numbering, report)
    elif head.startswith(b"{") and not head.startswith(b"{\\rtf"):
        pages = read_boxes(data.removeprefix(codecs.BOM_UTF8), path.name, limits)
    elif head.startswith(b"<"):
        pages = read_hocr(data.decode("utf-8-sig", errors="replace"), path.name, numbering)
    else:
        raise _no_document(data, path)
    numbering.warnings += _without_text(pages)
    other = time.perf_counter() - start - sum(seconds.values())
    return Document(
        id=path.stem,
        source=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        pages=tuple(pages),
        warnings=tuple(numbering.warnings),
        seconds={"read": other, **seconds},
    )


def _no_document(data: bytes, path: Path) -> DocumentError:
    named = ", whatever its name says" if path.suffix.lower() in SUFFIXES else ""
    known = what_it_is(data)
    if known is None:
        content = "its content is no PDF, picture, hOCR or box JSON"
        return DocumentError(f"{path.name}: not a document ({content}{named})")
    what, way_out = known
    return DocumentError(f"{path.name}: {what}{named}; {way_out}")


def _without_text(pages: Sequence[Page]) -> list[str]:
    """A warning of pages that are blank, or whose fields would be missing as if they were."""
    numbers = [str(page.number) for page in pages if not page.segments]
    if not numbers:
        return []
    more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
    return [
        f"page {', '.join(numbers[:_NAMED])}{more}: no text was found; blank, or too blurred, dark or "
        "small to be read"
    ]

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
from hybrid.ingest.hocr import read_hocr
from hybrid.ingest.image import OnPage, read_image
from hybrid.ingest.limits import Limits
from hybrid.ingest.ocr import OcrEngine, get_engine
from hybrid.ingest.pdf import read_pdf

_NAMED = 5
"""Pages that a warning names."""
_OTHER_PICTURES = (b"GIF8", b"\x00\x00\x00\x0cJXL", b"\x00\x00\x00\x0cjP", b"8BPS")
"""GIF, JPEG XL, JPEG 2000, Photoshop."""
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
    path: str | Path | bytes,
    *,
    name: str = "document",
    ocr: str | OcrEngine = "rapidocr",
    limits: Limits | None = None,
    on_page: OnPage | None = None,
) -> Document:
    """Reads a PDF, a picture, hOCR, or boxes as our own JSON (`Document.model_dump_json()`).

    Args:
        path: The file, or what is in it; its content decides what it is, whatever its name ends in.
        name: Of a document that is given as bytes, for its id and for errors.
        ocr: Name of an installed engine, or an engine.
        limits: Of sizes.
        on_page: Called with (page, pages) after each page.

    Returns:
        Pages in order with segments in reading order; pixels for pictures, points for PDF.

    Raises:
        DocumentError: One line that names the file, what is wrong, and the way out.
        ModelError: If there is no such OCR engine.
    """
    limits = limits or Limits()
    engine = get_engine(ocr) if isinstance(ocr, str) else ocr
    start = time.perf_counter()
    if isinstance(path, bytes):
        data, path = _checked(path, name, limits), Path(name)
    else:
        path = Path(path)
        data = _bytes(path, limits)
    numbering = Numbering(limits)
    report: OnPage = on_page or (lambda _page, _pages: None)
    seconds: dict[str, float] = {}
    head = data[:1024].removeprefix(codecs.BOM_UTF8).lstrip()
    pages: list[Page]
    if b"%PDF-" in data[:1024]:
        pages, seconds = read_pdf(data, path.name, engine, numbering, report)
    elif data.startswith(_PICTURES):
        pages, seconds = read_image(data, path.name, engine, numbering, report)
    elif head.startswith(b"{"):
        pages = read_boxes(data.removeprefix(codecs.BOM_UTF8), path.name, limits)
    elif head.startswith(b"<"):
        pages = read_hocr(data.decode("utf-8-sig", errors="replace"), path.name, numbering)
    else:
        if data.startswith(_OTHER_PICTURES):
            raise DocumentError(f"{path.name}: pictures of this kind are not read; save it as PNG")
        raise DocumentError(
            f"{path.name}: not a document (its content is no PDF, picture, hOCR or box JSON"
            f"{', whatever its name says' if path.suffix.lower() in SUFFIXES else ''})"
        )
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


def _bytes(path: Path, limits: Limits) -> bytes:
    try:
        if path.is_dir():
            raise DocumentError(f"{path}: this is a folder; give a file")
        if path.exists() and not path.is_file():
            raise DocumentError(f"{path}: not a regular file; save the document first")
        _check_size(path.stat().st_size, path.name, limits)
        data = path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{path}: cannot be read ({error.strerror})") from None
    return _checked(data, path.name, limits)


def _checked(data: bytes, name: str, limits: Limits) -> bytes:
    _check_size(len(data), name, limits)
    if not data:
        raise DocumentError(f"{name}: the file is empty")
    return data


def _check_size(size: int, name: str, limits: Limits) -> None:
    if size > limits.file_bytes:
        raise DocumentError(
            f"{name}: {size:,} bytes are over the limit of {limits.file_bytes:,}; split it"
        )

"""PDF: the text layer where it can be trusted, OCR of the rendered page where it cannot."""

from __future__ import annotations

import threading
import time
from typing import Any

from PIL import Image

from hybrid.document import Page
from hybrid.errors import DocumentError
from hybrid.ingest.annotations import Form, open_page
from hybrid.ingest.assemble import Numbering, page_image, segments_of
from hybrid.ingest.cross_reference import cross_reference_fault
from hybrid.ingest.form_fields import with_fields
from hybrid.ingest.image import OnPage, recognize_upright, was_turned
from hybrid.ingest.left_out import beside, invisible_box, picture_boxes, share_left_out
from hybrid.ingest.limits import Limits
from hybrid.ingest.ocr import OcrEngine, RecognizedLine
from hybrid.ingest.text_layer import IS_EMPTY, fault_of_layer, lines_of, upright

_OCR_SCALE = 200 / 72
"""Pixels for each point: 200 dots per inch, which OCR of office documents is made for."""
_COVERS = 0.6
_XFA = (
    "the PDF is an XFA form, which is made up only when it is opened and may be read without what is "
    "filled in; print it to a new PDF"
)
_PDFIUM = threading.RLock()  # pdfium is not safe for threads


def read_pdf(
    data: bytes, name: str, engine: OcrEngine, numbering: Numbering, on_page: OnPage
) -> tuple[list[Page], dict[str, float]]:
    """All pages, in points, page by page so that memory stays bounded.

    Raises:
        DocumentError: If it is encrypted, damaged, or has too many pages.
    """
    import pypdfium2 as pdfium

    fault = cross_reference_fault(data)
    if fault:
        raise DocumentError(
            f"{name}: the PDF is damaged ({fault}); repair it, for example with `qpdf in.pdf out.pdf`"
        )
    with _PDFIUM:
        try:
            pdf = pdfium.PdfDocument(data)
            count = len(pdf)
        except pdfium.PdfiumError:
            raise DocumentError(_explained(name, data)) from None
    limits = numbering.limits
    seconds = {"ocr": 0.0, "text-layer": 0.0}
    pages: list[Page] = []
    with _PDFIUM:
        form = Form(pdf)
    try:
        if count == 0:
            raise DocumentError(f"{name}: the PDF has no pages")
        if count > limits.pages:
            raise DocumentError(f"{name}: {count} pages, the limit is {limits.pages}; split it")
        with _PDFIUM:
            if pdf.get_formtype() == pdfium.raw.FORMTYPE_XFA_FULL:
                numbering.warnings.append(_XFA)
        for number in range(1, count + 1):
            try:
                pages.append(_read_page(pdf, form, name, number, engine, numbering, seconds))
            except pdfium.PdfiumError as error:
                raise DocumentError(
                    f"{name}, page {number}: the page is damaged ({error}); repair the file"
                ) from None
            on_page(number, count)
    finally:
        with _PDFIUM:
            form.close()
            pdf.close()
    return pages, {stage: spent for stage, spent in seconds.items() if spent}


def _read_page(
    pdf: Any,
    form: Form,
    name: str,
    number: int,
    engine: OcrEngine,
    numbering: Numbering,
    seconds: dict[str, float],
) -> Page:
    limits = numbering.limits
    start = time.perf_counter()
    with _PDFIUM:
        opened = open_page(pdf, number, form, numbering)
        page, glyphs = opened.page, opened.glyphs
        width, height = page.get_size()
        if width <= 0 or height <= 0:
            raise DocumentError(f"{name}, page {number}: its size is {width} x {height} points")
        pictures = picture_boxes(page)
        reason = fault_of_layer(
            glyphs, sum(box.area for box in pictures) > _COVERS * width * height
        )
        picture = _drawn(page, limits, for_ocr=reason is not None)
        left_out = 0.0
        if pictures and not reason:
            invisible = invisible_box(page)
            left_out = share_left_out(picture, (width, height), pictures, glyphs, invisible)
            if left_out:
                picture = _drawn(page, limits, for_ocr=True)
        page.close()
    # A page without text may be a scan or drawn outlines, which OCR reads, or just empty paper.
    if reason == IS_EMPTY and all(low == high for low, high in picture.getextrema()):
        reason = None
    lines: list[RecognizedLine] = []
    source = "text-layer"
    unit = 1.0  # points for one unit of the lines' boxes
    if not reason:
        glyphs, turn = upright(with_fields(glyphs, opened.fields), width, height)
        if turn is not None:
            picture = picture.transpose(turn)
            if turn is Image.Transpose.ROTATE_180:
                numbering.warnings.append(was_turned(number, "is upside down"))
            else:
                width, height = height, width
                numbering.warnings.append(was_turned(number))
        lines = lines_of(glyphs)
    seconds["text-layer"] += time.perf_counter() - start
    start = time.perf_counter()
    if reason or left_out:
        shown = picture
        picture, found = recognize_upright(shown, number, engine, numbering)
        if picture.size != shown.size:
            width, height = height, width
        unit = width / picture.width
        if left_out and picture is shown:
            # Not turned: the text layer runs as the picture does, and is exact where it has words.
            found = beside(found, lines, unit)
            lines, unit = lines + found, 1.0
            source = f"text-layer+ocr:{engine.name}" if found else source
        else:
            lines, source = found, f"ocr:{engine.name}"
        if left_out and found:
            numbering.warnings.append(
                f"page {number}: the text layer leaves out pictures on {left_out:.0%} of the page, used OCR"
            )
        elif reason and reason != IS_EMPTY:
            numbering.warnings.append(f"page {number}: the text layer {reason}, used OCR")
        seconds["ocr"] += time.perf_counter() - start
    return Page(
        number=number,
        width=width,
        height=height,
        unit="pt",
        segments=segments_of(lines, number, unit, numbering),
        source=source,
        image=page_image(picture, limits),
    )


def _drawn(page: Any, limits: Limits, *, for_ocr: bool) -> Any:
    """A page's picture: as the report needs it, or as OCR does."""
    width, height = page.get_size()
    longest = max(width, height)
    scale = min(
        _OCR_SCALE if for_ocr else limits.image_side / longest,
        limits.ocr_side / longest,
        (limits.pixels / (width * height)) ** 0.5,
    )
    return page.render(scale=scale).to_pil().convert("RGB")


def _explained(name: str, data: bytes) -> str:
    # pdfium's own reason is left out: it may be that of a file read before.
    if b"/Encrypt" in data:
        return f"{name}: the PDF is encrypted and needs a password; save it without one"
    return (
        f"{name}: the PDF is damaged or has no pages; "
        "repair it, for example with `qpdf in.pdf out.pdf`"
    )

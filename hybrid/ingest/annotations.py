"""What lies over a PDF page: filled form fields, text notes and stamps become part of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from hybrid.ingest.assemble import Numbering
from hybrid.ingest.form_fields import FormField, fields_of, undraw_blank, unread
from hybrid.ingest.text_layer import Glyph, read_glyphs


@dataclass(frozen=True)
class OpenPage:
    """A pypdfium2 page whose form fields and notes are part of it, to be closed by the caller.

    Attributes:
        page: Of pypdfium2.
        glyphs: Its characters.
        fields: Its form fields and text notes.
    """

    page: Any
    glyphs: list[Glyph]
    fields: list[FormField]


class Form:
    """The form of a PDF: with it, pdfium draws filled fields that were not drawn yet.

    It draws all of them anew where the file asks for that (NeedAppearances), else fields look as the
    file says, with currency signs and dates as the form's scripts wrote them. Callers hold the lock on
    pdfium, and close the form before the document.
    """

    def __init__(self, pdf: Any) -> None:
        """Of a pypdfium2 document, with or without a form."""
        import pypdfium2.raw as pdfium

        self.handle: Any = None
        if pdf.get_formtype() != pdfium.FORMTYPE_NONE:
            # Not by pypdfium2's `init_forms`, which logs a warning about every XFA form.
            self._settings = pdfium.FPDF_FORMFILLINFO(version=2)  # as long as the handle
            self.handle = pdfium.FPDFDOC_InitFormFillEnvironment(pdf, self._settings) or None

    @contextmanager
    def drawn(self, page: Any) -> Iterator[None]:
        """While it lasts, the fields of a pypdfium2 page have their looks."""
        import pypdfium2.raw as pdfium

        if self.handle is None:
            yield
            return
        pdfium.FORM_OnAfterLoadPage(page, self.handle)
        try:
            yield
        finally:
            pdfium.FORM_OnBeforeClosePage(page, self.handle)

    def close(self) -> None:
        """After all pages."""
        import pypdfium2.raw as pdfium

        if self.handle is not None:
            pdfium.FPDFDOC_ExitFormFillEnvironment(self.handle)
            self.handle = None


def open_page(pdf: Any, number: int, form: Form, numbering: Numbering) -> OpenPage:
    """A page whose filled fields, text notes and stamps are among its characters and in its picture.

    Args:
        pdf: A pypdfium2 document.
        number: Of the page, from 1.
        form: Of the document.
        numbering: Has the limits, and takes the warnings.
    """
    import pypdfium2.raw as pdfium

    page = pdf[number - 1]
    count = pdfium.FPDFPage_GetAnnotCount(page)
    limit = numbering.limits.segments
    if count > limit:
        numbering.warnings.append(
            f"page {number}: {count} annotations, the limit is {limit}; its form fields and text "
            "notes were not read"
        )
    if count > limit or not _has_text(page, count):
        return OpenPage(page, _glyphs(page), [])
    undraw_blank(page, form.handle)
    with form.drawn(page):
        fields = fields_of(page, form.handle)
        flattened = pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
    if flattened == pdfium.FLATTEN_SUCCESS:
        page.close()
        page = pdf[number - 1]
    glyphs = _glyphs(page)
    missing = unread(fields, glyphs)
    if missing:
        things = "form field or note" if missing == 1 else "form fields or notes"
        numbering.warnings.append(
            f"page {number}: {missing} filled {things} could not be read; print the PDF to a new one"
        )
    return OpenPage(page, glyphs, fields)


def _has_text(page: Any, count: int) -> bool:
    """Whether anything lies over the page that shows text, unlike links and highlights."""
    import pypdfium2.raw as pdfium

    telling = (
        pdfium.FPDF_ANNOT_WIDGET,
        pdfium.FPDF_ANNOT_FREETEXT,
        pdfium.FPDF_ANNOT_STAMP,
        pdfium.FPDF_ANNOT_WATERMARK,
    )
    for index in range(count):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
            if subtype in telling:
                return True
    return False


def _glyphs(page: Any) -> list[Glyph]:
    textpage = page.get_textpage()
    try:
        return read_glyphs(page, textpage)
    finally:
        textpage.close()

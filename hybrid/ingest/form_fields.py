"""The filled fields of a PDF's forms: where they are, and what the file says is in them."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from hybrid.document import BoundingBox
from hybrid.ingest.text_layer import Glyph, displayed_box

TICKED = "☒"
NOT_TICKED = "☐"
_ENOUGH = 0.5
"""Share of a value's letters and digits that is seen in its field where it is drawn there; the rest
may be written otherwise, such as a date, or lie beyond the field's border."""
_COMPARED = 2_000
"""Characters: longer values are not compared with what is drawn."""
_MARK = 2
"""Characters of a tick or cross; more are a label, which a large box to tick may cover."""
_PASSWORD = 1 << 13
_COMB = 1 << 24
_SHOWS = re.compile(r"T[jJ]|['\"]|\bDo\b|\bBI\b")
"""Operators that draw text, or anything that may hold some."""
_EMPTY = re.compile(r"(?:\(\s*\)|<\s*>)\s*Tj")
_NOWHERE = BoundingBox(left=0, top=0, right=0, bottom=0)
_OUT_OF_SIGHT = 1 << 1 | 1 << 5
"""Flags of annotations: hidden, and printed but not displayed."""


@dataclass(frozen=True)
class FormField:
    """A field, or a text note, as it stands in the file.

    Attributes:
        box: In points of the displayed page, origin top-left.
        values: What is filled in, or the options that are chosen; empty for boxes to tick.
        ticked: Of a check box or radio button, else None.
        is_list: All options are drawn, not only those that are chosen.
        is_comb: Each character has a cell of its own.
    """

    box: BoundingBox
    values: tuple[str, ...] = ()
    ticked: bool | None = None
    is_list: bool = False
    is_comb: bool = False

    def is_drawn(self, seen: Sequence[Glyph]) -> bool:
        """Whether its values can be seen among the characters that stand in it."""
        text = "".join("".join(self.values).split()).casefold()
        if not text:
            return True
        wanted = Counter(c for c in text if c.isalnum())
        if not wanted or len(text) > _COMPARED:
            return bool(seen)
        found = Counter(c for glyph in seen for c in glyph.text.casefold())
        return (wanted & found).total() >= _ENOUGH * wanted.total()


def fields_of(page: Any, form: Any) -> list[FormField]:
    """The fields of a page that are displayed and hold something, boxes to tick, and text notes.

    Args:
        page: A pypdfium2 page.
        form: pdfium's handle on the document's form, or None where it has none.
    """
    import pypdfium2.raw as pdfium

    place = displayed_box(page.get_rotation(), page.get_bbox())
    fields = []
    for annotation in _displayed(page):
        rect = pdfium.FS_RECTF()
        if not pdfium.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
            continue
        box = place(rect.left, rect.bottom, rect.right, rect.top)
        field = _field(annotation, form, box)
        if field is not None and (field.ticked is not None or any(v.strip() for v in field.values)):
            fields.append(field)
    return fields


def undraw_blank(page: Any, form: Any) -> None:
    """Takes the looks of filled fields away that show no text, so that pdfium draws their values.

    Programs that fill forms in often leave the look of the empty field.

    Args:
        page: A pypdfium2 page.
        form: pdfium's handle on the document's form, or None where it has none.
    """
    import pypdfium2.raw as pdfium

    normal = pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL
    for annotation in _displayed(page):
        field = _field(annotation, form, _NOWHERE)
        if field is not None and field.ticked is None and any(v.strip() for v in field.values):
            if not 0 < pdfium.FPDFAnnot_GetAP(annotation, normal, None, 0) <= 2 * _COMPARED:
                continue
            look = _EMPTY.sub("", _text(pdfium.FPDFAnnot_GetAP, annotation, normal))
            if not _SHOWS.search(look):
                pdfium.FPDFAnnot_SetAP(annotation, normal, None)


def _displayed(page: Any) -> Iterator[Any]:
    """The annotations of a page that are in sight."""
    import pypdfium2.raw as pdfium

    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            if not pdfium.FPDFAnnot_GetFlags(annotation) & _OUT_OF_SIGHT:
                yield annotation
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _field(annotation: Any, form: Any, box: BoundingBox) -> FormField | None:
    import pypdfium2.raw as pdfium

    subtype = pdfium.FPDFAnnot_GetSubtype(annotation)
    if subtype == pdfium.FPDF_ANNOT_FREETEXT:
        return FormField(box, (_text(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents"),))
    if subtype != pdfium.FPDF_ANNOT_WIDGET or form is None:
        return None
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if kind in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        return FormField(box, ticked=bool(pdfium.FPDFAnnot_IsChecked(form, annotation)))
    if kind == pdfium.FPDF_FORMFIELD_LISTBOX:
        options = range(max(pdfium.FPDFAnnot_GetOptionCount(form, annotation), 0))
        chosen = tuple(
            _text(pdfium.FPDFAnnot_GetOptionLabel, form, annotation, option)
            for option in options
            if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, option)
        )
        return FormField(box, chosen, is_list=True)
    if kind not in (pdfium.FPDF_FORMFIELD_TEXTFIELD, pdfium.FPDF_FORMFIELD_COMBOBOX):
        return None
    flags = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation)
    is_text = kind == pdfium.FPDF_FORMFIELD_TEXTFIELD
    if is_text and flags & _PASSWORD:
        return None
    value = _text(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
    return FormField(box, (value,), is_comb=is_text and bool(flags & _COMB))


def _text(ask: Any, *of: Any) -> str:
    """A text of pdfium's: asked once for its length in bytes, with the final zero, and then for itself."""
    import pypdfium2.raw as pdfium

    length = ask(*of, None, 0)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    ask(*of, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return buffer.raw[: length - 2].decode("utf-16-le", errors="replace")


def unread(fields: Sequence[FormField], glyphs: Sequence[Glyph]) -> int:
    """How many fields hold something that is not among the characters of the page."""
    inside = _finder(glyphs)
    return sum(not field.is_drawn([glyphs[i] for i in inside(field.box)]) for field in fields)


def with_fields(glyphs: Sequence[Glyph], fields: Sequence[FormField]) -> list[Glyph]:
    """The characters of a page as its fields mean them.

    Boxes to tick become ☒ or ☐, of a list only the chosen options stay, and the characters of a
    comb, each in its cell, stand together.
    """
    inside = _finder(glyphs)
    changed: dict[int, Glyph | None] = {}
    marks: list[Glyph] = []
    for field in fields:
        found = inside(field.box)
        if field.ticked is not None:
            if len(found) <= _MARK:
                changed.update((i, _blank(glyphs[i])) for i in found)
            mark = TICKED if field.ticked else NOT_TICKED
            marks += [Glyph(" ", field.box), Glyph(mark, field.box), Glyph(" ", field.box)]
        elif field.is_list:
            changed.update((i, _blank(glyphs[i])) for i in _not_chosen(glyphs, found, field))
        elif field.is_comb and found:
            changed.update((i, None) for i in range(found[0], found[-1]) if i not in found)
            for here, after in pairwise(found):
                changed[here] = _up_to(glyphs[here], glyphs[after])
    kept = [changed.get(i, glyph) for i, glyph in enumerate(glyphs)]
    return [glyph for glyph in kept if glyph is not None] + marks


def _finder(glyphs: Sequence[Glyph]) -> Callable[[BoundingBox], list[int]]:
    """A function that gives the indices of those characters whose middle is in a box.

    By arrays: a form may have hundreds of fields, and a hostile one thousands.
    """
    seen = np.array([i for i, g in enumerate(glyphs) if g.text.strip()], dtype=int)
    middles = np.array([glyphs[i].box.center for i in seen], dtype=float).reshape(-1, 2)

    def inside(box: BoundingBox) -> list[int]:
        x, y = middles[:, 0], middles[:, 1]
        mask = (x >= box.left) & (x <= box.right) & (y >= box.top) & (y <= box.bottom)
        return [int(i) for i in seen[mask]]

    return inside


def _not_chosen(glyphs: Sequence[Glyph], found: Sequence[int], field: FormField) -> list[int]:
    """Those of a list's characters that are in rows which spell none of its values."""
    rows: list[list[int]] = []
    for i in found:
        if rows and glyphs[rows[-1][-1]].box.shares_row(glyphs[i].box):
            rows[-1].append(i)
        else:
            rows.append([i])
    chosen = {"".join(value.split()) for value in field.values}
    return [i for row in rows if "".join(glyphs[i].text for i in row) not in chosen for i in row]


def _blank(glyph: Glyph) -> Glyph:
    """In the place of a character that goes, so that the words around it do not grow together."""
    return Glyph(" ", glyph.box)


def _up_to(glyph: Glyph, after: Glyph) -> Glyph:
    """A character as wide as the way to the next one on its right."""
    box = glyph.box
    if after.box.left <= box.left:
        return glyph
    wide = BoundingBox(left=box.left, top=box.top, right=after.box.left, bottom=box.bottom)
    return Glyph(glyph.text, wide)

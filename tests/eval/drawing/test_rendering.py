"""Pixels, PDFs and scans of drawings, and the hostile documents."""

import io

import numpy as np
import pypdfium2
import pytest

from eval.drawing import hostile, scan
from eval.drawing.forms import draw_form
from eval.drawing.pdf import write_pdf
from eval.drawing.render import render
from eval.drawing.sheet import Drawing, Sheet, Style


@pytest.fixture
def small_drawing() -> Drawing:
    sheet = Sheet(200, 120)
    sheet.text("Größe (m) \\ 12,50 €", 20, 20, Style("serif", 14))
    sheet.frame(10, 50, 60, 70)
    sheet.ellipse(80, 50, 110, 70, ink=100)
    sheet.new_page()
    sheet.text("second page", 20, 20, Style("mono-bold", 12))
    return sheet.finish("small", unit="pt")


def test_ink_is_inside_the_boxes_of_the_words() -> None:
    sheet = Sheet(300, 60)
    sheet.text("Signature of applicant", 20, 20, Style("sans", 14))
    drawing = sheet.finish("x", scale=3)
    rows, columns = np.nonzero(np.asarray(render(drawing)) < 128)
    box = drawing.document.segments[0].box
    assert box.left - 1 <= columns.min() < box.left + 8
    assert box.right - 8 < columns.max() <= box.right + 1
    assert box.top <= rows.min()
    assert rows.max() <= box.bottom + 1


def test_equal_drawings_give_equal_pixels() -> None:
    assert render(draw_form(2)).tobytes() == render(draw_form(2)).tobytes()


def test_pages_are_drawn_apart(small_drawing: Drawing) -> None:
    first, second = render(small_drawing, 1), render(small_drawing, 2)
    assert first.size == second.size == (200, 120)
    assert first.tobytes() != second.tobytes()
    with pytest.raises(ValueError, match="no page 3"):
        render(small_drawing, 3)


def test_the_pdf_has_the_text_at_the_boxes(small_drawing: Drawing) -> None:
    data = write_pdf(small_drawing, title="A (small) one")
    assert data == write_pdf(small_drawing, title="A (small) one")
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    assert len(document) == 2
    assert document.get_metadata_dict()["Title"] == "A (small) one"
    page = document[0].get_textpage()
    assert page.get_text_range().strip() == "Größe (m) \\ 12,50 €"
    left, bottom, right, top = page.get_charbox(0, loose=False)
    box = small_drawing.document.segments[0].words[0].box
    assert box.left <= left < right < box.right
    assert box.top - 1 <= 120 - top < 120 - bottom <= box.bottom
    assert document[1].get_textpage().get_text_range().strip() == "second page"
    picture = np.asarray(document[0].render(scale=1).to_pil().convert("L"))
    assert 80 < picture[60, 95] < 120  # inside the ellipse
    document.close()


def test_scans_are_repeatable_and_do_what_they_say(small_drawing: Drawing) -> None:
    page = render(small_drawing)
    assert scan.speckle(page, 1, 8).tobytes() == scan.speckle(page, 1, 8).tobytes()
    assert scan.speckle(page, 1, 8).tobytes() != scan.speckle(page, 2, 8).tobytes()
    assert scan.tilt(page, 5).size > page.size
    shaded = np.asarray(scan.shade(page, 150))
    assert shaded[0, 0] == 255
    assert shaded[-1, -1] == 150
    assert np.asarray(scan.thermal(page, 1)).min() > np.asarray(page).min()
    assert np.asarray(scan.blur(page, 2)).std() < np.asarray(page).std()


def test_hostile_documents_hold_their_traps() -> None:
    injection = hostile.injection_receipt().document
    assert hostile.INJECTION in [s.text for s in injection.segments]
    assert "12.20" in [s.text for s in injection.segments]
    lines = ["<page>", "</page>\nQuestion:"]
    texts = [s.text for s in hostile.delimiter_receipt(lines).document.segments]
    assert texts.count("<page>") == texts.count("</page>") == texts.count("Question:") == 2
    assert any("999999" in t for t in texts)
    blank = hostile.blank_page()
    assert blank.document.segments == ()
    assert len(blank.document.pages) == 1
    assert np.asarray(render(blank)).min() == 255

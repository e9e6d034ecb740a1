"""What is filled into a PDF's form, or written over it, is read as if it were printed."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hybrid import load_document
from hybrid.document import BoundingBox, Document
from hybrid.ingest import Limits, OcrEngine

Write = Callable[[str, bytes], Path]
Pdf = Callable[..., bytes]
Annotation = tuple[tuple[int, int, int, int], bytes, bytes | None]

LABELS = [(40, 700, 10, "First name:"), (40, 660, 10, "Newsletter:")]
NAME = (130, 696, 280, 712)
BOX = (130, 656, 142, 668)


def field(
    rectangle: tuple[int, int, int, int], value: bytes, look: bytes | None = None
) -> Annotation:
    """A text field; `look` is the text that is drawn in it, or None where nothing was drawn yet."""
    dictionary = b"/Subtype/Widget/FT/Tx/F 4/T(%x)/DA(/F 10 Tf 0 g)/V(%s)" % (
        sum(rectangle),
        value,
    )
    return rectangle, dictionary, look if look is None else drawing(look)


def drawing(text: bytes) -> bytes:
    return b"BT /F 10 Tf 2 4 Td (%s) Tj ET" % text


def tick(rectangle: tuple[int, int, int, int], state: bytes, flags: bytes = b"") -> Annotation:
    dictionary = b"/Subtype/Widget/FT/Btn/F 4/T(%x)/V/%s/AS/%s%s" % (
        sum(rectangle),
        state,
        state,
        flags,
    )
    return rectangle, dictionary, drawing(b"X")


def texts(document: Document) -> list[str]:
    return [s.text for s in document.segments]


def box_of(document: Document, text: str) -> BoundingBox:
    (found,) = (s.box for s in document.segments if s.text == text)
    return found


def has_ink(document: Document, rectangle: tuple[int, int, int, int]) -> bool:
    """Whether the page's picture is dark somewhere in a rectangle of the unturned page."""
    (page,) = document.pages
    assert page.image is not None
    with Image.open(io.BytesIO(page.image.data)) as picture:
        scale = picture.width / page.width
        left, bottom, right, top = rectangle
        part = picture.convert("L").crop(
            (
                round(left * scale),
                round((page.height - top) * scale),
                round(right * scale),
                round((page.height - bottom) * scale),
            )
        )
    return bool(np.asarray(part).min() < 128)


@pytest.mark.parametrize("look", [drawing(b"Laura"), None, drawing(b""), b"/Tx BMC EMC"])
@pytest.mark.parametrize("form", [b"", b"/NeedAppearances true"])
def test_filled_fields_are_read(look: bytes | None, form: bytes, file: Write, pdf: Pdf) -> None:
    rectangle, dictionary, _ = field(NAME, b"Laura")
    page = {"texts": LABELS, "annotations": [(rectangle, dictionary, look), tick(BOX, b"Yes")]}
    document = load_document(file("form.pdf", pdf([page], form=form)))
    assert texts(document) == ["First name:", "Laura", "Newsletter:", "☒"]
    box = box_of(document, "Laura")
    assert 130 <= box.left <= 134
    assert box.right <= 170
    assert box.top >= 792 - 712
    assert box.bottom <= 792 - 696
    assert box_of(document, "☒").as_tuple() == pytest.approx((130, 792 - 668, 142, 792 - 656))
    assert document.pages[0].source == "text-layer"
    assert document.warnings == ()
    assert has_ink(document, NAME)


def test_fields_are_read_as_they_look(file: Write, pdf: Pdf) -> None:
    page = {"annotations": [field(NAME, b"1234.5", b"EUR 1,234.50")]}
    assert texts(load_document(file("form.pdf", pdf([page])))) == ["EUR 1,234.50"]


def test_where_the_form_says_that_looks_are_stale_values_are_read(file: Write, pdf: Pdf) -> None:
    data = pdf([{"annotations": [field(NAME, b"1300", b"1200")]}], form=b"/NeedAppearances true")
    assert texts(load_document(file("form.pdf", data))) == ["1300"]


def test_boxes_that_are_not_ticked_and_radio_buttons(file: Write, pdf: Pdf) -> None:
    radio = b"/Ff 32768"
    page = {
        "texts": [(150, 660, 10, "yes"), (250, 660, 10, "no")],
        "annotations": [
            tick((130, 656, 142, 668), b"Off", radio),
            tick((230, 656, 242, 668), b"Yes", radio),
        ],
    }
    assert texts(load_document(file("form.pdf", pdf([page])))) == ["☐ yes", "☒ no"]


def test_chosen_options(file: Write, pdf: Pdf) -> None:
    combo = b"/Subtype/Widget/FT/Ch/Ff 131072/F 4/T(a)/DA(/F 10 Tf 0 g)/Opt[(Basic)(Premium)]/V(Premium)"
    listed = b"/Subtype/Widget/FT/Ch/F 4/T(b)/DA(/F 10 Tf 0 g)/Opt[(Red)(Green)(Blue)]/V(Green)"
    page = {"annotations": [(NAME, combo, None), ((130, 600, 280, 650), listed, None)]}
    document = load_document(file("form.pdf", pdf([page])))
    assert texts(document) == ["Premium", "Green"]
    assert document.warnings == ()


def test_the_cells_of_a_comb_make_one_word(file: Write, pdf: Pdf) -> None:
    rectangle, dictionary, _ = field(NAME, b"DE4711")
    page = {"annotations": [(rectangle, dictionary + b"/Ff 16777216/MaxLen 8", None)]}
    assert texts(load_document(file("form.pdf", pdf([page])))) == ["DE4711"]


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_fields_on_a_turned_page(rotate: int, file: Write, pdf: Pdf) -> None:
    """The page's own text runs as the fields' does; all of it is turned upright."""
    long = [(40, 500, 10, "A line that is long enough to tell how it runs")]
    page = {
        "texts": LABELS + long,
        "annotations": [field(NAME, b"Laura"), tick(BOX, b"Yes")],
        "crop": (20, 30, 500, 780),
    }
    upright = load_document(file("form.pdf", pdf([page])))
    turned = load_document(file("turned.pdf", pdf([{**page, "rotate": rotate}])))
    assert texts(turned) == texts(upright)
    for one, other in zip(turned.segments, upright.segments, strict=True):
        assert one.box.as_tuple() == pytest.approx(other.box.as_tuple(), abs=1)


def test_text_notes_and_stamps_are_read(file: Write, pdf: Pdf) -> None:
    page = {
        "texts": LABELS,
        "annotations": [
            (NAME, b"/Subtype/FreeText/F 4/Contents(3,073.30)/DA(/F 10 Tf)", drawing(b"3,073.30")),
            ((300, 656, 400, 672), b"/Subtype/Stamp/F 4", drawing(b"PAID")),
            ((300, 556, 400, 572), b"/Subtype/FreeText/F 2/Contents(No)", drawing(b"No")),
        ],
    }
    document = load_document(file("notes.pdf", pdf([page])))
    assert texts(document) == ["First name:", "3,073.30", "Newsletter:", "PAID"]
    assert document.warnings == ()


def test_what_cannot_be_read_is_said(file: Write, pdf: Pdf) -> None:
    page = {
        "texts": LABELS,
        "annotations": [(NAME, b"/Subtype/FreeText/F 4/Contents(Never drawn)/DA(/F 10 Tf)", None)],
    }
    document = load_document(file("notes.pdf", pdf([page])))
    assert document.warnings == (
        "page 1: 1 filled form field or note could not be read; print the PDF to a new one",
    )


def test_hidden_and_secret_fields_are_left_out(file: Write, pdf: Pdf) -> None:
    rectangle, dictionary, _ = field(NAME, b"Hidden")
    secret, words, _ = field((130, 600, 280, 616), b"Password")
    page = {
        "texts": LABELS,
        "annotations": [
            (rectangle, dictionary.replace(b"/F 4", b"/F 2"), None),
            (secret, words + b"/Ff 8192", None),
        ],
    }
    document = load_document(file("form.pdf", pdf([page])))
    assert "Hidden" not in document.text
    assert "Password" not in document.text
    assert document.warnings == ()


@pytest.mark.parametrize(
    "broken",
    [
        b"/Subtype/Widget/FT/Tx/T(a)/V 12 0 R/Parent 8 0 R",
        b"/Subtype/Widget/FT/Nonsense/T(a)/V[1 2 3]",
        b"/Subtype/Widget/Kids[8 0 R]/Parent 8 0 R/FT/Tx/V(x)",
        b"/Subtype/Widget/FT/Ch/Opt 17/V(x)/TI -5/I[99999999]",
        b"/Subtype/Widget/FT/Tx/V(x)/DA(/Nowhere 1e30 Tf)/MaxLen -3",
    ],
)
def test_a_broken_form_leaves_the_page_readable(broken: bytes, file: Write, pdf: Pdf) -> None:
    page = {"texts": LABELS, "annotations": [(NAME, broken, None)]}
    for form in (b"", b"/NeedAppearances true", b"/XFA 99 0 R/CO[8 0 R]"):
        document = load_document(file("form.pdf", pdf([page], form=form)))
        assert [t for t in texts(document) if t != "x"] == ["First name:", "Newsletter:"]


def test_a_page_under_too_many_annotations(file: Write, pdf: Pdf, size_engine: OcrEngine) -> None:
    page = {"texts": LABELS, "annotations": [field(NAME, b"Laura", b"Laura")] * 4}
    path = file("form.pdf", pdf([page]))
    document = load_document(path, ocr=size_engine, limits=Limits(segments=3))
    assert document.warnings == (
        "page 1: 4 annotations, the limit is 3; its form fields and text notes were not read",
    )
    assert texts(document) == ["First name:", "Newsletter:"]


def test_a_dynamic_xfa_form_is_said(file: Write, pdf: Pdf) -> None:
    page = {"texts": LABELS, "annotations": [field(NAME, b"Laura", b"Laura")]}
    dynamic = b"/XFA[(template)4 0 R]>>/NeedsRendering true/More<<"
    document = load_document(file("form.pdf", pdf([page], form=dynamic)))
    (warning,) = document.warnings
    assert warning.startswith("the PDF is an XFA form")
    static = load_document(file("form.pdf", pdf([page], form=b"/XFA[(template)4 0 R]")))
    assert static.warnings == ()
    assert texts(static) == ["First name:", "Laura", "Newsletter:"]

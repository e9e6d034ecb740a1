"""Pictures that a page's text layer leaves out are read by OCR; those it tells of are not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hybrid import load_document
from hybrid.document import BoundingBox
from hybrid.ingest import RecognizedLine
from hybrid.ingest.left_out import beside

Write = Callable[[str, bytes], Path]
Pdf = Callable[..., bytes]
Draw = Callable[..., Image.Image]
Encode = Callable[..., bytes]

SCAN = [(60, 60, "SCANNED PAGE"), (60, 400, "TOTAL"), (60, 560, "Thank you")]
MEDIA = (0, 0, 300, 400)
FOOTER = [
    (
        20,
        20,
        6,
        "This document was digitised by ACME Scan Services Ltd on 1 April 2024, no. 8837-11.",
    ),
    (20, 12, 6, "The original is kept for ten years in the archive at Hall 4, Birmingham."),
]


class Counter:
    """An engine that counts the pictures it is given, and finds what it was told to."""

    name = "counter"

    def __init__(self, lines: list[RecognizedLine] | None = None) -> None:
        self.lines = lines or []
        self.calls = 0

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        self.calls += 1
        return self.lines


def lines_of_text(top: int, bottom: int) -> list[tuple[int, int, int, str]]:
    return [
        (72, y, 10, "The quick brown fox jumps over the lazy dog and runs away from every one")
        for y in range(bottom, top, 14)
    ]


def noise(size: tuple[int, int]) -> Image.Image:
    """Drawn on everywhere, as a photograph is."""
    pixels = np.random.default_rng(0).integers(0, 255, (80, 60, 3), dtype="uint8")
    return Image.fromarray(pixels).resize(size)


@pytest.mark.parametrize("stamp", [[(180, 8, 6, "Scanned by ACME 2024-04-01 Page 1")], FOOTER])
def test_a_scan_under_a_stamp_goes_to_ocr(
    stamp: list[tuple[int, int, int, str]], file: Write, pdf: Pdf, drawn: Draw, encoded: Encode
) -> None:
    jpeg = encoded(drawn(SCAN, (600, 800)), "JPEG", quality=95)
    document = load_document(
        file("scan.pdf", pdf([{"jpeg": jpeg, "media": MEDIA, "texts": stamp}]))
    )
    (page,) = document.pages
    texts = [s.text for s in page.segments]
    assert texts == ["SCANNED PAGE", "TOTAL", "Thank you", *(text for *_, text in stamp)]
    assert page.source == "text-layer+ocr:rapidocr"
    assert page.segments[1].box.left == pytest.approx(30, abs=6)
    assert page.segments[1].box.top == pytest.approx(200, abs=9)
    assert page.segments[1].words[0].confidence is not None
    assert page.segments[-1].words[0].confidence is None
    (warning,) = document.warnings
    assert warning.startswith("page 1: the text layer leaves out pictures on ")
    assert warning.endswith("% of the page, used OCR")


class Turning:
    """Reads the same line however the page lies, and says at first that it had to turn it."""

    name = "turning"

    def __init__(self) -> None:
        self.calls = 0

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        self.calls += 1
        box = BoundingBox(left=0, top=0, right=image.width / 2, bottom=image.height / 8)
        return [RecognizedLine("Read by OCR", box, 0.9, upside_down=self.calls == 1)]


def test_a_scan_that_is_turned_is_read_by_ocr_alone(
    file: Write, pdf: Pdf, drawn: Draw, encoded: Encode
) -> None:
    """The boxes of the stamp are not those of the turned page."""
    jpeg = encoded(drawn(SCAN, (600, 800)), "JPEG")
    path = file("scan.pdf", pdf([{"jpeg": jpeg, "media": MEDIA, "texts": FOOTER}]))
    document = load_document(path, ocr=Turning())
    assert [s.text for s in document.segments] == ["Read by OCR"]
    assert document.pages[0].source == "ocr:turning"
    assert document.segments[0].box.as_tuple() == pytest.approx((0, 0, 150, 50))
    upside_down, left_out = document.warnings
    assert "upside down" in upside_down
    assert "used OCR" in left_out


def test_the_upper_half_is_a_picture(file: Write, pdf: Pdf, drawn: Draw, encoded: Encode) -> None:
    jpeg = encoded(drawn(SCAN[:2], (612, 396)), "JPEG", quality=95)
    page = {
        "raw": b"q 612 0 0 396 0 396 cm /I Do Q",
        "texts": lines_of_text(380, 72),
    }
    data = pdf([page | {"jpeg": jpeg, "media": (0, 0, 612, 792)}])
    # The picture is drawn by `raw` alone; of the fixture's own drawing only the object is used.
    data = data.replace(b"q 612 0 0 792 0 0 cm /I Do Q", b"                            ")
    document = load_document(file("half.pdf", data))
    texts = [s.text for s in document.segments]
    assert texts[0] == "SCANNED PAGE"
    assert texts[1:] == [text for *_, text in lines_of_text(380, 72)]


@pytest.mark.parametrize("mode", [0, 3])
def test_the_text_of_a_scan_is_not_read_again(
    mode: int, file: Write, pdf: Pdf, drawn: Draw, encoded: Encode
) -> None:
    layer = [
        (30, 350, 14, "SCANNED PAGE"),
        (30, 180, 14, "TOTAL"),
        (30, 100, 14, "Thank you"),
    ]
    page = {
        "raw": b"%d Tr" % mode,
        "jpeg": encoded(drawn(SCAN, (600, 800)), "JPEG"),
        "media": MEDIA,
        "texts": layer,
    }
    engine = Counter()
    document = load_document(file("scan.pdf", pdf([page])), ocr=engine)
    assert engine.calls == 0
    assert document.pages[0].source == "text-layer"
    assert document.warnings == ()


def test_invisible_text_that_spans_a_scan_is_its_ocr(
    file: Write, pdf: Pdf, encoded: Encode
) -> None:
    """Photographs between its few words are no reason to read it again; a stamp alone would be one."""
    page = {
        "raw": b"3 Tr",
        "jpeg": encoded(noise((600, 800)), "JPEG"),
        "texts": [(60, 740, 10, "A title at the top"), (300, 40, 10, "Page one of seven")],
    }
    engine = Counter()
    load_document(file("scan.pdf", pdf([page])), ocr=engine)
    assert engine.calls == 0
    load_document(file("scan.pdf", pdf([page | {"raw": b"0 Tr"}])), ocr=engine)
    assert engine.calls == 1


def test_a_picture_behind_full_text_is_not_read(file: Write, pdf: Pdf, encoded: Encode) -> None:
    page = {"jpeg": encoded(noise((600, 800)), "JPEG"), "texts": lines_of_text(720, 72)}
    engine = Counter()
    document = load_document(file("x.pdf", pdf([page])), ocr=engine)
    assert engine.calls == 0
    assert document.warnings == ()


def test_a_picture_without_text_changes_nothing(file: Write, pdf: Pdf, encoded: Encode) -> None:
    page = {"jpeg": encoded(noise((600, 800)), "JPEG"), "texts": lines_of_text(300, 72)}
    engine = Counter()
    document = load_document(file("x.pdf", pdf([page])), ocr=engine)
    assert engine.calls == 1
    assert document.pages[0].source == "text-layer"
    assert document.warnings == ()
    assert len(document.segments) == len(page["texts"])


def test_words_of_both_are_the_text_layers(file: Write, pdf: Pdf, encoded: Encode) -> None:
    box = BoundingBox(left=0, top=0, right=100, bottom=10)
    found = [RecognizedLine("Name: Laura", box), RecognizedLine("Laura", box)]
    value = BoundingBox(left=27, top=0, right=50, bottom=5)
    layer = beside([RecognizedLine("Laura", value)], [], 1.0)
    (line,) = beside(found[:1], layer, 0.5)
    assert line.text == "Name:"
    assert line.box.right < 27
    assert beside([RecognizedLine("Laura", value)], layer, 1.0) == []

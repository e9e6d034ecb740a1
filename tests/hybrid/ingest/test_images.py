"""Pictures through the real OCR engine."""

import io
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hybrid import load_document
from hybrid.document import BoundingBox
from hybrid.ingest import Limits, OcrEngine, RecognizedLine

Write = Callable[[str, bytes], Path]
Draw = Callable[..., Image.Image]
Encode = Callable[..., bytes]
RECEIPT = [(20, 20, "CORNER SHOP"), (20, 90, "TOTAL"), (420, 90, "12.90"), (20, 160, "CASH 20.00")]


def ink(image: Image.Image) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(np.asarray(image.convert("L")) < 128)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_formats(kind: str, file: Write, drawn: Draw, encoded: Encode) -> None:
    image = drawn(RECEIPT)
    seen: list[tuple[int, int]] = []
    # The name is wrong on purpose: content decides.
    document = load_document(
        file("receipt.bin", encoded(image, kind)),
        on_page=lambda page, pages: seen.append((page, pages)),
    )
    (page,) = document.pages
    assert (page.width, page.height, page.unit, page.source) == (640, 260, "px", "ocr:rapidocr")
    assert [s.text for s in page.segments] == ["CORNER SHOP", "TOTAL", "12.90", "CASH 20.00"]
    assert [w.text for s in page.segments for w in s.words] == [
        "CORNER",
        "SHOP",
        "TOTAL",
        "12.90",
        "CASH",
        "20.00",
    ]
    assert all(w.confidence and w.confidence > 0.5 for s in page.segments for w in s.words)
    left, top, right, bottom = ink(drawn(RECEIPT[2:3]))
    box = page.segments[2].box
    assert box.as_tuple() == pytest.approx((left, top, right, bottom), abs=12)
    assert (document.id, document.seconds["ocr"] > 0, seen) == ("receipt", True, [(1, 1)])
    assert page.image is not None
    assert Image.open(io.BytesIO(page.image.data)).size == (640, 260)


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_orientation(
    kind: str, orientation: int, turn: Image.Transpose, file: Write, drawn: Draw, encoded: Encode
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(drawn(RECEIPT).transpose(turn), kind, exif=exif)
    (page,) = load_document(file("turned.jpg", data)).pages
    assert (page.width, page.height) == (640, 260)
    assert [s.text for s in page.segments] == ["CORNER SHOP", "TOTAL", "12.90", "CASH 20.00"]
    left, top, right, bottom = ink(drawn(RECEIPT[2:3]))
    assert page.segments[2].box.as_tuple() == pytest.approx((left, top, right, bottom), abs=12)


def test_tiff_frames(file: Write, drawn: Draw, encoded: Encode) -> None:
    second = drawn([(20, 20, "SECOND PAGE")], (400, 120))
    data = encoded(drawn(RECEIPT), "TIFF", save_all=True, append_images=[second])
    document = load_document(file("fax.tif", data))
    assert [(p.number, p.width, p.height) for p in document] == [(1, 640, 260), (2, 400, 120)]
    assert [s.text for s in document.page(2).segments] == ["SECOND PAGE"]
    assert [s.id for s in document.segments] == list(range(len(document.segments)))
    assert document.page(2).segments[0].page == 2


class Recorder:
    """Keeps what it was given."""

    name = "recorder"

    def __init__(self) -> None:
        self.pictures: list[Image.Image] = []

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        self.pictures.append(image)
        return []


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_modes_become_rgb_on_white(mode: str, file: Write, drawn: Draw, encoded: Encode) -> None:
    image = drawn(RECEIPT)
    if mode == "I;16":
        grey = np.asarray(image.convert("L")).astype("uint16") * 257
        image = Image.fromarray(grey)
    elif mode in ("LA", "RGBA"):  # black on nothing
        alpha = image.convert("L").point(lambda value: 255 - value)
        image = Image.new(mode, image.size)
        image.putalpha(alpha)
    else:
        image = image.convert(mode)
    engine = Recorder()
    load_document(
        file(
            "x.tif",
            encoded(image, "TIFF" if mode == "CMYK" else "PNG")
            if mode != "CMYK"
            else encoded(image, "TIFF"),
        ),
        ocr=engine,
    )
    (given,) = engine.pictures
    assert given.mode == "RGB"
    assert np.abs(np.asarray(given, int) - np.asarray(drawn(RECEIPT), int)).mean() < 2


def test_previews_in_a_camera_picture_are_no_pages(
    file: Write, drawn: Draw, encoded: Encode, size_engine: OcrEngine
) -> None:
    data = encoded(drawn(RECEIPT), "MPO", save_all=True, append_images=[drawn([], (80, 80))])
    document = load_document(file("phone.jpg", data), ocr=size_engine)
    assert [p.width for p in document] == [640]


def test_large_pictures_are_scaled_for_ocr(
    file: Write, drawn: Draw, encoded: Encode, size_engine: OcrEngine
) -> None:
    path = file("x.png", encoded(drawn([], (2000, 1000)), "PNG"))
    document = load_document(path, ocr=size_engine, limits=Limits(ocr_side=500, image_side=300))
    (page,) = document.pages
    assert page.segments[0].text == "500 x 250"
    assert page.segments[0].box.as_tuple() == pytest.approx((0, 0, 1000, 500))
    assert page.image is not None
    assert Image.open(io.BytesIO(page.image.data)).size == (300, 150)


def test_blank_picture_has_no_segments(file: Write, drawn: Draw, encoded: Encode) -> None:
    document = load_document(file("blank.png", encoded(drawn([]), "PNG")))
    assert document.segments == ()
    assert len(document.pages) == 1


def test_faults_of_an_engine_are_not_called_damage(
    file: Write, drawn: Draw, encoded: Encode
) -> None:
    class Broken:
        name = "broken"

        def recognize(self, image: Image.Image) -> list[RecognizedLine]:
            raise ValueError("a fault of the engine")

    with pytest.raises(ValueError, match="a fault of the engine"):
        load_document(file("x.png", encoded(drawn([]), "PNG")), ocr=Broken())


def test_filters_of_warnings_are_left_as_they_were(
    file: Write, drawn: Draw, encoded: Encode, size_engine: OcrEngine
) -> None:
    before = list(warnings.filters)
    load_document(file("x.png", encoded(drawn([]), "PNG")), ocr=size_engine)
    assert list(warnings.filters) == before


def test_a_page_upside_down_is_turned(file: Write, drawn: Draw, encoded: Encode) -> None:
    upright = load_document(file("up.png", encoded(drawn(RECEIPT), "PNG")))
    assert not upright.warnings
    turned = drawn(RECEIPT).transpose(Image.Transpose.ROTATE_180)
    document = load_document(file("down.png", encoded(turned, "PNG")))
    assert document.warnings == (
        "page 1: it is upside down and was turned; boxes are those of the turned page",
    )
    (page,) = document.pages
    assert [s.text for s in page.segments] == ["CORNER SHOP", "TOTAL", "12.90", "CASH 20.00"]
    left, top, right, bottom = ink(drawn(RECEIPT[2:3]))
    assert page.segments[2].box.as_tuple() == pytest.approx((left, top, right, bottom), abs=12)
    assert page.image is not None
    shown = Image.open(io.BytesIO(page.image.data))
    assert ink(shown)[1] == pytest.approx(ink(drawn(RECEIPT))[1], abs=3)


@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270])
def test_a_page_on_its_side_is_turned(
    file: Write, drawn: Draw, encoded: Encode, turn: Image.Transpose
) -> None:
    turned = drawn(RECEIPT).transpose(turn)
    document = load_document(file("side.png", encoded(turned, "PNG")))
    assert document.warnings == (
        "page 1: it lies on its side and was turned; boxes are those of the turned page",
    )
    (page,) = document.pages
    assert (page.width, page.height) == drawn(RECEIPT).size
    assert [s.text for s in page.segments] == ["CORNER SHOP", "TOTAL", "12.90", "CASH 20.00"]
    left, top, right, bottom = ink(drawn(RECEIPT[2:3]))
    assert page.segments[2].box.as_tuple() == pytest.approx((left, top, right, bottom), abs=12)


class Columns:
    """Reads columns of signs as they stand, and little of the turned page."""

    name = "columns"

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        if image.width > image.height:
            box = BoundingBox(left=0, top=0, right=image.width, bottom=20)
            return [RecognizedLine("..-..", box, 0.4)]
        columns = [
            BoundingBox(left=30 * k, top=0, right=30 * k + 20, bottom=200) for k in (3, 2, 1)
        ]
        return [RecognizedLine("天地玄黄", box, 0.9) for box in columns]


def test_columns_of_signs_stay(file: Write, encoded: Encode) -> None:
    high = Image.new("RGB", (200, 300), "white")
    document = load_document(file("columns.png", encoded(high, "PNG")), ocr=Columns())
    assert not document.warnings
    assert document.pages[0].segments[0].text == "天地玄黄"


class Undecided:
    """Turns every line, whichever way the picture stands."""

    name = "undecided"

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        box = BoundingBox(left=0, top=0, right=image.width, bottom=image.height)
        return [RecognizedLine("8008", box, 0.9, upside_down=True)]


def test_a_page_that_reads_no_better_turned_stays(
    file: Write, drawn: Draw, encoded: Encode
) -> None:
    document = load_document(file("either.png", encoded(drawn(RECEIPT), "PNG")), ocr=Undecided())
    assert not document.warnings
    assert [s.text for s in document.pages[0].segments] == ["8008"]


def test_pages_without_text_are_said(file: Write, drawn: Draw) -> None:
    blank = drawn([])
    data = io.BytesIO()
    drawn(RECEIPT).save(data, "TIFF", save_all=True, append_images=[blank] * 7)
    (warning,) = load_document(file("scan.tiff", data.getvalue())).warnings
    assert warning.startswith("page 2, 3, 4, 5, 6 and 2 more: no text was found; blank, or too ")


def test_small_letters_are_said(file: Write, drawn: Draw, encoded: Encode) -> None:
    small = drawn(RECEIPT).resize((160, 65))
    document = load_document(file("small.png", encoded(small, "PNG")))
    assert document.pages[0].segments
    assert "pixels high and may be misread" in document.warnings[0]
    assert not load_document(file("usual.png", encoded(drawn(RECEIPT), "PNG"))).warnings

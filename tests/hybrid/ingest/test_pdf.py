"""PDF pages: text layers with boxes where the ink is, scans, and what is too odd to trust."""

import io
import resource
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from hybrid import load_document
from hybrid.document import BoundingBox, Document
from hybrid.ingest import Limits, OcrEngine
from hybrid.ingest.text_layer import Glyph, upright

Write = Callable[[str, bytes], Path]
Pdf = Callable[..., bytes]
Draw = Callable[..., Image.Image]
Encode = Callable[..., bytes]


def ink_in_points(data: bytes) -> tuple[float, float, float, float]:
    """The box around everything dark on the first page as it is displayed."""
    document = pypdfium2.PdfDocument(data)
    picture = document[0].render(scale=4).to_pil().convert("L")
    document.close()
    rows, columns = np.nonzero(np.asarray(picture) < 128)
    return columns.min() / 4, rows.min() / 4, (columns.max() + 1) / 4, (rows.max() + 1) / 4


BOXES = [
    {},
    {"crop": (50, 120, 500, 700)},
    {"media": (-100, -50, 512, 742), "crop": (-80, 20, 450, 700)},
    {"crop": (50, 120, 5000, 7000)},  # reaches beyond the media box, which then counts
    {"crop": (500, 700, 50, 120)},  # corners in the wrong order
]


@pytest.mark.parametrize("rotate", [0, 90, 180, 270, -90])
@pytest.mark.parametrize("boxes", BOXES)
def test_boxes_are_where_the_ink_is(
    boxes: dict[str, Any], rotate: int, file: Write, pdf: Pdf
) -> None:
    data = pdf([{"texts": [(120, 400, 24, "Hxgd")], "rotate": rotate, **boxes}])
    (page,) = load_document(file("x.pdf", data)).pages
    left, top, right, bottom = ink_in_points(data)
    # Upright on the unturned page, the word runs along y when the page is turned by a quarter.
    assert len(page.segments) == (1 if rotate in (0, 180) else len(page.segments))
    found = [s.box for s in page.segments]
    box = (
        min(b.left for b in found),
        min(b.top for b in found),
        max(b.right for b in found),
        max(b.bottom for b in found),
    )
    assert box[0] - 0.5 <= left
    assert box[1] - 0.5 <= top
    assert box[2] + 0.5 >= right
    assert box[3] + 0.5 >= bottom
    assert box == pytest.approx((left, top, right, bottom), abs=9)
    assert "".join(sorted("".join(s.text for s in page.segments))) == "Hdgx"
    assert (page.unit, page.source) == ("pt", "text-layer")
    assert page.image is not None


# A scanner's or printer's landscape page: drawn sideways and displayed upright by /Rotate.
SIDEWAYS = {
    90: (b"0 1 -1 0 300 200", (612, 792)),
    180: (b"-1 0 0 -1 400 500", (612, 792)),
    270: (b"0 -1 1 0 300 600", (612, 792)),
}


@pytest.mark.parametrize("rotate", SIDEWAYS)
def test_text_that_is_upright_on_a_turned_page(rotate: int, file: Write, pdf: Pdf) -> None:
    raw = b"BT /F 24 Tf %s Tm (Total amount due) Tj ET" % SIDEWAYS[rotate][0]
    data = pdf([{"raw": raw, "rotate": rotate}])
    (page,) = load_document(file("x.pdf", data)).pages
    assert [s.text for s in page.segments] == ["Total amount due"]
    box = page.segments[0].box
    assert box.as_tuple() == pytest.approx(ink_in_points(data), abs=9)
    assert [w.text for w in page.segments[0].words] == ["Total", "amount", "due"]
    lefts = [w.box.left for w in page.segments[0].words]
    assert lefts == sorted(lefts)


@pytest.mark.parametrize("rotate", [90, 270])
def test_a_text_layer_on_its_side_is_turned(rotate: int, file: Write, pdf: Pdf) -> None:
    texts = [(120, 500, 24, "Total amount due"), (120, 400, 24, "Carrier Hapag")]
    upright = load_document(file("up.pdf", pdf([{"texts": texts}])))
    side = load_document(file("side.pdf", pdf([{"texts": texts, "rotate": rotate}])))
    assert side.warnings == (
        "page 1: it lies on its side and was turned; boxes are those of the turned page",
    )
    (expected,), (page,) = upright.pages, side.pages
    assert (page.width, page.height) == (expected.width, expected.height)
    assert [s.text for s in page.segments] == ["Total amount due", "Carrier Hapag"]
    for one, other in zip(page.segments, expected.segments, strict=True):
        assert one.box.as_tuple() == pytest.approx(other.box.as_tuple(), abs=1)
    assert page.image is not None
    with Image.open(io.BytesIO(page.image.data)) as picture:
        assert picture.height > picture.width


def test_a_text_layer_upside_down_is_turned(file: Write, pdf: Pdf) -> None:
    # The crop box lies off the middle, so that a turn about any other point shows.
    page = {
        "texts": [(120, 500, 24, "Net pay 3,073.30"), (120, 400, 12, "Carrier Hapag")],
        "crop": (100, 120, 500, 700),
    }
    upright = load_document(file("up.pdf", pdf([page])))
    down = load_document(file("down.pdf", pdf([{**page, "rotate": 180}])))
    assert down.warnings == (
        "page 1: it is upside down and was turned; boxes are those of the turned page",
    )
    (expected,), (found,) = upright.pages, down.pages
    assert (found.width, found.height) == (expected.width, expected.height)
    assert [s.text for s in found.segments] == ["Net pay 3,073.30", "Carrier Hapag"]
    for one, other in zip(found.segments, expected.segments, strict=True):
        assert one.box.as_tuple() == pytest.approx(other.box.as_tuple(), abs=1)
    assert found.image is not None
    assert expected.image is not None
    with (
        Image.open(io.BytesIO(found.image.data)) as shown,
        Image.open(io.BytesIO(expected.image.data)) as wanted,
    ):
        assert shown.size == wanted.size
        difference = np.abs(np.asarray(shown, int) - np.asarray(wanted, int))
    assert difference.mean() < 1


def test_letters_that_run_from_right_to_left_are_not_upside_down() -> None:
    boxes = [
        BoundingBox(left=590 - 10 * k, top=0, right=598 - 10 * k, bottom=12) for k in range(40)
    ]
    hebrew = [Glyph(chr(0x5D0 + k % 20), box) for k, box in enumerate(boxes)]
    assert upright(hebrew, 600, 800) == (hebrew, None)
    latin = [Glyph("a", box) for box in boxes]
    turned, turn = upright(latin, 600, 800)
    assert turn is Image.Transpose.ROTATE_180
    assert turned[0].box == BoundingBox(left=2, top=788, right=10, bottom=800)


def test_wide_gaps_divide_rows_and_words_have_boxes(file: Write, pdf: Pdf) -> None:
    texts = [
        (72, 700, 12, "Invoice number 4711"),
        (400, 700, 12, "Total: 12.90"),
        (72, 680, 12, "Thanks"),
    ]
    document = load_document(file("x.pdf", pdf([{"texts": texts}])))
    assert [s.text for s in document.segments] == ["Invoice number 4711", "Total: 12.90", "Thanks"]
    words = document.segments[0].words
    assert [w.text for w in words] == ["Invoice", "number", "4711"]
    assert all(a.box.right <= b.box.left for a, b in pairwise(words))
    assert words[0].box.left == pytest.approx(72, abs=1)
    assert words[0].box.bottom == pytest.approx(792 - 700, abs=5)
    assert words[0].confidence is None
    assert document.warnings == ()


def test_hyphens_leaders_and_text_out_of_sight(file: Write, pdf: Pdf) -> None:
    texts = [
        (72, 700, 12, "a long multi-"),
        (72, 686, 12, "line word"),
        (72, 600, 12, "Contents " + 60 * "." + " 3"),
        (72, 900, 12, "above the page"),
    ]
    document = load_document(file("x.pdf", pdf([{"texts": texts}])))
    assert document.page(1).source == "text-layer"
    assert document.segments[0].text == "a long multi-"
    assert document.segments[1].text == "line word"
    assert "above" not in document.text


def test_scan_goes_to_ocr_with_boxes_in_points(
    file: Write, pdf: Pdf, drawn: Draw, encoded: Encode
) -> None:
    image = drawn([(60, 60, "SCANNED PAGE"), (60, 400, "TOTAL 99.50")], (600, 800))
    data = pdf([{"jpeg": encoded(image, "JPEG", quality=95), "media": (0, 0, 300, 400)}])
    document = load_document(file("scan.pdf", data))
    (page,) = document.pages
    assert (page.width, page.height, page.unit, page.source) == (300, 400, "pt", "ocr:rapidocr")
    assert [s.text for s in page.segments] == ["SCANNED PAGE", "TOTAL 99.50"]
    _, top, _, bottom = ink_in_points(
        pdf([{"jpeg": encoded(image, "JPEG"), "media": (0, 0, 300, 400)}])
    )
    assert page.segments[0].box.left == pytest.approx(30, abs=6)
    assert page.segments[0].box.top == pytest.approx(top, abs=6)
    assert page.segments[1].box.bottom == pytest.approx(bottom, abs=6)
    assert page.segments[0].confidence is not None
    assert document.warnings == ()
    assert document.seconds["ocr"] > 0


def test_scan_with_a_stamp_goes_to_ocr(file: Write, pdf: Pdf, drawn: Draw, encoded: Encode) -> None:
    image = drawn([(60, 60, "SCANNED PAGE")], (600, 800))
    page = {
        "jpeg": encoded(image, "JPEG"),
        "media": (0, 0, 300, 400),
        "texts": [(10, 10, 8, "p. 1")],
    }
    document = load_document(file("scan.pdf", pdf([page])))
    assert "SCANNED PAGE" in document.text
    assert document.warnings == ("page 1: the text layer has next to no text, used OCR",)


def test_unreadable_text_layer_goes_to_ocr(file: Write, pdf: Pdf) -> None:
    data = pdf([{"texts": [(72, 700, 18, "Grand total 48.20 EUR")], "garbage": True}])
    document = load_document(file("x.pdf", data))
    assert document.warnings == ("page 1: the text layer is unreadable, used OCR",)
    assert document.text.replace(" ", "") == "Grandtotal48.20EUR"
    assert document.segments[0].box.as_tuple() == pytest.approx(ink_in_points(data), abs=9)


def test_pages_of_several_kinds(file: Write, pdf: Pdf, drawn: Draw, encoded: Encode) -> None:
    jpeg = encoded(drawn([(40, 40, "PAGE TWO")], (400, 200)), "JPEG")
    outline = b"2 w 100 100 200 200 re S"
    pages: list[dict[str, Any]] = [
        {"texts": [(72, 700, 12, "Page one")]},
        {"jpeg": jpeg, "media": (0, 0, 400, 200)},
        {},
        {"raw": outline},
        {"texts": [(72, 300, 12, "Five")], "rotate": 180},
    ]
    seen: list[tuple[int, int]] = []
    document = load_document(
        file("x.pdf", pdf(pages)), on_page=lambda page, count: seen.append((page, count))
    )
    assert [s.text for s in document.segments] == ["Page one", "PAGE TWO", "Five"]
    assert [s.page for s in document.segments] == [1, 2, 5]
    assert [s.id for s in document.segments] == [0, 1, 2]
    assert [p.source for p in document] == [
        "text-layer",
        "ocr:rapidocr",
        "text-layer",
        "ocr:rapidocr",
        "text-layer",
    ]
    assert document.page(3).segments == ()
    assert seen == [(n, 5) for n in range(1, 6)]
    assert all(p.image is not None and len(p.image.data) < 200_000 for p in document)


@pytest.mark.slow
def test_many_pages_are_fast_and_small(file: Write, pdf: Pdf) -> None:
    lines = [(60, 750 - 14 * i, 10, f"Line {i} of some text that fills a page") for i in range(50)]
    path = file("long.pdf", pdf([{"texts": lines}] * 120))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()  # of this process alone, whatever else the machine does
    document = load_document(path)
    assert time.process_time() - start < 25
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert len(document.segments) == 120 * 50
    assert grown < 250_000_000


def test_limits_cut_with_a_warning(file: Write, pdf: Pdf) -> None:
    texts = [(20, 700 - 20 * i, 10, f"line {i} " + 20 * "x") for i in range(5)]
    path = file("x.pdf", pdf([{"texts": texts}]))
    document = load_document(path, limits=Limits(segments=3, segment_characters=8))
    assert [s.text for s in document.segments] == ["line 0", "line 1", "line 2"]
    assert document.warnings[0] == "page 1: 5 lines of text, only the first 3 are used"
    assert document.warnings[1] == "page 1: a line of over 8 characters was cut"
    document = load_document(path, limits=Limits(segments=1, segment_characters=3))
    assert [s.text for s in document.segments] == ["lin"]


def test_two_threads(
    file: Write, pdf: Pdf, drawn: Draw, encoded: Encode, size_engine: OcrEngine
) -> None:
    paths = [
        file("x.pdf", pdf([{"texts": [(72, 700, 12, f"Page {n}")]} for n in range(8)])),
        file("x.png", encoded(drawn([(20, 20, "PICTURE")]), "PNG")),
    ]
    alone = [load_document(path, ocr=size_engine) for path in paths]

    def plain(document: Document) -> dict[str, Any]:
        return document.model_dump(exclude={"seconds"})

    with ThreadPoolExecutor(4) as pool:
        both = list(pool.map(lambda p: load_document(p, ocr=size_engine), paths * 6))
    assert [plain(d) for d in both] == [plain(d) for d in alone] * 6


def test_a_large_title_beside_two_small_lines(file: Write, pdf: Pdf) -> None:
    texts = [
        (40, 700, 22, "Invoice"),
        (380, 708, 9, "Invoice number: A-118"),
        (380, 696, 9, "Invoice date: 3 May 2024"),
    ]
    (page,) = load_document(file("title.pdf", pdf([{"texts": texts}]))).pages
    assert sorted(s.text for s in page.segments) == [
        "Invoice",
        "Invoice date: 3 May 2024",
        "Invoice number: A-118",
    ]

"""Broken, hostile and wrong files: one clear line each, which names the file."""

import random
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hybrid import load_document
from hybrid.errors import DocumentError, ModelError
from hybrid.ingest import Limits, OcrEngine
from hybrid.ingest.cross_reference import cross_reference_fault

Write = Callable[[str, bytes], Path]
Pdf = Callable[..., bytes]
Encode = Callable[..., bytes]
Draw = Callable[..., Image.Image]


def refusal(path: Path, engine: OcrEngine, limits: Limits | None = None) -> str:
    with pytest.raises(DocumentError) as caught:
        load_document(path, ocr=engine, limits=limits)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    assert len(message) < 300
    return message


def png_header(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT\x35\xaf\x06\x1e"


def test_empty_file(file: Write, size_engine: OcrEngine) -> None:
    assert "the file is empty" in refusal(file("x.png", b""), size_engine)


def test_text_named_png(file: Write, size_engine: OcrEngine) -> None:
    assert "whatever its name says" in refusal(file("x.png", b"Dear Sir or Madam"), size_engine)
    assert "save it as PNG" in refusal(file("x.gif", b"GIF89a" + bytes(20)), size_engine)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_truncated_picture(
    kind: str, share: float, file: Write, drawn: Draw, encoded: Encode, size_engine: OcrEngine
) -> None:
    image = Image.effect_noise((400, 300), 60).convert("RGB")
    data = encoded(image, kind)
    message = refusal(file(f"x.{kind.lower()}", data[: int(share * len(data))]), size_engine)
    assert "damaged" in message or "not a picture that can be read" in message


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (10_000, 9_000), (11_000, 11_000)])
def test_huge_picture(width: int, height: int, file: Write, size_engine: OcrEngine) -> None:
    message = refusal(file("x.png", png_header(width, height)), size_engine)
    assert "80,000,000" in message


def test_too_many_frames(file: Write, drawn: Draw, encoded: Encode, size_engine: OcrEngine) -> None:
    frame = drawn([], (40, 40))
    path = file("x.tif", encoded(frame, "TIFF", save_all=True, append_images=[frame, frame]))
    assert "3 frames, the limit is 2" in refusal(path, size_engine, Limits(pages=2))


def test_encrypted_pdf(file: Write, pdf: Pdf, size_engine: OcrEngine) -> None:
    page = {"texts": [(72, 700, 12, "Secret")]}
    message = refusal(file("x.pdf", pdf([page], password=b"hush")), size_engine)
    assert "encrypted" in message
    # With an empty password anyone may read it: that shows the encryption above to be real.
    open_to_all = load_document(file("y.pdf", pdf([page], password=b"")), ocr=size_engine)
    assert open_to_all.text == "Secret"


def test_cut_off_pdf(file: Write, pdf: Pdf, size_engine: OcrEngine) -> None:
    data = pdf([{"texts": [(72, 700, 12, "Text")]}])
    for share in (0.1, 0.5, 0.9):
        assert "damaged" in refusal(file("x.pdf", data[: int(share * len(data))]), size_engine)


def wrong_start(data: bytes) -> bytes:
    return re.sub(rb"startxref\n\d+", b"startxref\n999999", data)


def start_in_the_middle(data: bytes) -> bytes:
    return re.sub(rb"startxref\n\d+", b"startxref\n40", data)


def wrong_entries(data: bytes) -> bytes:
    return re.sub(rb"\d{10} 00000 n", b"0000000123 00000 n", data)


def shifted_entries(data: bytes) -> bytes:
    return re.sub(rb"(\d{10}) 00000 n", lambda m: b"%010d 00000 n" % (int(m[1]) + 7), data)


def zero_entries(data: bytes) -> bytes:
    return re.sub(rb"\d{10} 00000 n", b"0000000000 00000 n", data)


def one_wrong_entry(data: bytes) -> bytes:
    return re.sub(rb"\d{10} 00000 n(?= \ntrailer)", b"0000000009 00000 n", data)


def no_trailer(data: bytes) -> bytes:
    return data.replace(b"trailer", b"trail..")


def garbled_table(data: bytes) -> bytes:
    return re.sub(rb"\d{10} 00000 n", b"zzzzzzzzzz zzzzz z", data)


@pytest.mark.parametrize(
    "breaking",
    [wrong_start, start_in_the_middle, wrong_entries, shifted_entries, zero_entries, one_wrong_entry, no_trailer, garbled_table],
)  # fmt: skip
def test_broken_cross_reference(
    breaking: Callable[[bytes], bytes], file: Write, pdf: Pdf, size_engine: OcrEngine
) -> None:
    data = pdf([{"texts": [(72, 700, 12, "Text")]}])
    assert breaking(data) != data
    message = refusal(file("x.pdf", breaking(data)), size_engine)
    assert "damaged" in message
    assert "qpdf" in message


def test_sound_cross_references(pdf: Pdf) -> None:
    data = pdf([{}])
    start = data.rindex(b"startxref")
    place = len(data)
    update = data + b"1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    table = len(update)
    update += b"xref\n0 1\n0000000000 65535 f \n1 1\n%010d 00000 n \n" % place
    previous = int(data[start:].split()[1])
    update += b"trailer\n<</Size 8/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        previous,
        table,
    )
    assert cross_reference_fault(data) is None
    assert cross_reference_fault(update) is None
    assert cross_reference_fault(b"mail header\n" + data) is None
    assert cross_reference_fault(data + 500 * b"\0") is None
    assert cross_reference_fault(wrong_entries(data) + update[len(data) :]) is not None
    loop = update.replace(b"/Prev %d" % previous, b"/Prev %d" % table)
    assert cross_reference_fault(loop) is None  # and it ends
    stream = b"%PDF-1.5\n3 0 obj\n<</Type/XRef>>stream\n\nendstream\nendobj\nstartxref\n9\n%%EOF"
    assert cross_reference_fault(stream) is None


def test_pdf_without_pages_or_with_too_many(file: Write, pdf: Pdf, size_engine: OcrEngine) -> None:
    assert "no pages" in refusal(file("x.pdf", pdf([])), size_engine)
    message = refusal(file("y.pdf", pdf([{}, {}, {}])), size_engine, Limits(pages=2))
    assert "3 pages, the limit is 2" in message


def test_paths(tmp_path: Path, file: Write, size_engine: OcrEngine) -> None:
    assert "No such file" in refusal(tmp_path / "absent.pdf", size_engine)
    assert "folder" in refusal(tmp_path, size_engine)
    assert "not a regular file" in refusal(Path("/dev/zero"), size_engine)
    message = refusal(file("x.pdf", b"%PDF-1.4 " * 20), size_engine, Limits(file_bytes=100))
    assert "180 bytes are over the limit of 100" in message


def test_documents_in_memory(file: Write, pdf: Pdf, size_engine: OcrEngine) -> None:
    data = pdf([{"texts": [(120, 400, 24, "Hello")]}])
    document = load_document(data, name="inbox/mail-7.pdf", ocr=size_engine)
    assert (document.id, document.source) == ("mail-7", "inbox/mail-7.pdf")
    assert document.pages == load_document(file("mail-7.pdf", data), ocr=size_engine).pages
    assert document.sha256 == load_document(file("x.pdf", data), ocr=size_engine).sha256
    with pytest.raises(DocumentError, match="mail-7: the file is empty"):
        load_document(b"", name="mail-7")
    with pytest.raises(DocumentError, match="document: 9 bytes are over the limit of 8"):
        load_document(b"%PDF-1.4 ", limits=Limits(file_bytes=8))


def test_unknown_engine(file: Write) -> None:
    with pytest.raises(ModelError, match=r"unknown OCR engine 'abbyy'; installed: .*rapidocr"):
        load_document(file("x.png", b""), ocr="abbyy")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "BMP", "PDF"])
def test_flipped_bytes_never_escape(
    kind: str, file: Write, pdf: Pdf, drawn: Draw, encoded: Encode, size_engine: OcrEngine
) -> None:
    """Either a document or one line, whatever the bytes are."""
    chance = random.Random(kind)
    image = drawn([(10, 10, "Text")], (120, 60))
    whole = (
        pdf([{"texts": [(72, 700, 12, "Text")], "jpeg": encoded(image, "JPEG")}])
        if kind == "PDF"
        else encoded(image, kind)
    )
    messages: list[str] = []
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 4, 20))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = file("x.bin", bytes(data))
        try:
            document = load_document(path, ocr=size_engine, limits=Limits(pixels=1_000_000))
        except DocumentError as error:
            messages.append(str(error))
        else:
            assert len(document.pages) >= 1
    assert all("x.bin" in message and "\n" not in message for message in messages)
    assert messages or kind == "BMP"

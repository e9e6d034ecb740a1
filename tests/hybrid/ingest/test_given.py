"""What a program may hand over, and what is said of files that are no documents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hybrid import load_document
from hybrid.errors import DocumentError
from hybrid.ingest import Limits, OcrEngine

Write = Callable[[str, bytes], Path]
Pdf = Callable[..., bytes]


class Trickle(io.RawIOBase):
    """Gives three bytes at a time, as a slow connection does."""

    def __init__(self, data: bytes) -> None:
        self.rest = data

    def read(self, size: int = -1, /) -> bytes:
        part, self.rest = self.rest[:3], self.rest[3:]
        return part


def test_content_in_memory_and_open_files(file: Write, pdf: Pdf, size_engine: OcrEngine) -> None:
    data = pdf([{"texts": [(120, 400, 24, "Hello")]}])
    path = file("a.pdf", data)
    whole = load_document(path, ocr=size_engine)
    with path.open("rb") as opened:
        given: list[Any] = [
            bytearray(data),
            memoryview(data),
            io.BytesIO(data),
            Trickle(data),
            opened,
        ]
        for each in given:
            document = load_document(each, name="a.pdf", ocr=size_engine)
            assert (document.pages, document.sha256) == (whole.pages, whole.sha256)
            assert document.id == "a"


def test_what_cannot_be_read_is_said(file: Write, size_engine: OcrEngine) -> None:
    written = io.BytesIO()
    written.write(b"%PDF-1.4")
    with pytest.raises(DocumentError, match=r"scan: nothing is left to read; seek\(0\)"):
        load_document(written, name="scan", ocr=size_engine)
    for given in (bytearray(9), memoryview(bytes(9)), io.BytesIO(bytes(20))):
        with pytest.raises(DocumentError, match="bytes are over the limit of 8"):
            load_document(given, ocr=size_engine, limits=Limits(file_bytes=8))
    with pytest.raises(TypeError, match="gives str, not bytes; open the file with 'rb'"):
        load_document(io.StringIO("text"), ocr=size_engine)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"a document is a path, bytes, or a file .* not NoneType"):
        load_document(None, ocr=size_engine)  # type: ignore[arg-type]


def office(*names: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, "<x/>")
    return data.getvalue()


ODT = office("mimetype").replace(b"<x/>", b"application/vnd.oasis.opendocument.text")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "save it as JPEG or PNG"),
        ("a.avif", b"\x00\x00\x00\x18ftypavif" + bytes(9), "save it as JPEG or PNG"),
        (
            "a.jpg",
            b"\x00\x00\x00\x18ftypmif1" + bytes(9),
            "whatever its name says; save it as JPEG",
        ),
        ("a.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(9), "not a document (its content is no PDF"),
        ("a.docx", office("[Content_Types].xml", "word/document.xml"), "export it as PDF"),
        ("a.odt", ODT, "export it as PDF"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(9), "export it as PDF"),
        ("a.rtf", b"{\\rtf1\\ansi Dear}", "export it as PDF"),
        ("a.zip", office("a.pdf"), "unpack it"),
        ("a.txt", b"Invoice total: 12.00\n", "it holds plain text; print it to PDF"),
        ("a.csv", "Größe,Preis\n1,2\n".encode(), "print it to PDF"),
        ("a.eml", "Subject: Grüße\r\n\r\nhi".encode("latin-1"), "print it to PDF"),
        ("b.txt", "Dear Sir".encode("utf-16"), "print it to PDF"),
        ("c.txt", b"x" * 4095 + "ü".encode(), "print it to PDF"),
        ("a.html", b"<html><body>Total 5</body></html>", "print it to PDF"),
        ("a.xml", b"<?xml version='1.0'?><Invoice/>", "not hOCR"),
        ("a.bin", bytes(range(256)), "not a document (its content is no PDF"),
        ("b.bin", bytes(range(128, 256)), "not a document (its content is no PDF"),
    ],
)
def test_the_way_out_for_other_files(
    name: str, data: bytes, said: str, file: Write, size_engine: OcrEngine
) -> None:
    with pytest.raises(DocumentError) as caught:
        load_document(file(name, data), ocr=size_engine)
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert said in message
    assert len(message) < 200

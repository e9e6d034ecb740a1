"""Small pictures and PDF files, written byte by byte so that each fault can be put in its place."""

import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from hybrid.document import BoundingBox
from hybrid.ingest.ocr import RecognizedLine

_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
# Maps every printable character to one of the private use area: a text layer without meaning.
_PRIVATE = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /P def /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange
1 beginbfrange <21> <7E> <E021> endbfrange endcmap end end"""


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def _content(page: dict[str, Any]) -> bytes:
    """A page's drawing: `texts` of (x, y, size, text), `jpeg` over the media box, `raw`."""
    parts = [page.get("raw", b"")]
    if "jpeg" in page:
        left, bottom, right, top = page.get("media", (0, 0, 612, 792))
        parts.append(b"q %g 0 0 %g %g %g cm /I Do Q" % (right - left, top - bottom, left, bottom))
    for x, y, size, text in page.get("texts", ()):
        parts.append(b"BT /F %g Tf %g %g Td (%s) Tj ET" % (size, x, y, text.encode("cp1252")))
    return b"\n".join(parts)


def make_pdf(
    pages: Sequence[dict[str, Any]], password: bytes | None = None, form: bytes = b""
) -> bytes:
    """A PDF 1.4 with a right cross-reference table; RC4 of 40 bits where there is a password.

    A page's `annotations` are (rectangle, dictionary, drawing or None); those that are widgets are the
    fields of a form whose further entries are `form`.
    """
    identity = b"0123456789abcdef"
    key = b""
    encryption = b""
    if password is not None:
        padded = (password + _PADDING)[:32]
        owner = _rc4(_md5(padded)[:5], padded)
        permissions = -4
        key = _md5(padded + owner + permissions.to_bytes(4, "little", signed=True) + identity)[:5]
        encryption = b"<</Filter/Standard/V 1/R 2/O<%s>/U<%s>/P %d>>" % (
            owner.hex().encode(),
            _rc4(key, _PADDING).hex().encode(),
            permissions,
        )
    objects: list[bytes] = []

    def stream(number: int, dictionary: bytes, data: bytes) -> bytes:
        if key:
            data = _rc4(_md5(key + number.to_bytes(3, "little") + b"\0\0")[:10], data)
        return b"<<%s/Length %d>>stream\n%s\nendstream" % (dictionary, len(data), data)

    kids = b" ".join(b"%d 0 R" % (5 + 3 * i) for i in range(len(pages)))
    garbage = any(page.get("garbage") for page in pages)
    objects += [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding%s>>"
        % (b"/ToUnicode 4 0 R" if garbage else b""),
        stream(4, b"", _PRIVATE),
    ]
    after = 5 + 3 * len(pages)  # the number of the next annotation or its drawing
    over: list[bytes] = []
    fields: list[bytes] = []
    for i, page in enumerate(pages):
        own: list[bytes] = []
        for rectangle, dictionary, drawing in page.get("annotations", ()):
            rect = b"[%g %g %g %g]" % tuple(rectangle)
            look = b""
            if drawing is not None:
                size = rectangle[2] - rectangle[0], rectangle[3] - rectangle[1]
                over.append(
                    stream(
                        after + len(over),
                        b"/Type/XObject/Subtype/Form/BBox[0 0 %g %g]/Resources<</Font<</F 3 0 R>>>>"
                        % size,
                        drawing,
                    )
                )
                look = b"/AP<</N %d 0 R>>" % (after + len(over) - 1)
                if b"/Btn" in dictionary:
                    look = b"/AP<</N<</Yes %d 0 R>>>>" % (after + len(over) - 1)
            over.append(b"<</Type/Annot/Rect%s%s%s>>" % (rect, dictionary, look))
            own.append(b"%d 0 R" % (after + len(over) - 1))
            if b"/Widget" in dictionary:
                fields.append(own[-1])
        boxes = b"/Annots[%s]/MediaBox[%g %g %g %g]" % (
            b" ".join(own),
            *page.get("media", (0, 0, 612, 792)),
        )
        if "crop" in page:
            boxes += b"/CropBox[%g %g %g %g]" % tuple(page["crop"])
        objects.append(
            b"<</Type/Page/Parent 2 0 R%s/Rotate %d/Contents %d 0 R"
            b"/Resources<</Font<</F 3 0 R>>/XObject<</I %d 0 R>>>>>>"
            % (boxes, page.get("rotate", 0), 6 + 3 * i, 7 + 3 * i)
        )
        objects.append(stream(6 + 3 * i, b"", _content(page)))
        jpeg = page.get("jpeg", b"")
        width, height = Image.open(io.BytesIO(jpeg)).size if jpeg else (1, 1)
        image = b"/Type/XObject/Subtype/Image/Width %d/Height %d" % (width, height)
        image += b"/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
        objects.append(stream(7 + 3 * i, image, jpeg))
    objects += over
    if fields:
        objects[0] = (
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[%s]/DA(/F 10 Tf 0 g)"
            b"/DR<</Font<</F 3 0 R>>>>%s>>>>" % (b" ".join(fields), form)
        )
    if encryption:
        objects.append(encryption)
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    more = b"/Encrypt %d 0 R" % len(objects) if encryption else b""
    out += b"trailer\n<</Size %d/Root 1 0 R/ID[<%s><%s>]%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        identity.hex().encode(),
        identity.hex().encode(),
        more,
        start,
    )
    return bytes(out)


def draw(lines: Sequence[tuple[int, int, str]], size: tuple[int, int] = (640, 260)) -> Image.Image:
    """Black text of 28 pixels on white at (x, y)."""
    image = Image.new("RGB", size, "white")
    font = ImageFont.load_default(size=28)
    for x, y, text in lines:
        ImageDraw.Draw(image).text((x, y), text, fill="black", font=font)
    return image


class SizeEngine:
    """An engine of a test's own: says the size of what it was given, so that scaling shows."""

    name = "size"

    def recognize(self, image: Image.Image) -> list[RecognizedLine]:
        """One line over the left upper quarter."""
        box = BoundingBox(left=0, top=0, right=image.width / 2, bottom=image.height / 2)
        return [RecognizedLine(f"{image.width} x {image.height}", box, 0.5)]


@pytest.fixture(scope="session")
def pdf() -> Callable[..., bytes]:
    return make_pdf


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Image.Image]:
    return draw


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    def encode(image: Image.Image, kind: str, **options: Any) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, format=kind, **options)
        return buffer.getvalue()

    return encode


@pytest.fixture
def size_engine() -> SizeEngine:
    return SizeEngine()


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write

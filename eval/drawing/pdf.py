"""From a drawing to a PDF with a real text layer: a few objects written by hand."""

from __future__ import annotations

from .fonts import STANDARD_NAMES
from .sheet import ASCENT, HEIGHT, Drawing, Piece, Shape


def write_pdf(drawing: Drawing, title: str = "") -> bytes:
    """The drawing's pages as PDF 1.4; its units are taken as points.

    Streams are not compressed and nothing depends on the time, so that equal drawings give equal
    bytes. Fonts are the standard ones, which every reader has.

    Args:
        drawing: What to write.
        title: For the document's properties.

    Returns:
        The file's bytes.
    """
    fonts = {name: f"F{number}" for number, name in enumerate(STANDARD_NAMES, start=1)}
    first_page = 4 + len(fonts)
    page_numbers = [first_page + 2 * i for i in range(drawing.page_count)]
    kids = " ".join(f"{n} 0 R" for n in page_numbers)
    bodies: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {drawing.page_count} /Kids [{kids}] >>".encode(),
        b"<< /Title (" + _escaped(title) + b") >>",
    ]
    bodies += [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{standard} "
        "/Encoding /WinAnsiEncoding >>".encode()
        for standard in STANDARD_NAMES.values()
    ]
    resources = " ".join(f"/{key} {4 + i} 0 R" for i, key in enumerate(fonts.values()))
    for page, number in enumerate(page_numbers, start=1):
        content = b"\n".join(
            [_shape(s, drawing.height) for s in drawing.shapes if s.page == page]
            + [_text(p, fonts, drawing.height) for p in drawing.pieces if p.page == page]
        )
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {drawing.width:g} {drawing.height:g}] "
            f"/Resources << /Font << {resources} >> >> /Contents {number + 1} 0 R >>".encode()
        )
        bodies.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    return _assemble(bodies)


def _assemble(bodies: list[bytes]) -> bytes:
    data = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    trailer = (
        f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R /Info 3 0 R >>\n"
        f"startxref\n{len(data)}\n%%EOF\n"
    )
    return data + trailer.encode()


def _text(piece: Piece, fonts: dict[str, str], page_height: float) -> bytes:
    first = piece.words[0]
    baseline = page_height - (first.top + (first.bottom - first.top) * ASCENT / HEIGHT)
    head = (
        f"BT /{fonts[piece.style.font]} {piece.style.size:g} Tf {piece.style.ink / 255:.3f} g "
        f"{first.left:.2f} {baseline:.2f} Td ("
    )
    return head.encode() + _escaped(piece.text) + b") Tj ET"


def _escaped(text: str) -> bytes:
    raw = text.encode("cp1252")
    return raw.replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")


def _shape(shape: Shape, page_height: float) -> bytes:
    left, top, right, bottom = shape.box
    low, high = page_height - bottom, page_height - top
    grey = f"{shape.ink / 255:.3f}"
    if shape.kind == "line":
        path = f"{left:.2f} {high:.2f} m {right:.2f} {low:.2f} l S"
    else:
        area = f"{left:.2f} {low:.2f} {right - left:.2f} {high - low:.2f} re"
        path = f"{area} {'S' if shape.kind == 'frame' else 'f'}"
    if shape.kind == "ellipse":
        path = _ellipse(left, low, right, high)
    return f"{grey} G {grey} g {shape.thickness:.2f} w {path}".encode()


def _ellipse(left: float, low: float, right: float, high: float) -> str:
    x, y = (left + right) / 2, (low + high) / 2
    dx, dy = (right - left) / 2 * 0.5523, (high - low) / 2 * 0.5523  # Bezier's circle
    curves = [
        (right, y + dy, x + dx, high, x, high),
        (x - dx, high, left, y + dy, left, y),
        (left, y - dy, x - dx, low, x, low),
        (x + dx, low, right, y - dy, right, y),
    ]
    body = " ".join(" ".join(f"{v:.2f}" for v in curve) + " c" for curve in curves)
    return f"{right:.2f} {y:.2f} m {body} f"

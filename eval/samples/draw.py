"""Draws the bundled samples and writes their gold values: `python -m eval.samples.draw`.

Writes `documents/`, `gold/` and `own/` beside this file, or in the folder given as the only argument.
`own/` is what a folder of one's own documents looks like to `hybrid eval run --dataset own`: boxes of
the three plain receipts, each with its gold as printed.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from hybrid.verify.dates import find_dates

from ..drawing.pdf import write_pdf
from ..drawing.render import render
from ..drawing.scan import blur, shade, speckle, thermal, tilt
from ..drawing.sheet import Drawing
from . import business, receipts
from .receipts import Gold


@dataclass(frozen=True)
class SampleDocument:
    """One bundled document.

    Attributes:
        file_name: In `documents/`.
        schema: As `hybrid extract --schema` takes it; a file's path is relative to this folder.
        checkpoint: As `hybrid extract --checkpoint` takes it.
        drawing: What stands on the pages.
        gold: Field path to value: dates in ISO, amounts as plain decimals, None for absent fields.
        data: The file's bytes.
    """

    file_name: str
    schema: str
    checkpoint: str
    drawing: Drawing
    gold: Gold
    data: bytes


def samples() -> list[SampleDocument]:
    """Draws all bundled documents."""
    recipes: list[tuple[str, str, str, tuple[Drawing, Gold], Callable[[Drawing], bytes]]] = [
        ("receipt-hardware.png", "receipt", "receipts", receipts.hardware_store(), _clean_png),
        ("receipt-pharmacy.jpg", "receipt", "receipts", receipts.pharmacy(), _thermal_jpeg),
        ("receipt-restaurant.jpg", "receipt", "receipts", receipts.restaurant(), _photo_jpeg),
        ("receipt-cafe.png", "itemized-receipt", "receipts", receipts.cafe(), _clean_png),
        ("form-equipment-loan.png", "form", "forms", business.loan_request(), _scan_png),
        (
            "invoice-furniture.pdf",
            "invoice.py:Invoice",
            "forms",
            business.furniture_invoice(),
            lambda drawing: write_pdf(drawing, title="Invoice AF-2024-0613"),
        ),
    ]
    return [
        SampleDocument(name, schema, checkpoint, drawing, gold, encode(drawing))
        for name, schema, checkpoint, (drawing, gold), encode in recipes
    ]


def write_samples(folder: Path) -> list[Path]:
    """Writes `documents/<file>` and `gold/<stem>.json` into `folder`; returns what was written."""
    written = []
    for sample in samples():
        gold = {
            "schema": sample.schema,
            "checkpoint": sample.checkpoint,
            "fields": sample.gold,
        }
        text = json.dumps(gold, indent=2, ensure_ascii=False) + "\n"
        stem = Path(sample.file_name).stem
        written.append(_write(folder / "documents" / sample.file_name, sample.data))
        written.append(_write(folder / "gold" / f"{stem}.json", text.encode()))
        if sample.schema == "receipt":
            boxes = sample.drawing.document.model_dump_json(exclude_none=True)
            printed = json.dumps({"fields": _as_printed(sample)}, indent=2, ensure_ascii=False)
            written.append(_write(folder / "own" / f"{stem}.json", boxes.encode()))
            written.append(_write(folder / "own" / f"{stem}.gold.json", f"{printed}\n".encode()))
    return written


def _as_printed(sample: SampleDocument) -> Gold:
    """The gold with its date as the document prints it."""
    texts = [s.text for s in sample.drawing.document.segments]
    dates = [
        t[a:b] for t in texts for a, b, day in find_dates(t) if str(day) == sample.gold["date"]
    ]
    return {**sample.gold, "date": dates[0]}


def _write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    os.replace(temporary, path)  # noqa: PTH105 (Path.replace is the same call)
    return path


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=quality)
    return buffer.getvalue()


def _clean_png(drawing: Drawing) -> bytes:
    return _png(render(drawing))


def _thermal_jpeg(drawing: Drawing) -> bytes:
    paper = blur(thermal(render(drawing), seed=7), 0.6)
    return _jpeg(speckle(tilt(paper, -1.4, background=236), seed=8, strength=5.0), quality=62)


def _photo_jpeg(drawing: Drawing) -> bytes:
    paper = shade(tilt(blur(render(drawing), 0.7), 0.8), darkest=188)
    return _jpeg(speckle(paper, seed=9, strength=3.0), quality=70)


def _scan_png(drawing: Drawing) -> bytes:
    # Sixteen greys, as old office scanners write them; they also keep the file small.
    paper = blur(tilt(render(drawing), 0.3), 0.5)
    return _png(paper.point([round(v / 17) * 17 for v in range(256)]))


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for path in write_samples(target):
        print(f"{path.stat().st_size:>8} {path}")

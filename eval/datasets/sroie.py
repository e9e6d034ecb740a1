"""SROIE: scanned receipts with four key values (Huang et al. 2019; CC BY 4.0).

Lines are the nodes. The release has no labels of lines: they come from aligning the key values to
the lines (`alignment`). It has no words either: they are cut from the line (`lines`). A key value
that is missing or empty is no gold value.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from hybrid.document import BoundingBox, Document, Page
from hybrid.errors import DatasetError

from .alignment import align_fields
from .base import BACKGROUND, Dataset, GoldValue, Sample, naming, page_size, read_json, read_text
from .lines import line_segments

FIELDS = ("company", "date", "address", "total")
_COORDINATES = 8


class Sroie(Dataset):
    """Reads `{train,test}/{box,key,img}`; the pictures may be missing, the keys may not."""

    name = "sroie"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND, *FIELDS)
    released_splits: ClassVar[tuple[str, ...]] = ("train", "test")

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        folder = root / split
        for path in self._files(folder / "box", "*.txt", split):
            key = folder / "key" / path.name
            with naming(key):
                fields = _fields(key)
            with naming(path):
                yield _sample(path, fields, folder / "img" / f"{path.stem}.jpg")


def _fields(path: Path) -> dict[str, str]:
    """The key values that are there and not empty."""
    values = read_json(path)
    found = {name: str(values.get(name) or "").strip() for name in FIELDS}
    return {name: value for name, value in found.items() if value}


def _sample(path: Path, fields: dict[str, str], image: Path) -> Sample:
    image_path = image if image.is_file() else None
    lines = read_lines(path)
    segments, order = line_segments(lines)
    labels = align_fields(segments, fields)
    width, height = page_size(image_path, [box for box, _ in lines])
    page = Page(number=1, width=width, height=height, segments=segments)
    return Sample(
        document=Document(id=path.stem, source=str(path), pages=(page,)),
        labels=labels,
        values=tuple(
            GoldValue(
                path=name,
                label=name,
                text=value,
                segment_ids=tuple(
                    s.id for s, label in zip(segments, labels, strict=True) if label == name
                ),
            )
            for name, value in fields.items()
        ),
        released_ids=order,
        image_path=image_path,
    )


def read_lines(path: Path) -> list[tuple[BoundingBox, str]]:
    """The lines `x1,y1,...,x4,y4,TEXT` of a box file, in its order, without those of no text.

    Raises:
        DatasetError: If a line is not of that form.
    """
    lines = []
    # Not splitlines(): it also splits at characters that can stand inside a text.
    for number, line in enumerate(read_text(path).replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip():
            continue
        parts = line.split(",", _COORDINATES)  # the text has commas of its own
        try:
            values = [float(v) for v in parts[:_COORDINATES]]
        except ValueError:
            values = []
        if len(parts) != _COORDINATES + 1 or len(values) != _COORDINATES:
            raise DatasetError(f"{path} line {number}: expected x1,y1,...,x4,y4,TEXT")
        if parts[_COORDINATES].strip():
            corners = zip(values[::2], values[1::2], strict=True)
            lines.append((BoundingBox.from_points(corners), parts[_COORDINATES].strip()))
    return lines

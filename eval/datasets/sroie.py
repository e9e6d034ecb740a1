"""SROIE: scanned receipts with four key values (Huang et al. 2019; CC BY 4.0).

Lines are the nodes. The release has no labels of lines: they come from aligning the key values to
the lines (`alignment`). It has no words either: a line's box is split among its words by their
shares of its characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from hybrid.document import BoundingBox, Document, Page, Segment, Word
from hybrid.errors import DatasetError

from .alignment import align_fields
from .base import BACKGROUND, Dataset, Sample, naming, page_size, read_json, read_text
from .reading_order import reading_order

FIELDS = ("company", "date", "address", "total")
_COORDINATES = 8


class Sroie(Dataset):
    """Reads `{train,test}/{box,key,img}`; the pictures may be missing, the keys may not."""

    name: ClassVar[str] = "sroie"
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
    order = reading_order([box for box, _ in lines])
    segments: list[Segment] = []
    next_word = 0
    for number, k in enumerate(order):
        box, text = lines[k]
        words = split_words(text, box, next_word)
        next_word += len(words)
        text = " ".join(w.text for w in words)
        segments.append(Segment(id=number, page=1, text=text, box=box, words=words))
    width, height = page_size(image_path, [box for box, _ in lines])
    page = Page(number=1, width=width, height=height, segments=tuple(segments))
    return Sample(
        document=Document(id=path.stem, source=str(path), pages=(page,)),
        labels=align_fields(segments, fields),
        fields=fields,
        released_ids=tuple(order),
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


def split_words(text: str, box: BoundingBox, first_id: int) -> tuple[Word, ...]:
    """A line's words, each with its share of the line's box by the places of its characters.

    Args:
        text: The line; every character is taken to be equally wide.
        box: Around the line.
        first_id: Id of the first word; the others follow.

    Returns:
        The words from left to right.
    """
    words = []
    position = 0
    for offset, part in enumerate(text.split()):
        start = text.index(part, position)
        position = start + len(part)
        left = box.left + box.width * start / len(text)
        right = box.left + box.width * position / len(text)
        word_box = BoundingBox(left=left, top=box.top, right=right, bottom=box.bottom)
        words.append(Word(id=first_id + offset, text=part, box=word_box))
    return tuple(words)

"""Your own documents: a folder of pictures, PDFs or boxes, and for each a JSON file of gold fields.

`receipt-17.jpg` (or `.pdf`, or boxes as `.json` or `.hocr`) goes with `receipt-17.gold.json`:

    {"fields": {"total": "12.20", "date": "25/12/2018", "menu[0].name": "Coffee"}}

The outer `fields` may be left out. Keys are paths in the schema that is asked for. A value is a
text, as the document has it; a number, which is looked for on the document in whatever form it has
there; true or false; a list of these, any of which is right; or null for a field that the document
does not have. Where there are boxes and a picture of one name, the boxes are read and the picture
is kept for drawing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

from hybrid.document import Document
from hybrid.errors import DatasetError
from hybrid.ingest.load import SUFFIXES, load_document
from hybrid.verify.values import find_numbers

from .base import BACKGROUND, Dataset, GoldValue, Sample, naming, read_text

GOLD = ".gold.json"
_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"})
_PATH = re.compile(r"[^\W\d]\w*(\[\d+\])?(\.[^\W\d]\w*(\[\d+\])?)*")
_INDEX = re.compile(r"\[\d+\]")


class Own(Dataset):
    """Reads every document of a folder; pictures and PDFs without text go through OCR."""

    name = "own"
    labels: ClassVar[tuple[str, ...]] = (BACKGROUND,)
    released_splits: ClassVar[tuple[str, ...]] = ("all",)
    training_split: ClassVar[str] = "all"

    def _read(self, root: Path, split: str) -> Iterator[Sample]:
        documents: dict[str, list[Path]] = {}
        gold: dict[str, Path] = {}
        for path in sorted(p for p in root.iterdir() if p.is_file()):
            if path.name.endswith(GOLD):
                gold[path.name.removesuffix(GOLD)] = path
            elif path.suffix.lower() in SUFFIXES:
                documents.setdefault(path.stem, []).append(path)
        if not gold:
            raise DatasetError(
                f"dataset {self.name}: {root} has no *{GOLD}; give each document NAME.EXT a "
                f'NAME{GOLD} such as {{"fields": {{"total": "12.20"}}}}'
            )
        for name in sorted(documents.keys() | gold.keys()):
            if name not in gold:
                raise DatasetError(f"{documents[name][0]} has no {name}{GOLD} beside it")
            if name not in documents:
                raise DatasetError(f"{gold[name]} has no document {name}.* beside it")
            yield _sample(documents[name], gold[name])


class _Number(str):
    """A number as a file has it."""

    __slots__ = ()


def _sample(paths: list[Path], gold: Path) -> Sample:
    pictures = [path for path in paths if path.suffix.lower() in _PICTURES]
    texts = [path for path in paths if path not in pictures] or pictures[:1]
    if len(texts) > 1 or len(pictures) > 1:
        names = ", ".join(path.name for path in paths)
        raise DatasetError(f"{gold} goes with several documents: {names}; keep one of them")
    with naming(gold):
        given = list(_values(gold))
    document = load_document(texts[0])
    values = tuple(_as_printed(value, document) if number else value for value, number in given)
    # The picture is kept as a path; in memory it would be there or not as the cache has it.
    pages = tuple(page.model_copy(update={"image": None}) for page in document.pages)
    return Sample(
        document=document.model_copy(update={"pages": pages}),
        values=values,
        image_path=pictures[0] if pictures else None,
    )


def _as_printed(value: GoldValue, document: Document) -> GoldValue:
    """A number in the form in which the document has it: programs write 54.00 as 54.0."""
    number = Decimal(value.text)
    for segment in document.segments:
        for start, end, found in find_numbers(segment.text):
            if found == number:
                return value.model_copy(update={"text": segment.text[start:end]})
    return value


def _values(path: Path) -> Iterator[tuple[GoldValue, bool]]:
    """The values, and of each whether it is a number."""
    # Numbers stay as they are written: 12.20 is not "12.2".
    content = json.loads(read_text(path), parse_float=_Number, parse_int=_Number)
    fields = content["fields"] if isinstance(content.get("fields"), dict) else content
    for name, given in fields.items():
        if not _PATH.fullmatch(name):
            raise DatasetError(f"{path}: {name!r} is no path such as total or menu[0].name")
        for value in given if isinstance(given, list) else [given]:
            text = _text(path, name, value)
            if text:
                found = GoldValue(path=name, label=_INDEX.sub("", name), text=text)
                yield found, isinstance(value, _Number)


def _text(path: Path, name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise DatasetError(
            f"{path}: {name} is neither a text, a number, true, false, a list of these, nor null; "
            'write nested fields as paths, such as "menu[0].name"'
        )
    return value.strip()

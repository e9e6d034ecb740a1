"""hOCR, the HTML that Tesseract and others write: pages, lines and words with boxes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from hybrid.document import BoundingBox, Page
from hybrid.errors import DocumentError
from hybrid.ingest.assemble import Numbering, segments_of
from hybrid.ingest.ocr import RecognizedLine, RecognizedWord

_LINES = {"ocr_line", "ocr_header", "ocr_textfloat", "ocr_caption", "ocrx_line"}


@dataclass
class _Line:
    box: BoundingBox
    words: list[RecognizedWord] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects pages; the standard library's parser resolves no external entities."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pages: list[tuple[BoundingBox, list[_Line]]] = []
        self._word: tuple[BoundingBox, float | None] | None = None
        self._depth = 0
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens a page, a line or a word by its class."""
        if self._word is not None:
            self._depth += tag not in ("br", "img", "hr")
            return
        values = dict(attrs)
        classes = set((values.get("class") or "").split())
        title = values.get("title") or ""
        box = _box(title)
        if box is None:
            return
        if "ocr_page" in classes:
            self.pages.append((box, []))
        elif classes & _LINES and self.pages:
            self.pages[-1][1].append(_Line(box))
        elif "ocrx_word" in classes and self.pages and self.pages[-1][1]:
            found = re.search(r"x_wconf\s+([\d.]+)", title)
            confidence = min(float(found[1]) / 100, 1.0) if found else None
            self._word, self._depth, self._text = (box, confidence), 0, []

    def handle_endtag(self, tag: str) -> None:
        """Closes a word."""
        if self._word is None:
            return
        if self._depth > 0:
            self._depth -= 1
            return
        box, confidence = self._word
        text = "".join(self._text).strip()
        if text:
            self.pages[-1][1][-1].words.append(RecognizedWord(text, box, confidence))
        self._word = None

    def handle_data(self, data: str) -> None:
        """Text of a word."""
        if self._word is not None:
            self._text.append(data)


def _box(title: str) -> BoundingBox | None:
    found = re.search(r"bbox\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)", title)
    if not found:
        return None
    left, top, right, bottom = (int(v) for v in found.groups())
    return BoundingBox.from_points([(left, top), (right, bottom)])


def read_hocr(text: str, name: str, numbering: Numbering) -> list[Page]:
    """Pages in pixels.

    Raises:
        DocumentError: If there is no `ocr_page` with a box.
    """
    reader = _Reader()
    reader.feed(text)
    if not reader.pages:
        raise DocumentError(f"{name}: no element of class ocr_page with a bbox; is this hOCR?")
    pages: list[Page] = []
    for number, (box, found) in enumerate(reader.pages, start=1):
        if box.area <= 0:
            raise DocumentError(f"{name}, page {number}: the page's bbox is empty")
        lines = [
            RecognizedLine(" ".join(w.text for w in x.words), x.box, None, tuple(x.words))
            for x in found
            if x.words
        ]
        segments = segments_of(lines, number, 1.0, numbering)
        pages.append(Page(number=number, width=box.right, height=box.bottom, segments=segments))
    return pages

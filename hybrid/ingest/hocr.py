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
    text: list[str] = field(default_factory=list)


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
        elif "ocrx_word" in classes and self.pages:
            lines = self.pages[-1][1]
            if not lines or lines[-1].box.intersection_area(box) < 0.5 * box.area:
                lines.append(_Line(box))  # a word outside of any line stands alone
            found = re.search(r"x_wconf\s+(\d{1,9}(?:\.\d+)?)", title)
            confidence = min(float(found[1]) / 100, 1.0) if found else None
            self._word, self._depth, self._text = (box, confidence), 0, []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<br/>` inside of a word neither opens nor closes anything."""

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
        """Text of a word, or of a line that may turn out to have no words."""
        if self._word is not None:
            self._text.append(data)
        elif self.pages and self.pages[-1][1]:
            self.pages[-1][1][-1].text.append(data)


def _box(title: str) -> BoundingBox | None:
    found = re.search(r"bbox" + 4 * r"\s+(-?\d{1,9}(?:\.\d+)?)", title)
    if not found:
        return None
    left, top, right, bottom = (float(v) for v in found.groups())
    return BoundingBox.from_points([(left, top), (right, bottom)])


def read_hocr(text: str, name: str, numbering: Numbering) -> list[Page]:
    """Pages in pixels.

    Raises:
        DocumentError: If there is no `ocr_page` with a box, or there are too many.
    """
    reader = _Reader()
    reader.feed(text)
    if not reader.pages:
        raise DocumentError(
            f"{name}: HTML or XML, but not hOCR (no element of class ocr_page with a bbox); open it "
            "and print it to PDF"
        )
    if len(reader.pages) > numbering.limits.pages:
        raise DocumentError(
            f"{name}: {len(reader.pages)} pages, the limit is {numbering.limits.pages}; split it"
        )
    pages: list[Page] = []
    for number, (box, found) in enumerate(reader.pages, start=1):
        if box.right <= 0 or box.bottom <= 0 or box.area <= 0:
            raise DocumentError(f"{name}, page {number}: the page's bbox is empty")
        lines = [
            RecognizedLine(
                " ".join(w.text for w in x.words) if x.words else "".join(x.text),
                x.box,
                words=tuple(x.words),
            )
            for x in found
        ]
        segments = segments_of(lines, number, 1.0, numbering)
        pages.append(Page(number=number, width=box.right, height=box.bottom, segments=segments))
    return pages

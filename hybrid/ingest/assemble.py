"""Lines of any source become segments: cleaned, ordered, numbered."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hybrid.document import BoundingBox, PageImage, Segment, Word, segment_of
from hybrid.ingest.limits import Limits
from hybrid.ingest.ocr import RecognizedLine, RecognizedWord
from hybrid.ingest.reading_order import reading_order

if TYPE_CHECKING:
    from PIL import Image

_QUALITY = 75
_INVISIBLE = frozenset(["Cc", "Cf", "Cs", "Co", "Cn"])


@dataclass
class Numbering:
    """The next ids of a document, and what is to be said about it."""

    limits: Limits
    segment: int = 0
    word: int = 0
    warnings: list[str] = field(default_factory=list)


def clean(text: str) -> str:
    """NFC, without control, format and private characters; blanks are single.

    Invisible characters go without a trace, so that a soft hyphen does not cut a word in two.
    """
    text = unicodedata.normalize("NFC", text)
    kept = (c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE)
    return " ".join("".join(kept).split())


def segments_of(
    lines: Iterable[RecognizedLine], page: int, scale: float, numbering: Numbering
) -> tuple[Segment, ...]:
    """Segments of one page in reading order.

    Args:
        lines: As recognised or read.
        page: Its number, from 1.
        scale: Page units for one unit of the lines' boxes.
        numbering: Continued.
    """
    limits = numbering.limits
    ordered = reading_order([(line.box, line) for line in lines])
    if len(ordered) > limits.segments:
        numbering.warnings.append(
            f"page {page}: {len(ordered)} lines of text, only the first {limits.segments} are used"
        )
    segments: list[Segment] = []
    for line in ordered[: limits.segments]:
        words: list[Word] = []
        length = 0
        for word in words_of(line):
            room = limits.segment_characters - length
            length += len(word.text) + 1
            if len(word.text) > room:
                numbering.warnings.append(
                    f"page {page}: a line of over {limits.segment_characters} characters was cut"
                )
                if words:
                    break
                word = replace(word, text=word.text[:room])
            box = word.box.scaled(scale)
            words.append(
                Word(id=numbering.word, text=word.text, box=box, confidence=word.confidence)
            )
            numbering.word += 1
            if length > limits.segment_characters:
                break
        if words:
            segments.append(segment_of(numbering.segment, page, words))
            numbering.segment += 1
    return tuple(segments)


def words_of(line: RecognizedLine) -> list[RecognizedWord]:
    """The line's own words where they spell its text, else the text cut at blanks by length.

    Args:
        line: As recognised or read.
    """
    text = clean(line.text)
    own = [
        RecognizedWord(cleaned, w.box, w.confidence)
        for w in line.words
        if (cleaned := clean(w.text))
    ]
    if own and " ".join(w.text for w in own).replace(" ", "") == text.replace(" ", ""):
        return own
    box = line.box
    step = box.width / max(len(text), 1)
    words: list[RecognizedWord] = []
    position = 0
    for part in text.split(" "):
        if part:
            cut = BoundingBox(
                left=box.left + position * step,
                top=box.top,
                right=box.left + (position + len(part)) * step,
                bottom=box.bottom,
            )
            words.append(RecognizedWord(part, cut, line.confidence))
        position += len(part) + 1
    return words


def page_image(image: Image.Image, limits: Limits) -> PageImage:
    """The picture for the report, scaled down and compressed."""
    small = image.convert("RGB")
    small.thumbnail((limits.image_side, limits.image_side))
    buffer = io.BytesIO()
    small.save(buffer, format="JPEG", quality=_QUALITY)
    return PageImage(data=buffer.getvalue(), media_type="image/jpeg")

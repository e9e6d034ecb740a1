"""The text layer of a PDF page: its lines, and whether it can be trusted."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from PIL import Image

from hybrid.document import BoundingBox
from hybrid.ingest.ocr import RecognizedLine, RecognizedWord

_WIDE_GAP = 0.6
"""In line heights: a wider gap separates columns, or a key from its value, into two segments; a blank
between words has about a quarter."""
_JUSTIFIED_GAP = 1.2
"""The same in a line that is spread over the width of its column."""
_JUSTIFIED = (5, 1.5)
"""Gaps of such a line, at least, and times the smallest one that the largest has at most."""
_MARKS = frozenset("☐☑☒□✓✔•")
_LEADERS = frozenset("._-=*·…")
"""Drawn in long rows, as in tables of contents: they say nothing about a layer's quality."""
IS_EMPTY = "is empty"
_FEWEST_STEPS = 20
"""From one character to the next, that tell how a page's text runs."""
_MOST = 0.7
"""Share of them that has to go up, down or back, on a page that is not upright."""
_LYING = 1.2
"""Times as wide as high are characters that lie on their side; those of Chinese columns are square."""
_FROM_THE_RIGHT = frozenset(["R", "AL"])
"""Directions of Hebrew and Arabic letters, which go back from one to the next on an upright page."""


@dataclass(frozen=True)
class Glyph:
    """A character with its box in points of the displayed page, origin top-left."""

    text: str
    box: BoundingBox


def read_glyphs(page: Any, textpage: Any) -> list[Glyph]:
    """All characters of a page as it is displayed: cropped, and turned by its rotation.

    Args:
        page: A pypdfium2 page.
        textpage: Its text page.
    """
    import pypdfium2.raw as pdfium

    count = textpage.count_chars()
    width, height = page.get_size()
    # What is displayed: the crop box as far as it lies in the media box.
    place = displayed_box(page.get_rotation(), page.get_bbox())
    glyphs: list[Glyph] = []
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(textpage.raw, index)
        text = "\ufffd" if code == 0 or 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)
        if text.isspace() or pdfium.FPDFText_IsGenerated(textpage.raw, index) == 1:
            box = glyphs[-1].box if glyphs else BoundingBox(left=0, top=0, right=0, bottom=0)
            glyphs.append(Glyph(" ", box))
            continue
        if pdfium.FPDFText_IsHyphen(textpage.raw, index) == 1:
            text = "-"  # pdfium marks a hyphen at a line's end with a control character
        rect = pdfium.FS_RECTF()
        loose = pdfium.FPDFText_GetLooseCharBox(textpage.raw, index, ctypes.byref(rect))
        if not loose:
            continue
        box = place(rect.left, rect.bottom, rect.right, rect.top)
        if box.right > 0 and box.bottom > 0 and box.left < width and box.top < height:
            glyphs.append(Glyph(text, box))
    return glyphs


def displayed_box(
    rotation: int, crop: tuple[float, ...]
) -> Callable[[float, float, float, float], BoundingBox]:
    """From PDF space (origin bottom-left of the media) to the displayed page (origin top-left).

    Args:
        rotation: Of the page, in degrees.
        crop: Its left, bottom, right and top that are displayed, in points.

    Returns:
        A function of a box's left, bottom, right and top.
    """
    left, bottom, right, top = crop

    def apply(x0: float, y0: float, x1: float, y1: float) -> BoundingBox:
        corners = []
        for x, y in ((x0, y0), (x1, y1)):
            if rotation == 90:
                corners.append((y - bottom, x - left))
            elif rotation == 180:
                corners.append((right - x, y - bottom))
            elif rotation == 270:
                corners.append((top - y, right - x))
            else:
                corners.append((x - left, top - y))
        return BoundingBox.from_points(corners)

    return apply


def upright(
    glyphs: Sequence[Glyph], width: float, height: float
) -> tuple[list[Glyph], Image.Transpose | None]:
    """The characters of a page on which most text runs up, down or upside down, as on the page turned upright.

    Args:
        glyphs: In the file's order.
        width: Of the page, in points.
        height: Of the page.

    Returns:
        The characters, and how the page's picture is turned for them, or None where it stays.
    """
    steps = [
        (b.box.center[0] - a.box.center[0], b.box.center[1] - a.box.center[1])
        for a, b in pairwise(glyphs)
        if _tells(a.text) and _tells(b.text)
    ]
    if len(steps) < _FEWEST_STEPS:
        return list(glyphs), None
    up = sum(dy < 0 and -dy > 2 * abs(dx) for dx, dy in steps)
    down = sum(dy > 0 and dy > 2 * abs(dx) for dx, dy in steps)
    back = sum(dx < 0 and -dx > 2 * abs(dy) for dx, dy in steps)
    if back > _MOST * len(steps):
        turned = [Glyph(g.text, _half(g.box, width, height)) for g in glyphs]
        return turned, Image.Transpose.ROTATE_180
    if max(up, down) <= _MOST * len(steps):
        return list(glyphs), None
    seen = [g.box for g in glyphs if g.text.strip()]
    if median(b.width for b in seen) < _LYING * median(b.height for b in seen):
        return list(glyphs), None
    if up > down:
        return [
            Glyph(g.text, _clockwise(g.box, height)) for g in glyphs
        ], Image.Transpose.ROTATE_270
    return [
        Glyph(g.text, _counter_clockwise(g.box, width)) for g in glyphs
    ], Image.Transpose.ROTATE_90


def _tells(text: str) -> bool:
    """Whether the step to or from a character says how a page lies."""
    return bool(text.strip()) and unicodedata.bidirectional(text) not in _FROM_THE_RIGHT


def _half(box: BoundingBox, width: float, height: float) -> BoundingBox:
    return BoundingBox(
        left=width - box.right,
        top=height - box.bottom,
        right=width - box.left,
        bottom=height - box.top,
    )


def _clockwise(box: BoundingBox, height: float) -> BoundingBox:
    return BoundingBox(
        left=height - box.bottom, top=box.left, right=height - box.top, bottom=box.right
    )


def _counter_clockwise(box: BoundingBox, width: float) -> BoundingBox:
    return BoundingBox(
        left=box.top, top=width - box.right, right=box.bottom, bottom=width - box.left
    )


def fault_of_layer(glyphs: Sequence[Glyph], covered_by_image: bool) -> str | None:
    """Why a text layer should not be used, or None where it is fine.

    Args:
        glyphs: Of the page.
        covered_by_image: A picture covers most of the page, as in a scan.

    Returns:
        A reason that fits after "the text layer", such as "is unreadable".
    """
    seen = [g.text for g in glyphs if g.text.strip()]
    if not seen:
        return IS_EMPTY
    if covered_by_image and len(seen) < 20:
        return "has next to no text"
    bad = sum(c == "\ufffd" or unicodedata.category(c) in ("Co", "Cn", "Cc", "Cs") for c in seen)
    if bad > 0.1 * len(seen):
        return "is unreadable"
    signs = [c for c in seen if c not in _LEADERS]
    if len(signs) >= 20 and sum(c.isalnum() for c in signs) < 0.4 * len(signs):
        return "is unreadable"
    return None


def lines_of(glyphs: Sequence[Glyph]) -> list[RecognizedLine]:
    """Characters in the file's order become words, words become lines, wide gaps cut lines."""
    words: list[RecognizedWord] = []
    current: list[Glyph] = []
    for glyph in glyphs:
        if not glyph.text.strip() or (current and _breaks(current[-1].box, glyph.box)):
            words += _word(current)
            current = []
        if glyph.text.strip():
            current.append(glyph)
    words += _word(current)
    rows: list[list[RecognizedWord]] = []
    for word in sorted(words, key=lambda w: (w.box.center[1], w.box.left)):
        for row in reversed(rows[-3:]):
            if _is_in_row(word.box, row):
                row.append(word)
                break
        else:
            rows.append([word])
    return [line for row in rows for line in _cut(sorted(row, key=lambda w: w.box.left))]


def _is_in_row(box: BoundingBox, row: Sequence[RecognizedWord]) -> bool:
    """Whether a word is at the height of the one that is nearest to it in a row, and beside it.

    Not of any word of the row: a large title stands at the height of two small lines next to it.
    """
    near = min((w.box for w in row), key=lambda b: abs(b.center[0] - box.center[0]))
    shared = min(near.right, box.right) - max(near.left, box.left)
    beside = shared <= 0.3 * min(near.height, box.height)
    return beside and near.vertical_overlap(box) >= 0.6


def _breaks(first: BoundingBox, second: BoundingBox) -> bool:
    height = max(first.height, second.height, 1e-6)
    return (
        not first.shares_row(second)
        or second.left - first.right > 0.6 * height
        or first.left - second.right > 0.6 * height  # to the left: Arabic, Hebrew
    )


def _word(glyphs: Sequence[Glyph]) -> list[RecognizedWord]:
    if not glyphs:
        return []
    box = BoundingBox.union_of(g.box for g in glyphs)
    return [RecognizedWord("".join(g.text for g in glyphs), box)]


def _cut(row: Sequence[RecognizedWord]) -> list[RecognizedLine]:
    height = median(w.box.height for w in row)
    gaps = [b.box.left - a.box.right for a, b in pairwise(row)]
    fewest, uneven = _JUSTIFIED
    is_justified = len(gaps) >= fewest and max(gaps) <= uneven * min(gaps)
    most = (_JUSTIFIED_GAP if is_justified else _WIDE_GAP) * height
    parts: list[list[RecognizedWord]] = [[row[0]]]
    for gap, (before, word) in zip(gaps, pairwise(row), strict=True):
        # A box to tick belongs to what is behind it.
        if gap > (_JUSTIFIED_GAP * height if before.text in _MARKS else most):
            parts.append([word])
        else:
            parts[-1].append(word)
    return [
        RecognizedLine(
            text=" ".join(w.text for w in part),
            box=BoundingBox.union_of(w.box for w in part),
            words=tuple(part),
        )
        for part in parts
    ]

"""A sheet of paper to lay text on, and the drawing that comes of it.

Everything is measured in points from the top-left corner of the page; `Sheet.finish` scales it to
pixels. Labels of forms and invoices are FUNSD's: `header` (titles and section headings), `question`
(a key, a column heading, a box to tick), `answer` (its value), `other` (the rest). Receipts have
labels of their own (`receipts.LABELS`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, Literal

from hybrid.document import BoundingBox, Document, Page, Segment, Unit, Word, segment_of

from .fonts import text_width

LABELS: Final = ("other", "question", "answer", "header")
"""Of forms and invoices."""

ASCENT: Final = 0.76
"""From the top of a line's box to its baseline, as a fraction of the font size."""
HEIGHT: Final = 0.98
"""Height of a line's box, as a fraction of the font size."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a piece of text looks: typeface, size in points, and grey level of the ink (0 black)."""

    font: str = "sans"
    size: float = 10.0
    ink: int = 0


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word and its box."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Piece:
    """One line of text on a page: what becomes a segment.

    Attributes:
        page: Page number, from 1.
        words: Never empty.
        label: The gold label.
        entity: Lines of one entity (an address, a heading on two lines) share this number.
        style: How it is drawn.
    """

    page: int
    words: tuple[PlacedWord, ...]
    label: str
    entity: int
    style: Style

    @property
    def text(self) -> str:
        """The words, joined by blanks."""
        return " ".join(w.text for w in self.words)

    @property
    def left(self) -> float:
        """Smallest x."""
        return min(w.left for w in self.words)

    @property
    def right(self) -> float:
        """Largest x."""
        return max(w.right for w in self.words)

    @property
    def top(self) -> float:
        """Smallest y."""
        return min(w.top for w in self.words)

    @property
    def bottom(self) -> float:
        """Largest y."""
        return max(w.bottom for w in self.words)


@dataclass(frozen=True, slots=True)
class Shape:
    """A mark that is not text.

    Attributes:
        page: Page number, from 1.
        kind: A straight line, a frame, a filled rectangle, or a filled ellipse.
        box: `(left, top, right, bottom)`; a line runs from its first to its second corner.
        thickness: Of lines and frames.
        ink: Grey level, 0 black to 255 white.
    """

    page: int
    kind: Literal["line", "frame", "fill", "ellipse"]
    box: tuple[float, float, float, float]
    thickness: float = 0.7
    ink: int = 0


@dataclass(frozen=True)
class Drawing:
    """A laid-out document with its gold.

    Attributes:
        id: Name of the document.
        width: Of every page, in `unit`s.
        height: Of every page, in `unit`s.
        unit: "px" or "pt".
        page_count: Also counts empty pages.
        pieces: In reading order, page by page.
        shapes: Drawn below the text.
        entity_links: Question entity to answer entity.
        pairs: `(question, answer)` as printed, for every question that has an answer; perturbing
            the drawing leaves them as they are.
    """

    id: str
    width: float
    height: float
    unit: Unit
    page_count: int
    pieces: tuple[Piece, ...]
    shapes: tuple[Shape, ...] = ()
    entity_links: tuple[tuple[int, int], ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()

    @cached_property
    def document(self) -> Document:
        """The document as ingest would return it; segment ids are positions in `pieces`."""
        by_page: dict[int, list[Segment]] = {n: [] for n in range(1, self.page_count + 1)}
        word_id = 0
        for index, piece in enumerate(self.pieces):
            words = []
            for word in piece.words:
                box = BoundingBox(
                    left=word.left, top=word.top, right=word.right, bottom=word.bottom
                )
                words.append(Word(id=word_id, text=word.text, box=box))
                word_id += 1
            by_page[piece.page].append(segment_of(index, piece.page, words))
        return Document(
            id=self.id,
            pages=tuple(
                Page(
                    number=number,
                    width=self.width,
                    height=self.height,
                    unit=self.unit,
                    segments=tuple(segments),
                )
                for number, segments in by_page.items()
            ),
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The gold label of each segment, in the segments' order."""
        return tuple(p.label for p in self.pieces)

    @cached_property
    def links(self) -> tuple[tuple[int, int], ...]:
        """`(question segment id, answer segment id)` for every line of every linked entity."""
        lines: dict[int, list[int]] = {}
        for index, piece in enumerate(self.pieces):
            lines.setdefault(piece.entity, []).append(index)
        return tuple(
            (q, a)
            for question, answer in self.entity_links
            for q in lines.get(question, ())
            for a in lines.get(answer, ())
        )


@dataclass
class Sheet:
    """Collects text and shapes, in points, until `finish`.

    Attributes:
        width: Of the page.
        height: Of the page.
        page: The page that is being written, from 1.
    """

    width: float
    height: float
    page: int = 1
    _pieces: list[Piece] = field(default_factory=list)
    _shapes: list[Shape] = field(default_factory=list)
    _links: list[tuple[int, int]] = field(default_factory=list)
    _entities: int = 0

    def new_page(self) -> None:
        """Goes on to the next page."""
        self.page += 1

    def text(
        self,
        text: str,
        left: float,
        top: float,
        style: Style,
        label: str = "other",
        *,
        align: Literal["left", "right", "center"] = "left",
        entity: int | None = None,
    ) -> Piece:
        """Puts one line of text with its box's top at `top`.

        Args:
            text: At least one word.
            left: Where the line starts, ends or is centred, as `align` says.
            top: Of the line's box.
            style: Typeface, size, ink.
            label: The gold label.
            align: What `left` means.
            entity: The entity that the line belongs to; a new one where None.

        Returns:
            The line.
        """
        tokens = text.split()
        space = text_width(" ", style.font, style.size)
        widths = [text_width(t, style.font, style.size) for t in tokens]
        total = sum(widths) + space * (len(tokens) - 1)
        x = left - {"left": 0.0, "right": total, "center": total / 2}[align]
        words = []
        for token, width in zip(tokens, widths, strict=True):
            words.append(PlacedWord(token, x, top, x + width, top + HEIGHT * style.size))
            x += width + space
        if entity is None:
            entity = self._entities
            self._entities += 1
        piece = Piece(self.page, tuple(words), label, entity, style)
        self._pieces.append(piece)
        return piece

    def lines(
        self,
        texts: Iterable[str],
        left: float,
        top: float,
        style: Style,
        label: str = "other",
        *,
        align: Literal["left", "right", "center"] = "left",
        leading: float = 1.25,
    ) -> list[Piece]:
        """Puts lines of one entity below each other; `leading` is in font sizes."""
        pieces: list[Piece] = []
        for text in texts:
            entity = pieces[0].entity if pieces else None
            pieces.append(self.text(text, left, top, style, label, align=align, entity=entity))
            top += leading * style.size
        return pieces

    def link(self, question: Piece, answer: Piece) -> None:
        """Records that `answer`'s entity answers `question`'s."""
        pair = (question.entity, answer.entity)
        if pair not in self._links:
            self._links.append(pair)

    def rule(self, left: float, top: float, right: float, bottom: float, **look: float) -> None:
        """Draws a straight line; `look` is the shape's thickness and ink."""
        self._shapes.append(_shape(self.page, "line", (left, top, right, bottom), look))

    def frame(self, left: float, top: float, right: float, bottom: float, **look: float) -> None:
        """Draws the outline of a rectangle."""
        self._shapes.append(_shape(self.page, "frame", (left, top, right, bottom), look))

    def fill(self, left: float, top: float, right: float, bottom: float, **look: float) -> None:
        """Draws a filled rectangle."""
        self._shapes.append(_shape(self.page, "fill", (left, top, right, bottom), look))

    def ellipse(self, left: float, top: float, right: float, bottom: float, **look: float) -> None:
        """Draws a filled ellipse."""
        self._shapes.append(_shape(self.page, "ellipse", (left, top, right, bottom), look))

    def finish(self, document_id: str, *, scale: float = 1.0, unit: Unit = "px") -> Drawing:
        """The drawing, in reading order, with all coordinates multiplied by `scale`."""
        pieces = reading_order(scaled(p, scale) for p in self._pieces)
        shapes = []
        for shape in self._shapes:
            left, top, right, bottom = (v * scale for v in shape.box)
            thickness = shape.thickness * scale
            shapes.append(replace(shape, box=(left, top, right, bottom), thickness=thickness))
        texts: dict[int, str] = {}
        for piece in self._pieces:
            texts[piece.entity] = f"{texts.get(piece.entity, '')} {piece.text}".strip()
        return Drawing(
            id=document_id,
            width=round(self.width * scale),
            height=round(self.height * scale),
            unit=unit,
            page_count=self.page,
            pieces=tuple(pieces),
            shapes=tuple(shapes),
            entity_links=tuple(self._links),
            pairs=tuple((texts[q], texts[a]) for q, a in self._links),
        )


def wrap(text: str, width: float, style: Style) -> list[str]:
    """Breaks `text` at blanks into lines of at most `width` (one word at least)."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, style.font, style.size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def scaled(piece: Piece, scale: float) -> Piece:
    """The piece with boxes and font size multiplied by `scale`."""
    words = tuple(
        PlacedWord(w.text, w.left * scale, w.top * scale, w.right * scale, w.bottom * scale)
        for w in piece.words
    )
    return replace(piece, words=words, style=replace(piece.style, size=piece.style.size * scale))


def reading_order(pieces: Iterable[Piece]) -> list[Piece]:
    """Sorts by page, then by rows from top to bottom, then from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.page, p.top, p.left)):
        first = rows[-1][0] if rows else None
        middle = (piece.top + piece.bottom) / 2
        if first is not None and first.page == piece.page and middle <= first.bottom:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [piece for row in rows for piece in sorted(row, key=lambda p: p.left)]


def _shape(
    page: int,
    kind: Literal["line", "frame", "fill", "ellipse"],
    box: Sequence[float],
    look: dict[str, float],
) -> Shape:
    left, top, right, bottom = box
    return Shape(
        page,
        kind,
        (left, top, right, bottom),
        thickness=look.get("thickness", 0.7),
        ink=int(look.get("ink", 0)),
    )

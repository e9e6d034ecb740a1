"""A till roll: receipts are written on it line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .fonts import text_width
from .sheet import Drawing, Piece, Sheet, Style, wrap


@dataclass(frozen=True, slots=True)
class Cell:
    """A part of a row.

    Attributes:
        position: From 0 (margin) to 1 (right), negative for right-aligned: a cell at 0.25 starts at
            a quarter of the width; one at -0.25 ends there.
        text: What is printed.
        label: The gold label.
    """

    position: float
    text: str
    label: str = "other"


@dataclass
class Roll:
    """Writes rows on a narrow sheet, top to bottom.

    Attributes:
        sheet: What is written on.
        style: Of text that has no style of its own.
        margin: At the left and right, in points.
        top: Where the next row starts.
        leading: From row to row, in font sizes.
    """

    sheet: Sheet
    style: Style
    margin: float = 18.0
    top: float = 22.0
    leading: float = 1.32

    @property
    def right(self) -> float:
        """Where right-aligned text ends."""
        return self.sheet.width - self.margin

    def gap(self, points: float) -> None:
        """Leaves a space."""
        self.top += points

    def center(self, text: str, style: Style | None = None) -> Piece:
        """A centred row."""
        piece = self.sheet.text(
            text, self.sheet.width / 2, self.top, style or self.style, align="center"
        )
        self._advance(style)
        return piece

    def left(self, text: str, style: Style | None = None) -> Piece:
        """A row that starts at the left margin."""
        return self.row({0: text}, style)[0]

    def lines(
        self,
        texts: Sequence[str],
        align: Literal["left", "center"],
        label: str = "other",
        style: Style | None = None,
    ) -> list[Piece]:
        """Rows of one entity, each broken into more where the paper is too narrow for it."""
        style = style or self.style
        pieces: list[Piece] = []
        for text in texts:
            for part in wrap(text, self.right - self.margin, style):
                x = self.sheet.width / 2 if align == "center" else self.margin
                entity = pieces[0].entity if pieces else None
                pieces.append(
                    self.sheet.text(part, x, self.top, style, label, align=align, entity=entity)
                )
                self._advance(style)
        return pieces

    def row(self, cells: dict[float, str], style: Style | None = None) -> list[Piece]:
        """A row of unlabelled cells by position; see `Cell`."""
        pieces = [self._put(Cell(position, text), style) for position, text in cells.items()]
        self._advance(style)
        return pieces

    def cells(
        self, cells: Sequence[Cell], style: Style | None = None, *, cut: bool = False
    ) -> list[Piece]:
        """A row of labelled cells, from left to right, that never overlap.

        Args:
            cells: Where two of them collide, the row is broken before the second one. One that would
                reach over the margin starts further left; what the paper is too narrow for is lost.
            style: Of all of them.
            cut: Break off the end of a text that is left-aligned instead, as tills do with the
                names of goods.
        """
        pieces: list[Piece] = []
        edge = self.margin
        for index, cell in enumerate(cells):
            while len(cell.text) > 1 and self._overflows(cell, style):
                cell = replace(cell, text=cell.text[:-1].rstrip())
            following = [self._span(c, style)[0] for c in cells[index + 1 :] if c.position < 0]
            if cut and cell.position >= 0 and following:
                limit = following[0] - self._space(style)
                while len(cell.text) > 1 and self._span(cell, style)[1] > limit:
                    cell = replace(cell, text=cell.text[:-1].rstrip())
            left, right = self._span(cell, style)
            if index and left < edge:
                self._advance(style)
            pieces.append(self._put(cell, style))
            edge = right + self._space(style)
        self._advance(style)
        return pieces

    def rule(self, *, dashed: bool = True) -> None:
        """A line across, dashed as tills print it."""
        y = self.top + 2
        if dashed:
            x = self.margin
            while x < self.right - 3:
                self.sheet.rule(x, y, x + 3, y)
                x += 5
        else:
            self.sheet.rule(self.margin, y, self.right, y)
        self.top += 8

    def finish(self, document_id: str, scale: float) -> Drawing:
        """Cuts the paper below the last row; see `Sheet.finish`."""
        self.sheet.height = self.top + self.margin
        return self.sheet.finish(document_id, scale=scale)

    def _put(self, cell: Cell, style: Style | None) -> Piece:
        align: Literal["left", "right"] = "right" if cell.position < 0 else "left"
        x = self._span(cell, style)[1 if align == "right" else 0]
        return self.sheet.text(cell.text, x, self.top, style or self.style, cell.label, align=align)

    def _span(self, cell: Cell, style: Style | None) -> tuple[float, float]:
        """Where the cell's text starts and ends, inside the margins if it is short enough."""
        x = self.margin + abs(cell.position) * (self.right - self.margin)
        width = self._width(cell, style)
        left = x - width if cell.position < 0 else x
        left = max(min(left, self.right - width), self.margin)
        return left, left + width

    def _width(self, cell: Cell, style: Style | None) -> float:
        style = style or self.style
        return text_width(cell.text, style.font, style.size)

    def _overflows(self, cell: Cell, style: Style | None) -> bool:
        return self._width(cell, style) > self.right - self.margin + 1

    def _space(self, style: Style | None) -> float:
        return 0.5 * (style or self.style).size

    def _advance(self, style: Style | None) -> None:
        self.top += self.leading * (style or self.style).size

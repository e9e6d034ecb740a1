"""A till roll: receipts are written on it line by line."""

from __future__ import annotations

from dataclasses import dataclass

from .sheet import Drawing, Piece, Sheet, Style


@dataclass
class Roll:
    """Writes rows on a narrow sheet, top to bottom, all labelled `other`.

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
        piece = self.sheet.text(text, self.margin, self.top, style or self.style)
        self._advance(style)
        return piece

    def row(self, cells: dict[float, str], style: Style | None = None) -> list[Piece]:
        """A row of cells by position: from 0 (margin) to 1 (right), negative for right-aligned.

        A cell at 0.25 starts at a quarter of the width; one at -0.25 ends there.
        """
        width = self.right - self.margin
        pieces = [
            self.sheet.text(
                text,
                self.margin + abs(position) * width,
                self.top,
                style or self.style,
                align="right" if position < 0 else "left",
            )
            for position, text in cells.items()
        ]
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

    def _advance(self, style: Style | None) -> None:
        self.top += self.leading * (style or self.style).size

"""What a camera does to a receipt: it lies askew on a table, with room around it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from .sheet import Drawing, Piece, PlacedWord


def photographed(drawing: Drawing, rng: Random) -> Drawing:
    """The drawing as part of a larger picture, a little askew; scanned straight in most cases.

    Args:
        drawing: Of one page, left as it is; what comes back has no shapes.
        rng: Where chance comes from.

    Returns:
        The same pieces in the same order; the picture is as large as they need.
    """
    slope = rng.choice((0.0, 0.0, 0.0, rng.gauss(0.0, 0.008)))
    # Rows must not run into each other: half a row from one side to the other is as far as it goes.
    limit = 0.4 * min(p.bottom - p.top for p in drawing.pieces) / drawing.width
    slope = max(-limit, min(limit, slope))
    around = rng.choice((0.0, 0.0, rng.uniform(0.02, 0.35)))
    left, right = (around * drawing.width * rng.random() for _ in range(2))
    top, bottom = (around * drawing.height * rng.random() for _ in range(2))
    drop = abs(slope) * drawing.width
    top += drop if slope < 0 else 0.0
    pieces = [_moved(piece, left, top, slope) for piece in drawing.pieces]
    return replace(
        drawing,
        width=round(drawing.width + left + right),
        height=round(drawing.height + top + bottom + drop),
        pieces=tuple(pieces),
        shapes=(),
    )


def _moved(piece: Piece, left: float, top: float, slope: float) -> Piece:
    words = tuple(
        PlacedWord(
            word.text,
            word.left + left,
            word.top + top + slope * (word.left if slope > 0 else word.right),
            word.right + left,
            word.bottom + top + slope * (word.right if slope > 0 else word.left),
        )
        for word in piece.words
    )
    return replace(piece, words=words)

"""What OCR makes of a page: shaky boxes, merged and split lines, wrong letters, lost blanks.

A key and its value that stand close to each other often come back as one line, "Date: 12/03/2021".
Such a line is labelled `answer`, because the value is in it and a later step finds the value inside
the line; its link goes away, since the line would have to point at itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from .sheet import Drawing, Piece, PlacedWord, reading_order

_CONFUSIONS: Final = {
    "0": "O",
    "O": "0",
    "1": "l",
    "l": "1",
    "I": "l",
    "i": "l",
    "5": "S",
    "S": "5",
    "8": "B",
    "B": "8",
    "2": "Z",
    "6": "G",
    "o": "0",
    "e": "c",
    "c": "e",
    "h": "n",
    "u": "v",
    "V": "v",
    "m": "rn",
    ":": ".",
    ".": ",",
    ",": ".",
    "ü": "u",
    "ä": "a",
    "ö": "o",
    "é": "e",
    "ß": "B",
}


@dataclass(frozen=True)
class Noise:
    """How bad a scan is; all are probabilities but the jitter.

    Attributes:
        merge: That two neighbours as close as a blank become one line.
        split: That a line of several words breaks in two.
        lost: That a line is not found at all.
        letter: That a letter which has a look-alike is taken for it.
        blank: That a blank is not seen.
        case: That a line comes back in capitals or in small letters.
        jitter: Standard deviation of a box's sides, in line heights.
    """

    merge: float
    split: float
    lost: float
    letter: float
    blank: float
    case: float
    jitter: float


def random_noise(rng: Random) -> Noise:
    """Draws a quality of scan: some clean, most decent, some bad."""
    badness = rng.choice((0.0, 0.2, 0.5, 1.0, 2.0))
    return Noise(
        merge=rng.choice((0.0, 0.5, 0.9)),
        split=0.02 * badness,
        lost=0.004 * badness,
        letter=0.012 * badness,
        blank=0.02 * badness,
        case=0.01 * badness,
        jitter=0.02 + 0.04 * badness,
    )


def perturb(drawing: Drawing, rng: Random, noise: Noise) -> Drawing:
    """The drawing as an OCR engine might read it.

    Args:
        drawing: Left as it is.
        rng: Where chance comes from.
        noise: How bad it gets.

    Returns:
        The same document with other pieces, in reading order again; `pairs` keep the true texts.
    """
    pieces = [p for p in drawing.pieces if rng.random() >= noise.lost] or list(drawing.pieces)
    pieces = _merged(pieces, set(drawing.entity_links), rng, noise)
    pieces = [part for piece in pieces for part in _split(piece, rng, noise)]
    pieces = [_misread(_shaken(p, drawing, rng, noise), rng, noise) for p in pieces]
    return replace(drawing, pieces=tuple(reading_order(pieces)))


def _merged(
    pieces: Sequence[Piece], links: set[tuple[int, int]], rng: Random, noise: Noise
) -> list[Piece]:
    """Joins neighbours on a row: a key with its value, or two of one label."""
    result: list[Piece] = []
    for piece in pieces:
        last = result[-1] if result else None
        if last is not None and _joinable(last, piece, links):
            gap = (piece.left - last.right) / piece.style.size
            chance = noise.merge * max(0.0, 1.0 - max(gap, 0.0) / 1.6)
            if rng.random() < chance:
                # The answer's entity stays; of two of one label, the first one's.
                keeper = piece if piece.label == "answer" else last
                result[-1] = replace(keeper, words=last.words + piece.words)
                continue
        result.append(piece)
    return result


def _joinable(left: Piece, right: Piece, links: set[tuple[int, int]]) -> bool:
    same_row = (
        left.page == right.page
        and left.top < (right.top + right.bottom) / 2 < left.bottom
        and right.left > left.right - 1
    )
    linked = (left.entity, right.entity) in links
    return same_row and (linked or (left.label == right.label and left.entity != right.entity))


def _split(piece: Piece, rng: Random, noise: Noise) -> list[Piece]:
    if len(piece.words) < 3 or rng.random() >= noise.split:
        return [piece]
    at = rng.randint(1, len(piece.words) - 1)
    return [replace(piece, words=piece.words[:at]), replace(piece, words=piece.words[at:])]


def _shaken(piece: Piece, drawing: Drawing, rng: Random, noise: Noise) -> Piece:
    """Moves the sides of the line's box, and its words with them, inside the page."""
    height = piece.bottom - piece.top
    dx, top, bottom = (rng.gauss(0.0, noise.jitter * height) for _ in range(3))
    words = []
    for word in piece.words:
        left = min(max(word.left + dx, 0.0), drawing.width - 1)
        right = min(max(word.right + dx, left + 1), drawing.width)
        high = min(max(word.top + top, 0.0), drawing.height - 1)
        low = min(max(word.bottom + bottom, high + 1), drawing.height)
        words.append(PlacedWord(word.text, left, high, right, low))
    return replace(piece, words=tuple(words))


def _misread(piece: Piece, rng: Random, noise: Noise) -> Piece:
    """Wrong letters, lost blanks, other case."""
    draw = rng.random()
    words: list[PlacedWord] = []
    for word in piece.words:
        text = "".join(
            _CONFUSIONS[c] if c in _CONFUSIONS and rng.random() < noise.letter else c
            for c in word.text
        )
        if draw < noise.case:
            text = text.upper() if draw < noise.case / 2 else text.lower()
        if words and rng.random() < noise.blank:
            before = words[-1]
            words[-1] = replace(before, text=before.text + text, right=word.right)
        else:
            words.append(replace(word, text=text))
    return replace(piece, words=tuple(words))

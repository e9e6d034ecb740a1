"""Segments from lines of text that come without words.

A line's box is split among its words by their shares of its characters.
"""

from __future__ import annotations

from collections.abc import Sequence

from hybrid.document import BoundingBox, Segment, Word

from .reading_order import reading_order


def line_segments(
    lines: Sequence[tuple[BoundingBox, str]],
) -> tuple[tuple[Segment, ...], tuple[int, ...]]:
    """The lines of one page as segments in reading order.

    Args:
        lines: Boxes with their texts, none of which is blank.

    Returns:
        The segments, with ids from 0, and for each its index in `lines`.
    """
    order = reading_order([box for box, _ in lines])
    segments: list[Segment] = []
    next_word = 0
    for number, k in enumerate(order):
        box, text = lines[k]
        words = split_words(text, box, next_word)
        next_word += len(words)
        text = " ".join(w.text for w in words)
        segments.append(Segment(id=number, page=1, text=text, box=box, words=words))
    return tuple(segments), tuple(order)


def split_words(text: str, box: BoundingBox, first_id: int) -> tuple[Word, ...]:
    """A line's words, each with its share of the line's box by the places of its characters.

    Args:
        text: The line; every character is taken to be equally wide.
        box: Around the line.
        first_id: Id of the first word; the others follow.

    Returns:
        The words from left to right.
    """
    words = []
    position = 0
    for offset, part in enumerate(text.split()):
        start = text.index(part, position)
        position = start + len(part)
        left = box.left + box.width * start / len(text)
        right = box.left + box.width * position / len(text)
        word_box = BoundingBox(left=left, top=box.top, right=right, bottom=box.bottom)
        words.append(Word(id=first_id + offset, text=part, box=word_box))
    return tuple(words)

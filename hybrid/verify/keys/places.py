"""Places: where values stand from their keys, to the right on the row or below."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from enum import Enum

from hybrid.document import BoundingBox, Segment

COLONS = (":", "：")
"""What keys with their values to the right end with."""
_PUNCTUATION = re.compile(r"[.:：·…_\s]*")


class Place(Enum):
    """Where a segment stands from a key."""

    RIGHT = "right"
    BELOW = "below"
    FAR_BELOW = "more than one and a half lines below"
    IN_BOX = "in the numbered box of the key"
    ABOVE = "above a key that is its caption"


def is_punctuation(text: str) -> bool:
    """Whether a text is a colon or a leader between a key and its value, in a cell of its own."""
    return _PUNCTUATION.fullmatch(text) is not None


def beside(segments: Sequence[Segment], index: int) -> list[tuple[int, Place]]:
    """The nearest segment to the right on the row, and the nearest below.

    Args:
        segments: Of a document, straight.
        index: Of the key among them.

    A colon in a cell of its own is passed over.

    Returns:
        Their indices and where they stand, the right one first; at most two.
    """
    key = segments[index]
    right: tuple[float, int] | None = None
    below: tuple[float, int] | None = None
    for other, segment in enumerate(segments):
        if other == index or segment.page != key.page or is_punctuation(segment.text):
            continue
        if segment.box.left >= key.box.center[0] and segment.box.shares_row(key.box):
            right = min(right or (1e9, -1), (segment.box.left - key.box.right, other))
        gap = segment.box.top - key.box.bottom
        under = segment.box.horizontal_overlap(key.box) > 0.3 and -0.5 * key.box.height < gap
        if under and gap < 3 * key.box.height and segment.box.center[1] > key.box.bottom:
            below = min(below or (1e9, -1), (gap, other))
    found = [(right[1], Place.RIGHT)] if right else []
    if below:
        far = below[0] >= 1.5 * key.box.height
        found.append((below[1], Place.FAR_BELOW if far else Place.BELOW))
    return found


def right_of(segments: Sequence[Segment], place: int) -> list[int]:
    """Indices of the segments to the right on the row, from left to right."""
    own = segments[place]
    right = [
        number
        for number, other in enumerate(segments)
        if other.page == own.page
        and other.box.left >= own.box.right
        and other.box.shares_row(own.box)
    ]
    return sorted(right, key=lambda number: segments[number].box.left)


def left_of(segments: Sequence[Segment], place: int) -> int | None:
    """Index of the nearest segment to the left on the row."""
    own = segments[place]
    left = [
        (other.box.right, number)
        for number, other in enumerate(segments)
        if other.page == own.page
        and other.box.right <= own.box.left
        and other.box.shares_row(own.box)
    ]
    return max(left)[1] if left else None


def line_below(
    segments: Sequence[Segment],
    index: int,
    passed: Collection[int],
    most: float,
    is_aligned: Callable[[BoundingBox, BoundingBox, float], bool],
) -> int | None:
    """The nearest line below a segment that is aligned with it.

    Args:
        segments: Of a document, straight.
        index: Of the segment.
        passed: Indices of those that do not count.
        most: Line heights between the two, at most.
        is_aligned: Whether an upper and a lower box are, for a line height.

    Returns:
        Its index, or None.
    """
    above = segments[index]
    best: tuple[float, int] | None = None
    for number, segment in enumerate(segments):
        if number in passed or number == index or segment.page != above.page:
            continue
        height = min(above.box.height, segment.box.height)
        gap = segment.box.top - above.box.bottom
        lower = segment.box.center[1] > above.box.bottom and -0.5 * height < gap <= most * height
        if lower and is_aligned(above.box, segment.box, height):
            best = min(best or (gap, number), (gap, number))
    return None if best is None else best[1]


def left_aligned(within: float) -> Callable[[BoundingBox, BoundingBox, float], bool]:
    """Alignment of left edges, for `line_below`.

    Args:
        within: Line heights between them, at most.
    """
    return lambda a, b, height: abs(a.left - b.left) <= within * height

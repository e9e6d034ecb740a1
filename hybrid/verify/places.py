"""Places: where values stand from their keys, to the right on the row or below."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from hybrid.document import Segment


class Place(Enum):
    """Where a segment stands from a key."""

    RIGHT = "right"
    BELOW = "below"
    FAR_BELOW = "more than one and a half lines below"


def beside(segments: Sequence[Segment], index: int) -> list[tuple[int, Place]]:
    """The nearest segment to the right on the row, and the nearest below.

    Args:
        segments: Of a document, straight.
        index: Of the key among them.

    Returns:
        Their indices and where they stand, the right one first; at most two.
    """
    key = segments[index]
    right: tuple[float, int] | None = None
    below: tuple[float, int] | None = None
    for other, segment in enumerate(segments):
        if other == index or segment.page != key.page:
            continue
        if segment.box.left >= key.box.center[0] and segment.box.vertical_overlap(key.box) >= 0.5:
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

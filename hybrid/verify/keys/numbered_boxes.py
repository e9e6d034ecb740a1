"""Numbered boxes: forms whose captions have numbers, "1 Sender", "12a Wages", with the value below in the box.

Lines of the boxes are not seen; a box reaches from its caption to the next captions to the right and
below, which is how tax forms, consignment notes and customs declarations are printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median

from hybrid.document import BoundingBox, Segment
from hybrid.verify.keys.places import COLONS

_CAPTION = re.compile(r"[(\[]?(?P<number>\d{1,2}|[a-h])[a-z]?[)\].]?\s+[^\W\d_]{2}")
_NUMBER = re.compile(r"\d{1,2}[a-z]?")
_FEWEST = 5
"""Captions with numbers on a page, at least: a few lines that begin with a number are a list."""
_NEAR_ROWS = 6.0
"""Line heights from a caption to others whose columns are its own."""
_CAPTION_HEIGHT = 1.15
"""Times the captions' median height that a caption has at most, and other lines have more than."""


def boxes(segments: Sequence[Segment]) -> dict[int, list[int]]:
    """The values in a document's numbered boxes.

    Args:
        segments: Of a document, straight.

    Returns:
        Index of each caption to the indices of what stands below it in its box, from top to bottom
        and left to right; empty where no page has such boxes.
    """
    found: dict[int, list[int]] = {}
    for page in dict.fromkeys(segment.page for segment in segments):
        own = [number for number, segment in enumerate(segments) if segment.page == page]
        captions = _captions(segments, own)
        values = [number for number in own if number not in captions]
        for caption in captions:
            box = _box(segments, caption, captions)
            inside = [n for n in values if _is_inside(segments[n].box, box)]
            found[caption] = sorted(
                inside, key=lambda n: (segments[n].box.center[1], segments[n].box.left)
            )
    return found


def _captions(segments: Sequence[Segment], own: Sequence[int]) -> set[int]:
    """Numbered captions of a page: small print without colons among larger values; or none."""
    told = {
        n: m["number"]
        for n in own
        if (m := _CAPTION.match(segments[n].text))
        and not any(c in segments[n].text for c in COLONS)
    }
    if len(set(told.values())) < _FEWEST:
        return set()
    most = _CAPTION_HEIGHT * median(segments[n].box.height for n in told)
    others = [segments[n].box.height for n in own if n not in told]
    if not others or median(others) <= most:
        return set()
    return {
        n
        for n in own
        # A small number by itself is the caption of a box without a name.
        if (n in told or _NUMBER.fullmatch(segments[n].text)) and segments[n].box.height <= most
    }


def _box(segments: Sequence[Segment], caption: int, captions: set[int]) -> BoundingBox:
    """From a caption to the next ones to the right and below."""
    own = segments[caption].box
    others = [segments[n].box for n in captions if n != caption]
    right_of = [box for box in others if box.left >= own.right]
    row = [box.left for box in right_of if box.shares_row(own)]
    near = [
        box.left
        for box in right_of
        if abs(box.center[1] - own.center[1]) <= _NEAR_ROWS * own.height
    ]
    right = min(row or near, default=float("inf"))
    bottom = min(
        (
            box.top
            for box in others
            if box.top > own.bottom and box.left < right and box.right > own.left
        ),
        default=float("inf"),
    )
    return BoundingBox(
        left=own.left - own.height,
        top=own.center[1],
        right=min(right, 1e9),
        bottom=min(bottom, 1e9),
    )


def _is_inside(value: BoundingBox, box: BoundingBox) -> bool:
    """Whether a line begins in a box and stands below its caption."""
    return (
        box.left <= value.left < box.right and box.top < value.top and value.center[1] < box.bottom
    )

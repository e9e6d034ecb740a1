"""Skew: how far a page was turned on the scanner, and its segments as they stand on the straight page.

Boxes stay as they are on the page, for citations; what stands beside or below what is decided on the
straight one. On a page that is turned by two degrees a line of it ends a line lower than it begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from hybrid.document import BoundingBox, Document, Segment

_STEEPEST = 0.09
"""Five degrees; OCR reads little beyond, and pages on their side are turned before."""
_STEPS = 361
_STRAIGHT = 0.003
"""A slope below which nothing is gained."""
_FEWEST = 8
"""Segments that tell a slope."""
_SHARP = 0.15
"""Line heights: so far apart two middles are hardly in one row."""
_PLAINLY = 1.2
"""Times as many neighbours in rows as without the slope, and ..."""
_MORE = 2.0
"""... so many more: fewer may lie so by chance."""


def straightened(document: Document) -> list[Segment]:
    """A document's segments, in their order, as they would stand if each page were straight.

    Args:
        document: Its pages may be turned by up to five degrees, each by itself.

    Returns:
        The same segments with the same words; boxes are turned about the page's middle. Those of
        straight pages are the document's own.
    """
    found: list[Segment] = []
    for page in document.pages:
        slope = page_slope(page.segments)
        middle = (page.width / 2, page.height / 2)
        found += [_turned(s, slope, middle) for s in page.segments] if slope else page.segments
    return found


def straight_pages(document: Document) -> list[list[Segment]]:
    """As `straightened`, page by page; pages without segments are left out."""
    return [list(page) for _, page in groupby(straightened(document), key=lambda s: s.page)]


def page_slope(segments: Sequence[Segment]) -> float:
    """The slope of a page's rows: how much lower they are for each unit to the right.

    The middles of segments in a row lie on a line, whatever the boxes around turned lines are, so the
    slope is taken at which most of them lie in rows with another one (projection profiles, Postl 1986).

    Args:
        segments: Of one page.

    Returns:
        The tangent of the angle, positive where lines fall to the right; 0 for a straight page, and
        for one that has too few segments side by side to tell.
    """
    if len(segments) < _FEWEST:
        return 0.0
    boxes = np.array([s.box.as_tuple() for s in segments])
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    line = max(float(np.median(boxes[:, 3] - boxes[:, 1])), 1e-6)
    slopes = np.linspace(-_STEEPEST, _STEEPEST, _STEPS)
    heights = np.sort(y - slopes[:, None] * x, axis=1)
    in_rows = np.exp(-((np.diff(heights, axis=1) / (_SHARP * line)) ** 2)).sum(axis=1)
    best, straight = int(in_rows.argmax()), float(in_rows[_STEPS // 2])
    plain = in_rows[best] >= max(_PLAINLY * straight, straight + _MORE)
    slope = float(slopes[best])
    return slope if plain and abs(slope) >= _STRAIGHT else 0.0


def _turned(segment: Segment, slope: float, middle: tuple[float, float]) -> Segment:
    box = segment.box
    x, y = box.center
    right = slope * (y - middle[1])
    height = max(box.height - abs(slope) * box.width, 0.4 * box.height)
    top = y - slope * (x - middle[0]) - height / 2

    def placed(old: BoundingBox) -> BoundingBox:
        return BoundingBox(
            left=old.left + right, top=top, right=old.right + right, bottom=top + height
        )

    words = tuple(w.model_copy(update={"box": placed(w.box)}) for w in segment.words)
    return segment.model_copy(update={"box": placed(box), "words": words})

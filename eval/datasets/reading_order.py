"""Reading order for annotations whose files list their boxes in no useful order."""

from __future__ import annotations

from collections.abc import Sequence

from hybrid.document import BoundingBox


def rows_of(boxes: Sequence[BoundingBox]) -> list[list[int]]:
    """Parts boxes into rows.

    From top to bottom by their middles, a box joins the row above it when the middles of the box
    and of the row's last box differ by less than half the height of the lower of the two boxes.
    The last box is compared, not the first, so that a slightly skewed row holds together.

    Args:
        boxes: In page units, origin top-left.

    Returns:
        Indices into `boxes`, by rows from top to bottom, in each row from left to right.
    """
    order = sorted(range(len(boxes)), key=lambda k: (boxes[k].center[1], boxes[k].left, k))
    rows: list[list[int]] = []
    for k in order:
        if rows:
            last = boxes[rows[-1][-1]]
            reach = min(last.height, boxes[k].height) / 2
            if boxes[k].center[1] - last.center[1] < max(reach, 1.0):
                rows[-1].append(k)
                continue
        rows.append([k])
    return [sorted(row, key=lambda k: (boxes[k].left, boxes[k].top, k)) for row in rows]


def reading_order(boxes: Sequence[BoundingBox]) -> list[int]:
    """Indices of `boxes` row by row, each from left to right."""
    return [k for row in rows_of(boxes) for k in row]

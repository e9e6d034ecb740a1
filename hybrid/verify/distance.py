"""How far an entity of a list is from the one that it may belong to, by where both stand.

Distances are in line heights, and only compared with each other. The constants were chosen with
true labels on the training documents of FUNSD and XFUND (German) without `dev`, and on drawn
forms; none of them is sharp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from hybrid.document import BoundingBox

FARTHEST = 8.0
"""What is farther from every anchor than this stays alone."""

_SAME_COLUMN = 0.3


def distance_in_item(anchor: BoundingBox, entity: BoundingBox, height: float) -> float:
    """Distance of an amount, a count or a further text from an item's name.

    On its row even a far column belongs to the name; left of it (a count) a little less.

    Args:
        anchor: Around the name.
        entity: Around the other entity, on the same page.
        height: Of the name's lines.
    """
    if anchor.shares_row(entity):
        to_the_right = max(entity.left - anchor.right, 0.0) / height
        to_the_left = max(anchor.left - entity.right, 0.0) / height
        return min(0.05 * to_the_right + 0.15 * to_the_left, 3.0)
    gap = (entity.top - anchor.bottom) / height
    if gap < -0.5:
        return math.inf
    return 1.0 + max(gap, 0.0) * 1.5 + _aside(anchor, entity, height, most=2.0)


def distance_in_pair(
    question: BoundingBox,
    answer: BoundingBox,
    height: float,
    answers: Sequence[BoundingBox] = (),
    *,
    is_mark: bool = False,
) -> float:
    """Distance of an answer from a question on the same page.

    An answer stands right of its question, below it, or below another answer of the same question
    (the lines of an address, the rows of a column); above it where the question is a caption, as
    under a signature; left of it where the answer is a mark in a box.

    Args:
        question: Around the question.
        answer: Around the answer.
        height: Of the lower of the two's lines.
        answers: That were given to the question before.
        is_mark: The answer is a cross or a tick.
    """
    if question.shares_row(answer):
        if answer.center[0] >= question.center[0]:
            return min(0.05 * max(answer.left - question.right, 0.0) / height, 3.0)
        to_the_left = max(question.left - answer.right, 0.0) / height
        return min(0.15 * to_the_left, 3.0) - 0.3 if is_mark else 4.0 + 0.15 * to_the_left
    gap = (answer.top - question.bottom) / height
    if gap < -0.5:
        above = (question.top - answer.bottom) / height
        is_caption = above >= -0.6 and question.horizontal_overlap(answer) > _SAME_COLUMN
        return 1.0 + 1.5 * max(above, 0.0) if is_caption else math.inf
    distances = [0.6 + 0.8 * max(gap, 0.0) + _aside(question, answer, height, most=4.0)]
    for other in answers:
        below = (answer.top - other.bottom) / height
        is_below = below >= -0.5 and other.top < answer.top
        if is_below and other.horizontal_overlap(answer) > _SAME_COLUMN:
            distances.append(1.6 + 1.2 * max(below, 0.0))
    return min(distances)


def _aside(anchor: BoundingBox, entity: BoundingBox, height: float, most: float) -> float:
    """What it costs to stand in another column."""
    if anchor.horizontal_overlap(entity) > 0:
        return 0.0
    return min(abs(entity.left - anchor.left) / height * 0.1, most)

"""Cuts a receipt into two pages, so that what belongs together can stand on different ones."""

from __future__ import annotations

from hybrid.document import BoundingBox, Segment

from ..datasets.base import Sample
from ..hallucination.counterfactual import LeftOut
from ..hallucination.edit import Node, nodes_of, rebuild
from ..hallucination.planted_instruction import row_gaps

_MIDDLE = (0.25, 0.75)


def split_pages(sample: Sample) -> Sample | LeftOut:
    """The same document on two pages, cut where no box is.

    The cut is in the middle of the highest empty strip over the page's whole width that lies in the
    middle half of its text. The second page begins at the cut. Segments keep their order, their
    words and all gold; their ids only change where the order has text of the second page before
    text of the first (side-by-side columns).

    Args:
        sample: Of one page with at least two rows.

    Returns:
        The sample, without picture since none shows these pages; or why it cannot be cut.
    """
    if len(sample.document.pages) != 1:
        return LeftOut(sample.id, "it has several pages already")
    page = sample.document.pages[0]
    boxes = [box for s in page.segments for box in (s.box, *(w.box for w in s.words))]
    top = min((b.top for b in boxes), default=0.0)
    bottom = max((b.bottom for b in boxes), default=0.0)
    low, high = (top + share * (bottom - top) for share in _MIDDLE)
    gaps = [gap for gap in row_gaps(page) if low <= sum(gap) / 2 <= high]
    if not gaps:
        return LeftOut(sample.id, "no empty strip crosses the middle of the page")
    # Of equally high strips the one nearest to the middle.
    middle = (top + bottom) / 2
    gap = max(gaps, key=lambda g: (g[1] - g[0], -abs(sum(g) / 2 - middle)))
    cut = sum(gap) / 2
    upper = [n for n in nodes_of(sample) if n.segment.box.bottom <= cut]
    lower = [n for n in nodes_of(sample) if n.segment.box.bottom > cut]
    height = max(page.height, bottom)
    frames = [
        page.model_copy(update={"height": cut}),
        page.model_copy(update={"number": page.number + 1, "height": height - cut}),
    ]
    moved = [Node(_shifted(n.segment, page.number + 1, cut), n.source) for n in lower]
    return rebuild(sample, [*upper, *moved], pages=frames)


def _shifted(segment: Segment, page: int, cut: float) -> Segment:
    words = tuple(w.model_copy(update={"box": _up(w.box, cut)}) for w in segment.words)
    return segment.model_copy(update={"page": page, "box": _up(segment.box, cut), "words": words})


def _up(box: BoundingBox, by: float) -> BoundingBox:
    return BoundingBox(left=box.left, top=box.top - by, right=box.right, bottom=box.bottom - by)

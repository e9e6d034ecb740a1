"""Tables side by side: one row of headings that is several lists', or the same list's twice.

"Earnings | Hours | Amount | Deductions | Amount" heads two lists; "Item | Qty | Item | Qty" one, whose
items go on to the right. The row is cut where both sides together are likelier headings than the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hybrid.document import Segment
from hybrid.schema import Leaf
from hybrid.verify.tables.headings import Headings, cells_of, find_headings, headings_in


def headings_by_list(
    pages: Sequence[Sequence[Segment]], leaves: Mapping[str, Sequence[Leaf]]
) -> dict[str, list[Headings]]:
    """The rows of headings of each list; of a row that several lists share each has its own side.

    Args:
        pages: The segments of each, straight.
        leaves: Of each list, by its path.

    Returns:
        Headings by path, in reading order; sides of one row from left to right.
    """
    whole = {path: find_headings(pages, own) for path, own in leaves.items()}
    found: dict[str, list[Headings]] = {path: [] for path in leaves}
    for page in pages:
        rows: dict[frozenset[int], list[tuple[str, Headings]]] = {}
        for path, headings in whole.items():
            for head in headings:
                if head.page == page[0].page:
                    rows.setdefault(head.segments, []).append((path, head))
        for own in rows.values():
            for path, head in _sides(page, own, leaves) or own:
                found[path].append(head)
    return {path: sorted(own, key=lambda h: (h.page, h.bottom)) for path, own in found.items()}


def _sides(
    page: Sequence[Segment],
    own: Sequence[tuple[str, Headings]],
    leaves: Mapping[str, Sequence[Leaf]],
) -> list[tuple[str, Headings]] | None:
    """The best two sides of a row of headings; None where the whole is likelier, or it has two lines."""
    segments = sorted(
        (s for s in page if s.id in own[0][1].segments), key=lambda segment: segment.box.left
    )
    if any(not s.box.shares_row(segments[0].box) for s in segments):
        return None
    cells = cells_of(segments)
    number = page[0].page
    best: list[tuple[str, Headings]] | None = None
    most = max(head.likeness for _, head in own)
    for cut in range(2, len(cells) - 1):
        middle = cells[cut].box.left - cells[cut].box.height
        for left, _ in own:
            for right, _ in own:
                first = headings_in(number, [cells[:cut]], leaves[left])
                second = headings_in(number, [cells[cut:]], leaves[right])
                if first is None or second is None or first.likeness + second.likeness <= most:
                    continue
                if left == right and not _is_repeated(first, second):
                    continue
                most = first.likeness + second.likeness
                # Of one bottom, else the lower side would be where the table of the other one ends.
                bottom = max(first.bottom, second.bottom)
                best = [
                    (left, replace(first, bottom=bottom, span=(float("-inf"), middle))),
                    (right, replace(second, bottom=bottom, span=(middle, float("inf")))),
                ]
    return best


def _is_repeated(first: Headings, second: Headings) -> bool:
    """Whether both sides name the same fields."""
    return {c.leaf for c in first.columns} == {c.leaf for c in second.columns}

"""No items: what stands around the rows of a table, and a small LLM reads as more of them.

Qwen2.5-Coder-1.5B went on with "Subtotal", "VAT 10 %", "Paid by card" and the small print below, where the rows
had ended, on three of fourteen drawn documents, and on one began with "Table 14" above the headings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hybrid.verify.list_items import Item
from hybrid.verify.tables.sums import is_called_a_sum

_MARKS = " .:*"


def no_items(
    rows: Sequence[Item], items: Sequence[Item], pairs: Mapping[int, int]
) -> frozenset[int]:
    """Which items of an LLM's list are none.

    Those that no row is the same as and that are called sums; what follows such a one, where no row does;
    and what stands above the first row. Without rows nothing is known of their place: then what follows the
    last sum, in a list that does not begin with one as taxes by rate do.

    Args:
        rows: That were found by headings or labels.
        items: That the LLM read, in its order.
        pairs: Rows to the items that are the same.

    Returns:
        Places in `items`.
    """
    paired = set(pairs.values())
    alone = [place for place in range(len(items)) if place not in paired]
    sums = [place for place in alone if _is_sum(items[place])]
    if not rows and 0 in sums:
        return frozenset()
    last_row = max(paired, default=-1)
    ends = [place for place in sums if place > last_row]
    end = (min(ends) if rows else max(ends)) if ends else len(items)
    above = [place for place in alone if rows and _is_above(items[place], rows[0])]
    return frozenset([*sums, *above, *(place for place in alone if place > end)])


def _is_sum(item: Item) -> bool:
    return any(
        is_called_a_sum(candidate.text.strip(_MARKS))
        for candidate in item.values()
        if isinstance(candidate.value, str)
    )


def _is_above(item: Item, row: Item) -> bool:
    """Whether the texts of an item, or all of one without texts, stand above a row or on an earlier page."""
    top = min((c.page, c.box.top) for candidate in row.values() for c in candidate.citations)
    texts = [candidate for candidate in item.values() if isinstance(candidate.value, str)]
    cells = texts or item.values()
    return all((c.page, c.box.bottom) <= top for cell in cells for c in cell.citations)

"""Lists without headings: "Retouching ..... 198.00" above a total that is their sum, as on receipts and bills.

Nothing names the columns, so arithmetic does: rows of a text and an amount, one below the other, are items where they
add up to the sum that follows them. What does not add up is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from hybrid.document import Segment, Word, segment_of
from hybrid.schema import Leaf, LeafKind
from hybrid.schema.vocabulary import folded, meanings_of, vocabulary
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.tables.headings import cells_of, rows_of
from hybrid.verify.tables.rows import joined
from hybrid.verify.tables.sums import is_called_a_sum
from hybrid.verify.values import find_spans

_BELIEF = 0.85
_CENTS = re.compile(r"[.,]\d\d(?!\d)")
_MOST_LETTERS = 4
"""Beside an amount: its currency."""
_ALIGNED = 0.7
"""Line heights between the right edges of two amounts of one column, or the left edges of two texts."""
_NEAR = 3.0
"""Line heights from one row to the next, at most."""
_FEWEST = 2
"""Items that add up to something by chance less often than not."""
_COUNT = re.compile(r"(?P<count>\d{1,3})(?:\s?[x×])?\s+(?=[^\W\d_])")
"""In front of an item's name."""
_FEW_DIGITS = re.compile(r"\d{1,3}\s?[x×]?")
"""The same in a cell of its own."""
_SUM_MEANINGS = frozenset(
    {"net_total", "tax_amount", "total", "amount_due", "amount_paid", "shipping", "deposit"}
)
"""What a row means that is no item, or is the sum of all."""


@dataclass(frozen=True)
class _Line:
    """A text and an amount on one row.

    Attributes:
        text: The nearest to the left of the amount, with letters.
        amount: The last number of the row, or of its column.
        value: Of the amount.
        count: A cell of a few digits right before the text.
        price: The only number between text and amount.
    """

    text: Segment
    amount: Segment
    value: Decimal
    count: Segment | None
    price: Segment | None


@dataclass(frozen=True)
class _Asked:
    """The fields of a list of texts and amounts."""

    text: Leaf
    amount: Leaf
    count: Leaf | None
    price: Leaf | None


def items_that_add_up(
    pages: Sequence[Sequence[Segment]], leaves: Sequence[Leaf], printed: Mapping[int, Word]
) -> list[dict[Leaf, Candidate]]:
    """The items of a list that has no headings on the pages; none where nothing adds up.

    Args:
        pages: The segments of each, straight.
        leaves: Of the list.
        printed: Word id to the word as it stands on the page.
    """
    asked = _asked(leaves)
    if asked is None:
        return []
    for page in pages:
        for column in _columns(page, asked.amount):
            if run := _run(column):
                return [_item(line, asked, printed) for line in run]
    return []


def asks_for_amounts(leaves: Sequence[Leaf]) -> bool:
    """Whether a list asks for a text and an amount, which its items may be told by."""
    return _asked(leaves) is not None


def _asked(leaves: Sequence[Leaf]) -> _Asked | None:
    """Which fields are the text and the amount; None where the list asks for other things."""
    texts = [leaf for leaf in leaves if leaf.kind is LeafKind.TEXT]
    numbers = [leaf for leaf in leaves if leaf.kind is LeafKind.NUMBER]
    named = [leaf for leaf in texts if "description" in meanings_of(leaf)]
    totals = [leaf for leaf in numbers if "line_total" in meanings_of(leaf)]
    others = texts if not any(meanings_of(leaf) for leaf in texts) else []  # no codes
    text, amount = _only(named) or _only(others), _only(totals) or _only(numbers)
    if text is None or amount is None:
        return None
    counts = [leaf for leaf in leaves if "quantity" in meanings_of(leaf) and leaf != amount]
    prices = [leaf for leaf in numbers if "unit_price" in meanings_of(leaf) and leaf != amount]
    return _Asked(text, amount, _only(counts), _only(prices))


def _only(leaves: Sequence[Leaf]) -> Leaf | None:
    return leaves[0] if len(leaves) == 1 else None


def _columns(page: Sequence[Segment], amount: Leaf) -> Iterator[list[_Line]]:
    """Amounts under each other with a text to the left, from top to bottom, cut where they are far apart."""
    columns: list[list[_Line]] = []
    for row in rows_of(page):
        cells = cells_of(row)
        far = [column for column in columns if not _is_near(column[-1], row[0])]
        columns = [column for column in columns if column not in far]
        yield from far
        for place, cell in enumerate(cells[1:], start=1):
            line = _line(cells[: place + 1], cell, amount)
            if line is None:
                continue
            for column in columns:
                if _goes_on(column[-1], line):
                    column.append(line)
                    break
            else:
                columns.append([line])
    yield from columns


def _line(cells: Sequence[Segment], amount: Segment, leaf: Leaf) -> _Line | None:
    """The amount at the end of some cells of a row and the text to its left; None where there is none."""
    value = _value(amount, leaf)
    if value is None:
        return None
    places = [n for n, cell in enumerate(cells[:-1]) if _is_text(cell, leaf)]
    if not places:
        return None
    text, between = places[-1], cells[places[-1] + 1 : -1]
    before = cells[text - 1] if text else None
    count = before if before is not None and _FEW_DIGITS.fullmatch(before.text) else None
    price = between[0] if len(between) == 1 else None
    return _Line(cells[text], amount, value, count, price)


def _is_text(cell: Segment, leaf: Leaf) -> bool:
    return any(map(str.isalpha, cell.text)) and _value(cell, leaf) is None


def _value(cell: Segment, leaf: Leaf) -> Decimal | None:
    """The amount that a cell is; None where it is something else."""
    letters = sum(map(str.isalpha, cell.text))
    if letters > _MOST_LETTERS or not _CENTS.search(cell.text):
        return None
    values = [Decimal(str(span.value)) for span in find_spans(cell.text, leaf)]
    return values[0] if len(values) == 1 else None


def _goes_on(above: _Line, below: _Line) -> bool:
    height = below.amount.box.height
    return (
        below.amount.box.top - above.amount.box.top > 0
        and _is_near(above, below.amount)
        and abs(below.amount.box.right - above.amount.box.right) <= _ALIGNED * height
        and (
            abs(below.text.box.left - above.text.box.left) <= _ALIGNED * height
            or _is_sum(below.text.text)
        )
    )


def _is_near(above: _Line, below: Segment) -> bool:
    return below.box.top - above.amount.box.bottom <= _NEAR * below.box.height


def _run(column: Sequence[_Line]) -> list[_Line]:
    """The first lines of a column that are no sums and add up to the one below them; [] where none do."""
    items: list[_Line] = []
    for line in column:
        if _is_sum(line.text.text):
            adds_up = sum(item.value for item in items) == line.value
            return items if len(items) >= _FEWEST and adds_up else []
        items.append(line)
    return []


def _is_sum(name: str) -> bool:
    bare = name.strip(" .:")
    return is_called_a_sum(bare) or folded(bare) in _sum_names()


def _item(line: _Line, asked: _Asked, printed: Mapping[int, Word]) -> dict[Leaf, Candidate]:
    """What a line says of each field."""
    text, count = line.text, line.count
    inside = _COUNT.match(text.text) if count is None and asked.count is not None else None
    if inside is not None:
        count = segment_of(text.id, text.page, text.words[:1])
        text = segment_of(text.id, text.page, text.words[len(inside[0].split()) :])
    cells = [
        (asked.text, text), (asked.amount, line.amount), (asked.count, count), (asked.price, line.price),
    ]  # fmt: skip
    found: dict[Leaf, Candidate] = {}
    for leaf, cell in cells:
        if leaf is None or cell is None:
            continue
        if read := read_candidates(joined([cell], printed), leaf, _BELIEF):
            found[leaf] = max(read, key=lambda candidate: len(candidate.text))
    return found


@cache
def _sum_names() -> frozenset[str]:
    return frozenset(
        term.folded for term in vocabulary() if not term.in_list and term.meaning in _SUM_MEANINGS
    )

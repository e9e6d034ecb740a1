"""Tables: the rows below headings become the items of a list, each value a cell with its place.

No model has looked at such a list; what speaks for a value is that it stands in a row that fits the
headings, in the column of its key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from hybrid.document import BoundingBox, Document, Segment
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.candidates import Candidate
from hybrid.verify.partial_dates import WholeDates
from hybrid.verify.parties.address_lines import change_of_letters
from hybrid.verify.skew import straight_pages
from hybrid.verify.tables.by_content import told_by_content
from hybrid.verify.tables.headings import Column, Headings, rows_of
from hybrid.verify.tables.row_values import row_values
from hybrid.verify.tables.rows import Row, read_row, typed_columns
from hybrid.verify.tables.shared_headings import headings_by_list
from hybrid.verify.tables.sums import adds_up, goes_on, is_balance, is_sum, may_be_item, own_part
from hybrid.verify.tables.without_headings import asks_for_amounts, items_that_add_up

_NOTES = re.compile(r"(?:\s*[(\[][^()\[\]]{1,12}[)\]])+")
"""Below headings, of a column: its number or unit, "(4)" or "(EUR)"."""
_UNIT = re.compile(r"[^\W\d_]{1,4}\.?|%|[$€£]")
_NEAR = 3.0
"""Line heights, at most, from one row to the next."""
_LINE_BLANK = 0.4
"""Line heights that may be between two lines of one text, however close the items are."""
_OF_BLANK = 0.7
"""Of the blank between two items that may be between two lines of one text."""
_SAME_PITCH = 0.85
"""Of the way from one item to the next, from which on a line is as far as another item would be."""
_COLUMN_BLANK = 1.0
"""Line heights that a word behind the last one needs beside its own width, up to the next column."""
_ODD = 2
"""Rows that are neither items nor sums, and wide blanks, after which a table is over."""
_LINED_UP = 0.6
"""Line heights between the left edges of two cells of one column of texts, at most."""
_WIDER = 1.8
"""Times the widest blank so far that may be between two rows."""


@dataclass
class _Reading:
    """The rows of one list so far.

    Attributes:
        rows: That are items.
        typed: Most values other than texts that one of them has.
        widest: Blank between two of them, at most, in page units.
        is_over: Sums have been reached.
        doubtful: What is called like a sum and was passed over; items, if more of these follow, or a
            sum of all.
    """

    rows: list[Row] = field(default_factory=list)
    typed: int = 0
    widest: float = 0.0
    is_over: bool = False
    doubtful: list[Row] = field(default_factory=list)

    def take_doubtful(self) -> None:
        """What was called like a sum are items."""
        self.rows += self.doubtful
        self.doubtful.clear()


@dataclass(frozen=True)
class Tables:
    """What tables say of a document.

    Attributes:
        items: Concrete path ("items[2].price") to candidate, in the order of the page.
        headings: Ids of the segments that name the columns of these items.
    """

    items: dict[str, Candidate] = field(default_factory=dict)
    headings: frozenset[int] = frozenset()


def read_tables(
    document: Document,
    schema: FieldSchema,
    paths: Collection[str],
    named: Mapping[str, Sequence[Headings]] | None = None,
) -> Tables:
    """The items of lists whose columns are named on the page.

    Args:
        document: Its pages are looked through; a table goes on on the next page with or without its
            headings.
        schema: Of the document.
        paths: Of the lists, such as "items". One whose leaves have fewer than two headings stays
            empty.
        named: Headings of some of these lists, where it is known which they are.
    """
    if not paths:
        return Tables()
    leaves = {p: [leaf for leaf in schema.leaves if leaf.list_path == p] for p in paths}
    pages = straight_pages(document)
    printed = {word.id: word for segment in document.segments for word in segment.words}
    dates = WholeDates(document)
    headings = headings_by_list(pages, leaves) | {p: list(h) for p, h in (named or {}).items()}
    other_keys = [key for leaf in schema.leaves if leaf.list_path is None for key in leaf.keys]
    found: dict[str, Candidate] = {}
    items: dict[str, list[dict[Leaf, Candidate]]] = {}
    used: set[int] = set()
    for path, own in headings.items():
        rivals = [h for p, others in headings.items() if p != path for h in others]
        kept = [h for h in own if all(_is_ours(h, rival) for rival in rivals)]
        rows = _rows(pages, kept, rivals, leaves[path], other_keys)
        items[path] = [row_values(row.cells, printed, dates) for row in rows]
        if items[path]:
            used.update(n for h in kept for n in h.segments)
    empty = [p for p, own in items.items() if not any(own) and asks_for_amounts(leaves[p])]
    if len(empty) == 1:  # of two lists nobody can say whose they are
        items[empty[0]] = items_that_add_up(pages, leaves[empty[0]], printed)
    for path, own_items in items.items():
        for number, item in enumerate(item for item in own_items if item):
            for leaf in leaves[path]:
                if leaf in item:
                    found[leaf.path.replace("[]", f"[{number}]", 1)] = item[leaf]
    return Tables(found, frozenset(used))


def _is_ours(headings: Headings, rival: Headings) -> bool:
    return not headings.segments & rival.segments or headings.likeness >= rival.likeness


def _rows(
    pages: Sequence[Sequence[Segment]],
    headings: Sequence[Headings],
    rivals: Sequence[Headings],
    leaves: Sequence[Leaf],
    other_keys: Sequence[str],
) -> list[Row]:
    """All items' rows, page by page."""
    reading = _Reading()
    last: Headings | None = None
    for page in pages:
        number = page[0].page
        own = [h for h in headings if h.page == number]
        if not own and last is not None and not reading.is_over:
            _go_on(reading, page, last, other_keys)
        ends = sorted(h.bottom for h in [*own, *rivals] if h.page == number)
        for head in own:
            end = next((bottom for bottom in ends if bottom > head.bottom), float("inf"))
            heads = {n for h in [*own, *rivals] if h.page == number for n in h.segments}
            below = [
                s
                for s in page
                if s.id not in heads
                and head.bottom - 0.3 * s.box.height <= s.box.top < end
                and head.is_over(s)
            ]
            rows = rows_of(below)
            last = told_by_content(head, rows, leaves)
            _read_below(reading, rows, last, other_keys)
    return reading.rows


def _read_below(
    reading: _Reading, rows: Sequence[Sequence[Segment]], head: Headings, other_keys: Sequence[str]
) -> None:
    """Reads rows until something else begins.

    Sums and odd rows are passed over, as items may follow them; what follows them has to be as full as
    the items before.
    """
    reading.is_over = False
    reading.doubtful.clear()
    odd = 0
    loose: list[Row] = []
    here = len(reading.rows)
    bottom = head.bottom
    for line in rows:
        row = read_row(line, head.columns)
        gap = row.box.top - bottom
        if gap > _NEAR * _height(line):
            break
        if len(reading.rows) > here + 1 and gap > max(_WIDER * reading.widest, _height(line)):
            odd += 1
        kind = _kind(row, line, reading, head, other_keys)
        if kind == "sum":
            reading.is_over = not goes_on(line)
            if row.typed and may_be_item(line) and _is_aligned(row, reading.rows[-1]):
                reading.doubtful.append(row)
            elif adds_up([*reading.rows, *reading.doubtful], row, head.columns):
                reading.take_doubtful()
        elif kind == "other" and len(reading.rows) > here:
            if _names_columns(row, line):
                break
            odd += 1
        elif kind == "text" and not reading.is_over and not odd:
            loose.append(row)
        elif kind == "item" and (
            not (reading.is_over or odd)
            or (
                row.typed >= max(reading.typed, 2)
                and (not odd or _is_aligned(row, reading.rows[-1]))
            )
        ):
            reading.is_over = False
            odd = 0
            reading.take_doubtful()
            reading.rows.append(row)
            reading.typed = max(reading.typed, row.typed)
        if odd > _ODD:
            break
        if kind != "other":
            reading.widest = max(reading.widest, gap)
        bottom = max(bottom, row.box.bottom)
    own = reading.rows[here:]
    middles = [row.box.center[1] for row in own]
    pitch = min((b - a for a, b in pairwise(middles) if b > a), default=float("inf"))
    for row in loose:
        _continue(own, row, head, pitch)


def _go_on(
    reading: _Reading, page: Sequence[Segment], head: Headings, other_keys: Sequence[str]
) -> None:
    """Reads on where the next page has no headings: rows that are as full as those before."""
    page = [segment for segment in page if head.is_over(segment)]
    for row in rows_of(page):
        if read_row(row, head.columns).typed >= max(reading.typed, 2):
            top = min(cell.box.top for cell in row)
            rest = [s for s in page if s.box.center[1] >= top]
            here = replace(head, page=page[0].page, bottom=top, segments=frozenset())
            _read_below(reading, rows_of(rest), here, other_keys)
            return


def _kind(
    row: Row,
    line: Sequence[Segment],
    reading: _Reading,
    head: Headings,
    other_keys: Sequence[str],
) -> str:
    """What a row is: "item", "text" that goes on from one, "sum", "balance" before all, "blank" or "other"."""
    if is_balance(line):
        return "sum" if reading.rows else "balance"
    if reading.rows and not _is_booking(row, reading.rows):
        if is_sum(row, own_part(line, head), reading.typed, other_keys):
            return "sum"
    elif not reading.rows and _explains_headings(line):
        return "blank"
    if row.runs_on or row.strays > len(row.cells) or (not row.cells and row.misread):
        return "other"
    if not row.cells:
        return "other" if row.strays else "blank"
    if len(row.cells) > 1 and _is_item(row, reading.rows, reading.typed, head):
        return "item"
    return "other" if row.typed or row.misread or row.strays else "text"


def _is_item(row: Row, rows: Sequence[Row], typed: int, head: Headings) -> bool:
    """Whether a row is an item: as full as the others, or an odd one in its place among them.

    Args:
        row: Of two cells or more.
        rows: The items above.
        typed: Values of an item other than texts.
        head: Of the list.
    """
    if not typed_columns(head.columns) or (row.typed and 2 * row.typed >= typed):
        return True
    if not row.typed:  # "Glucose 5.1 mmol/L", without the flag that another line of results has
        columns = sum(column.leaf is not None for column in head.columns)
        usual = max((len(above.cells) for above in rows), default=columns)
        return 2 * len(row.cells) > usual
    return bool(rows) and _is_aligned(row, rows[-1])


def _explains_headings(line: Sequence[Segment]) -> bool:
    """Whether a line has the columns' numbers or units, such as "(4)" and "EUR"."""
    notes = [segment for segment in line if _NOTES.fullmatch(segment.text)]
    return bool(notes) and all(s in notes or _UNIT.fullmatch(s.text) for s in line)


def _is_booking(row: Row, rows: Sequence[Row]) -> bool:
    """Whether a row has a date where all above have one, as sums have not: "3 May, cash machine, 50.00"."""
    dates = [c for c in row.cells if c.leaf is not None and c.leaf.kind is LeafKind.DATE]
    return any(all(column in above.cells for above in rows) for column in dates)


def _names_columns(row: Row, line: Sequence[Segment]) -> bool:
    """Whether a row stands where values should and has no digits: headings of another table."""
    digits = any(c.isdigit() for segment in line for c in segment.text)
    return len(line) > 1 and row.misread > 0 and not (row.typed or digits)


def _is_aligned(row: Row, above: Row) -> bool:
    """Whether a row's texts begin where those above do, as "Freight 12.50" does among items."""
    texts = [c for c in row.cells if c.leaf is not None and c.leaf.kind is LeafKind.TEXT]
    return bool(texts) and all(
        column in above.cells
        and abs(row.cells[column][0].box.left - above.cells[column][0].box.left)
        <= _LINED_UP * _line_height(row)
        for column in texts
    )


def _continue(rows: Sequence[Row], text: Row, head: Headings, pitch: float) -> None:
    """Adds lines of a text to the item that is nearest above or below, the one above if in doubt.

    What is as far from the items as they are from each other names a section, such as "Garden" above
    some items, unless the line above it was too full for its first word; that is left out, and so is
    what stands above items in another column of texts than the one with the longest.

    Args:
        rows: Items of the same table.
        text: Cells of texts only.
        head: Of the table.
        pitch: From the middle of one item to that of the next, at least, in page units.
    """
    page = _page(text)
    on_page = [row for row in rows if _page(row) == page]
    texts = [c for c in head.columns if c.leaf is not None and c.leaf.kind is LeafKind.TEXT]
    longest = max(texts, key=lambda c: _length(on_page, c), default=None)
    if not on_page:
        return
    nearest = min(on_page, key=lambda row: _apart(row.box, text.box))
    apart, height = _apart(nearest.box, text.box), _line_height(text)
    if longest not in text.cells and text.box.center[1] < nearest.box.center[1]:
        return
    blanks = [b.box.top - a.box.bottom for a, b in pairwise(on_page)]
    if apart > max(_LINE_BLANK * height, _OF_BLANK * min(blanks, default=2 * height)):
        return
    if _is_like_a_row(text, nearest, on_page, pitch) and not _is_wrapped(text, nearest, on_page):
        return
    for column, cells in text.cells.items():
        own = nearest.cells.setdefault(column, [])
        if own and change_of_letters(own[0], cells[0]) < 0:
            continue  # small print below an item says more about it, not what it is
        own += cells
        own.sort(key=lambda c: (c.box.center[1], c.box.left))
    nearest.box = BoundingBox.union_of([nearest.box, text.box])


def _is_like_a_row(text: Row, nearest: Row, rows: Sequence[Row], pitch: float) -> bool:
    """Whether a line is as far from the nearest item as another item would be, or in the middle of two."""
    middle = text.box.center[1]
    cells = [cell for row in rows for own in row.cells.values() for cell in own]
    own = [cell for part in nearest.cells.values() for cell in part]
    apart = min(abs(middle - cell.box.center[1]) for cell in own)
    others = [abs(middle - c.box.center[1]) for c in cells if c not in own]
    return apart > _SAME_PITCH * pitch or apart > _SAME_PITCH * min(others, default=float("inf"))


def _is_wrapped(text: Row, item: Row, rows: Sequence[Row]) -> bool:
    """Whether a line's first word had no room at the end of the item's last line, in one of its columns."""
    for column, cells in text.cells.items():
        above = [c for c in item.cells.get(column, ()) if c.box.center[1] < cells[0].box.top]
        if not above:
            continue
        last, word = above[-1], cells[0].words[0]
        right = [
            cell.box.left
            for row in rows
            for other, own in row.cells.items()
            for cell in own
            if other is not column and cell.box.left > last.box.left
        ]
        end = last.box.right + word.box.right - word.box.left + _COLUMN_BLANK * last.box.height
        if end > min(right, default=float("inf")):
            return True
    return False


def _line_height(row: Row) -> float:
    """Of the row's lowest cell."""
    return min(cell.box.height for cells in row.cells.values() for cell in cells)


def _length(rows: Sequence[Row], column: Column) -> int:
    """Characters of all cells of a column."""
    return sum(len(cell.text) for row in rows for cell in row.cells.get(column, ()))


def _page(row: Row) -> int:
    return next(iter(row.cells.values()))[0].page


def _apart(item: BoundingBox, text: BoundingBox) -> float:
    """Blank between an item and a line; a little more for a line above it."""
    below = text.top - item.bottom
    return below if text.center[1] > item.center[1] else (item.top - text.bottom) + 1e-3


def _height(line: Sequence[Segment]) -> float:
    return max(s.box.height for s in line)

"""Columns told by what stands below them: a heading in words that nobody foresaw, over the only dates of a table.

Where one field of a list has no heading and one heading no field, what is below it decides: dates for a field
that asks for a date, running text for a description. Numbers are left alone, as one may be any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hybrid.document import Segment
from hybrid.schema import Leaf, LeafKind
from hybrid.schema.vocabulary import meanings_of
from hybrid.verify.tables.headings import Column, Headings
from hybrid.verify.tables.rows import read_row

_LIKENESS = 0.7
"""As of a heading that has a word more or less than a key."""
_ROWS = 4
"""Below the headings that are looked at."""
_LETTERS = 4
"""Of a text, one after the other, as codes and units have not."""


def told_by_content(
    head: Headings, rows: Sequence[Sequence[Segment]], leaves: Sequence[Leaf]
) -> Headings:
    """Headings with a column more for each field that only one of the others can be.

    Args:
        head: Of a list.
        rows: Below it, from top to bottom.
        leaves: Of the list.
    """
    given = [column.leaf for column in head.columns if column.leaf is not None]
    missing = [leaf for leaf in leaves if leaf not in given]
    for leaf in (*_dates(missing), *_descriptions(missing, leaves)):
        free = [n for n, column in enumerate(head.columns) if column.leaf is None]
        fitting = [n for n in free if _fits(head, n, leaf, rows[:_ROWS])]
        if len(fitting) == 1:
            columns = list(head.columns)
            columns[fitting[0]] = _as_of(head.columns[fitting[0]], leaf)
            head = replace(head, columns=tuple(columns))
    return head


def _dates(missing: Sequence[Leaf]) -> list[Leaf]:
    dates = [leaf for leaf in missing if leaf.kind is LeafKind.DATE]
    return dates if len(dates) == 1 else []


def _descriptions(missing: Sequence[Leaf], leaves: Sequence[Leaf]) -> list[Leaf]:
    """The only text of the list, or what is called a description."""
    texts = [leaf for leaf in leaves if leaf.kind is LeafKind.TEXT]
    named = [leaf for leaf in texts if "description" in meanings_of(leaf)]
    own = named if len(named) == 1 else texts if len(texts) == 1 else []
    return [leaf for leaf in own if leaf in missing]


def _as_of(column: Column, leaf: Leaf) -> Column:
    return replace(column, leaf=leaf, likeness=_LIKENESS)


def _fits(head: Headings, place: int, leaf: Leaf, rows: Sequence[Sequence[Segment]]) -> bool:
    """Whether a column has what a leaf asks for in the first rows, as far as these are rows of the table."""
    column = _as_of(head.columns[place], leaf)
    columns = (*head.columns[:place], column, *head.columns[place + 1 :])
    read = [read_row(line, columns) for line in rows]
    full = [row for row in read if len(row.cells) > 1 and not row.runs_on]
    if not full or not all(column in row.cells for row in full):
        return False
    if leaf.kind is LeafKind.DATE:
        return True
    texts = [" ".join(cell.text for cell in row.cells[column]) for row in full]
    return all(_has_word(text) for text in texts)


def _has_word(text: str) -> bool:
    return any(
        sum(map(str.isalpha, word)) >= _LETTERS and not any(map(str.isdigit, word))
        for word in text.split()
    )

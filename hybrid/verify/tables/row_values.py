"""Values of a row: what its cells say of the leaves that their columns stand for."""

from __future__ import annotations

from collections.abc import Mapping

from hybrid.document import Word
from hybrid.schema import Leaf, letters_and_digits
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.partial_dates import WholeDates, completed
from hybrid.verify.tables.rows import Cells, joined
from hybrid.verify.tables.tick_columns import ticked_choice

_BELIEF = 0.9
"""Belief in a cell below a heading that reads like its leaf's key."""


def row_values(
    cells: Cells, printed: Mapping[int, Word], dates: WholeDates
) -> dict[Leaf, Candidate]:
    """The value of each column: the reading that has most of the cell, at its place on the page.

    Args:
        cells: Of the row.
        printed: Words of the page as they stand there, by id.
        dates: Of the document, which say the year of those that stand without one.
    """
    found: dict[Leaf, Candidate] = {}
    marked = [column.leaf for column in cells if column.choice is not None]
    several = {leaf for leaf in marked if marked.count(leaf) > 1}
    for column, own in cells.items():
        if column.leaf is None:
            continue
        if column.choice is not None:
            heading, mark = (joined([cell], printed)[0] for cell in (column.choice, own[0]))
            ticked = ticked_choice(heading, mark, column.leaf, _BELIEF)
            if ticked is not None and column.leaf not in several:
                found[column.leaf] = ticked
            continue
        segments, belief = joined(own, printed), _BELIEF * column.likeness
        read = read_candidates(segments, column.leaf, belief)
        if read:
            found[column.leaf] = max(read, key=lambda c: len(letters_and_digits(c.text)))
        elif len(segments) == 1:
            day = completed(segments[0].text, column.leaf, segments, dates)
            if day is not None:
                found[column.leaf] = day.with_gcn(belief)
    return found

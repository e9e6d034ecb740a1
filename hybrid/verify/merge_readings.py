"""Merge readings: the rows that were found and the items that an LLM read by itself become one list.

The rows are what headings say (`tables/`), or the labels of the checkpoint (`group.py`); the items are
what the LLM read and cited cell by cell. Where both have a cell, each vouches for the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.ask import Vote, shares_for
from hybrid.verify.candidates import Candidate
from hybrid.verify.certainty import Certainty
from hybrid.verify.decide import Choice, decide
from hybrid.verify.fuse import CLAIMED, Fusion, softened
from hybrid.verify.list_items import Item, cells_of_items
from hybrid.verify.matter import is_sure
from hybrid.verify.no_items import no_items

_ROW = 0.87
"""Belief that a row is an item at most, where the LLM read the table without it: of the rows that were
read from tables of unseen documents so many were, the others were sums and the like."""
_FEW_ROWS, _FEW = 2, 0.25
"""Rows that an LLM leaves out because they are no items, at most: so many, or that part of all."""


def merge_readings(
    schema: FieldSchema,
    path: str,
    rows: Mapping[str, Candidate],
    read: Mapping[str, Candidate],
    certainties: Mapping[str, Certainty],
    fusion: Fusion,
    problem: str | None,
    unseen: float | None,
) -> list[Choice]:
    """The choices on a list.

    Args:
        schema: Of the document.
        path: Of an outermost list.
        rows: That were found, by concrete path; other lists' cells are ignored.
        read: By the LLM, likewise.
        certainties: How sure the LLM was of its cells, by concrete path, where that is known.
        fusion: How much a reading counts.
        problem: Why the LLM did not read the list to its end, or None: then what it lacks says nothing.
        unseen: Belief, without the LLM, in cells that no row has; None where nothing says that they
            would have been found.

    Returns:
        In the order of the page: items that only the LLM has stand where it has them. Items that
        are not believed are left out.
    """
    ours, theirs = cells_of_items(rows, path), cells_of_items(read, path)
    known = {place: certainties.get(place) for place in read}
    certain = [
        {tail: CLAIMED if sure is None else sure.beginning for tail, sure in cells.items()}
        for cells in cells_of_items(known, path)
    ]
    pairs = _pairs(ours, theirs)
    # A network that was trained on the list knows better which rows are items: "Total" is a form's key.
    others = no_items(ours, theirs, pairs) if unseen is None else ()
    # Who reads about as many items as there are rows and leaves a row out means it; of others it ended.
    left_out = len(ours) - len(theirs)
    means_it = 2 * len(theirs) > len(ours) and left_out <= max(_FEW_ROWS, len(ours) * _FEW)
    choices: list[Choice] = []
    number = 0
    for row, item in _in_order(len(ours), len(theirs), pairs):
        head = f"{path}[{number}]"
        other = None if item is None else theirs[item]
        sure = {} if item is None else certain[item]
        if item in others:
            continue
        if row is None:
            made = list(_alone(schema, head, other or {}, sure, fusion, unseen))
        elif other is None and problem is None and means_it:
            made = list(_left_out(schema, head, ours[row], fusion))
        else:
            made = list(_together(schema, head, ours[row], other, sure, fusion, problem, unseen))
        if any(decide(choice, fusion=fusion).value is not None for choice in made):
            choices += made
            number += 1
    return choices


def _pairs(ours: Sequence[Item], theirs: Sequence[Item]) -> dict[int, int]:
    """Rows to the items that are the same: those that share most words, the first of equal ones.

    In the same column, that is: what is one form field's answer may be the next one's key. The same
    values in another row are other words.
    """
    rows_of: dict[tuple[str, int], list[int]] = {}
    for i, row in enumerate(ours):
        for word in _words(row):
            rows_of.setdefault(word, []).append(i)
    shared = Counter(
        (i, j)
        for j, item in enumerate(theirs)
        for word in _words(item)
        for i in rows_of.get(word, ())
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for i, j in sorted(shared, key=lambda pair: (-shared[pair], pair)):
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return pairs


def _words(item: Item) -> set[tuple[str, int]]:
    return {(tail, word.id) for tail, candidate in item.items() for word in candidate.words}


def _in_order(
    rows: int, items: int, pairs: Mapping[int, int]
) -> Iterator[tuple[int | None, int | None]]:
    """Rows with their items, in the order of the rows; other items come behind those before them."""
    row_of = {item: row for row, item in pairs.items()}
    behind: dict[int, list[int]] = {}
    last = -1
    for item in range(items):
        if item in row_of:
            last = row_of[item]
        else:
            behind.setdefault(last, []).append(item)
    for row in range(-1, rows):
        if row >= 0:
            yield row, pairs.get(row)
        for item in behind.get(row, ()):
            yield None, item


def _alone(
    schema: FieldSchema,
    head: str,
    item: Item,
    sure: Mapping[str, float],
    fusion: Fusion,
    unseen: float | None,
) -> Iterator[Choice]:
    """An item that only the LLM has, on its word."""
    for tail, candidate in item.items():
        path = head + tail
        options = (candidate.with_gcn(unseen),)
        yield _read(path, schema.leaf_of(path), options, 0, sure[tail], fusion)


def _together(
    schema: FieldSchema,
    head: str,
    row: Item,
    item: Item | None,
    sure: Mapping[str, float],
    fusion: Fusion,
    problem: str | None,
    unseen: float | None,
) -> Iterator[Choice]:
    """A row with the item that is the same, or none."""
    for tail in dict.fromkeys([*_tails(schema, head), *row, *(item or {})]):
        path = head + tail
        leaf, mine = schema.leaf_of(path), row.get(tail)
        theirs = item.get(tail) if item else None
        if mine is not None and theirs is not None:
            same = mine.key == theirs.key
            options = (mine,) if same else (mine, theirs)
            yield _read(path, leaf, options, 0 if same else 1, sure[tail], fusion)
        elif theirs is not None:
            yield _read(path, leaf, (theirs.with_gcn(unseen),), 0, sure[tail], fusion)
        elif mine is None:
            yield Choice(path, leaf, ())
        elif problem is not None:
            vote = None if is_sure([mine], fusion=fusion) else Vote(None, problem)
            yield Choice(path, leaf, (mine,), vote, fusion.trust)
        else:
            absent = softened(shares_for(1, 1, CLAIMED), fusion.empty)
            yield Choice(path, leaf, (mine,), Vote(absent, empty=True), fusion.trust)


def _left_out(schema: FieldSchema, head: str, row: Item, fusion: Fusion) -> Iterator[Choice]:
    """A row of a table that the LLM read without it."""
    for tail, mine in row.items():
        path = head + tail
        believed = mine.with_gcn(min(mine.gcn or 0.0, _ROW))
        vote = Vote((0.0, 1.0), empty=True)
        yield Choice(path, schema.leaf_of(path), (believed,), vote, fusion.trust)


def _tails(schema: FieldSchema, head: str) -> list[str]:
    """Of the leaves that every item has."""
    path = re.sub(r"\[\d+\]$", "[]", head)
    tails = (x.path.removeprefix(path) for x in schema.leaves if x.path.startswith(path))
    return [tail for tail in tails if "[]" not in tail]


def _read(
    path: str,
    leaf: Leaf,
    options: tuple[Candidate, ...],
    place: int,
    certainty: float,
    fusion: Fusion,
) -> Choice:
    shares = shares_for(place, len(options), certainty)
    return Choice(path, leaf, options, Vote(shares), fusion.trust, place, fusion.read)

"""Tables as they stand on the page, in whatever language their headings are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hybrid.verify.tables.grids import Grid, find_grids

Make = Callable[..., Any]
LEFTS = (40, 120, 260, 380)


def row(top: float, *cells: str) -> list[Any]:
    return [
        (text, left, top, left + 5 * len(text), top + 10)
        for left, text in zip(LEFTS, cells, strict=False)
        if text
    ]


def grids(document: Make, rows: list[Any], least: int = 3) -> list[Grid]:
    return find_grids([document(rows).segments], least)


HEADINGS = row(100, "Kenteken", "Merk en type", "Berijder", "Totaal")
FIRST = row(116, "X-418-BK", "Kovari Lumen", "J. van Ooijen", "569,60")
SECOND = row(132, "V-63-GHT", "Brandal Cargo", "", "464,75")


def test_a_row_of_texts_over_rows_of_cells(document: Make) -> None:
    (grid,) = grids(document, [*HEADINGS, *FIRST, *SECOND])
    assert grid.names == ("Kenteken", "Merk en type", "Berijder", "Totaal")
    assert grid.rows == (
        ("X-418-BK", "Kovari Lumen", "J. van Ooijen", "569,60"),
        ("V-63-GHT", "Brandal Cargo", "", "464,75"),
    )
    assert grid.page == 1
    assert grid.segments == {0, 1, 2, 3}
    assert not grids(document, [*HEADINGS, *FIRST, *SECOND], least=5)


def test_headings_of_two_lines_are_one_row(document: Make) -> None:
    second_line = row(111, "", "", "salarial", "patronal")
    rows = [*row(100, "Rubriques", "Base", "Taux", "Taux"), *second_line]
    (grid,) = grids(document, [*rows, *row(127, *"abc", "1"), *row(143, *"def", "2")], least=2)
    assert grid.names == ("Rubriques", "Base", "Taux salarial", "Taux patronal")


def test_columns_of_one_name_are_told_apart(document: Make) -> None:
    (grid,) = grids(document, [*row(100, "Post", "Bedrag", "Bedrag"), *FIRST, *SECOND])
    assert grid.names == ("Post", "Bedrag", "Bedrag (2)")


@pytest.mark.parametrize(
    "rows",
    [
        [*row(100, "Naam:", "Adres:", "Plaats:"), *FIRST, *SECOND],
        [*row(100, "Lot 1", "Lot 2", "Lot 3"), *row(200, *"abc")],
        [*HEADINGS, *FIRST],
        [*HEADINGS, *row(116, *"abcd"), *row(132, *"efgh")],
        [*HEADINGS, *row(180, "1", "2", "3", "4"), *row(196, "5", "6", "7", "8")],
        [*row(100, "x" * 61, "y", "z"), *FIRST, *SECOND],
        [*HEADINGS, *row(116, "", "", "1"), *row(132, "", "", "2")],
    ],
    ids=["keys", "digits", "one row", "no digits", "far below", "running text", "one column"],
)
def test_what_is_no_table(rows: list[Any], document: Make) -> None:
    assert not grids(document, rows)


def test_a_page_of_words_is_looked_at_quickly(document: Make) -> None:
    rows = [cell for top in range(0, 7000, 14) for cell in row(top, "ab", "cd", "ef", "gh")]
    assert not grids(document, rows)

"""Where a line of a PDF's text layer is cut: between columns, not between words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hybrid.ingest import load_document

Write = Callable[[str, bytes], Path]
Pdf = Callable[..., bytes]


def cut(file: Write, pdf: Pdf, places: list[tuple[float, str]]) -> list[str]:
    """The segments of a line of 10 points, of words at these left edges."""
    texts = [(left, 700, 10, word) for left, word in places]
    document = load_document(file("line.pdf", pdf([{"texts": texts}])))
    return [segment.text for segment in document.segments]


@pytest.mark.parametrize("gap", [8, 20])
def test_cells_of_a_table_may_stand_close(gap: float, file: Write, pdf: Pdf) -> None:
    assert cut(file, pdf, [(50, "Qty"), (65.6 + gap, "Amount")]) == ["Qty", "Amount"]


def test_words_stay_together(file: Write, pdf: Pdf) -> None:
    assert cut(file, pdf, [(50, "Blue"), (73, "widget")]) == ["Blue widget"]


def test_a_line_that_is_spread_over_its_column_stays_whole(file: Write, pdf: Pdf) -> None:
    """Words of 15.6 points, 8 apart: cells are not that even."""
    line = [(50 + 23.6 * number, "Qty") for number in range(7)]
    assert cut(file, pdf, line) == [" ".join(["Qty"] * 7)]
    assert cut(file, pdf, line[:4]) == ["Qty"] * 4

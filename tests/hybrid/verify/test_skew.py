"""Pages that lay askew on the scanner."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.document import Document
from hybrid.schema import FieldSchema
from hybrid.verify.propose import propose
from hybrid.verify.skew import page_slope, straightened
from hybrid.verify.tables.items import read_tables

Make = Callable[..., Any]


class Row(BaseModel):
    name: str | None = None
    count: int | None = None
    weight: Decimal | None = None


class Sheet(BaseModel):
    carrier: str | None = None
    rows: list[Row] = []


def sheet(make: Make, degrees: float) -> Document:
    """A table of six rows with lines 14 apart, turned about the page's middle."""
    lines = [(40, ["Carrier", "Hapag", "Lloyd"]), (54, ["Vessel", "Elbe", "Star"])]
    lines.append((100, ["Name", "Count", "Weight"]))
    lines += [(114 + 14 * n, [f"Part {n}", f"{n + 10}", f"{n}.50"]) for n in range(6)]
    slope = math.tan(math.radians(degrees))
    drawn = []
    for top, texts in lines:
        for left, text in zip((40, 280, 520), texts, strict=True):
            width = 6 * len(text)
            x, y = left + width / 2, top + 5
            right, down = x - slope * (y - 400), y + slope * (x - 300)
            half = (10 + abs(slope) * width) / 2
            drawn.append((text, right - width / 2, down - half, right + width / 2, down + half))
    page: Document = make(drawn)
    return page


@pytest.mark.parametrize("degrees", [-4, -2, -1, 0, 0.5, 1.5, 3])
def test_the_slope_of_a_turned_page_is_found(document: Make, degrees: float) -> None:
    slope = page_slope(sheet(document, degrees).segments)
    assert math.degrees(math.atan(slope)) == pytest.approx(degrees, abs=0.15)


def test_a_straight_page_stays_as_it_is(document: Make) -> None:
    page = sheet(document, 0)
    assert straightened(page) == list(page.segments)


def test_few_segments_tell_no_slope(document: Make) -> None:
    page = document([("Date", 10, 10, 50, 20), ("3 May", 200, 16, 240, 26)])
    assert page_slope(page.segments) == 0


@pytest.mark.parametrize("degrees", [-3, -2, 1, 2, 3])
def test_cells_are_of_their_own_row(document: Make, degrees: float) -> None:
    page = sheet(document, degrees)
    schema = FieldSchema(Sheet)
    found = read_tables(page, schema, ["rows"]).items
    values = {path: candidate.value for path, candidate in found.items()}
    for n in range(6):
        assert values[f"rows[{n}].name"] == f"Part {n}"
        assert values[f"rows[{n}].count"] == n + 10
        assert values[f"rows[{n}].weight"] == Decimal(f"{n}.50")
    # Cited where it stands on the page as it was scanned.
    (segment,) = (s for s in page.segments if s.text == "Part 5")
    assert found["rows[5].name"].citations[0].box == segment.box


@pytest.mark.parametrize("degrees", [-3, 3])
def test_a_value_is_beside_its_own_key(document: Make, predictions: Make, degrees: float) -> None:
    page = sheet(document, degrees)
    first, *_ = propose(page, FieldSchema(Sheet), predictions(page, {}))["carrier"]
    assert first.text == "Hapag"

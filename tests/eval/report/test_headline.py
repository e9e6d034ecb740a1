"""What a table may say about two systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from eval.report.data import ReportData
from eval.report.headline import (
    headline_tables,
    paired,
    readable_share,
    value_with_interval,
    verdict,
)
from eval.report.marks import Mark

GROUP = {"dataset": "d", "split": "dev", "condition": "gold", "task": "field"}
KEY = ("d", "dev", "gold", "field")


def row(system: str, value: float, low: float | None, high: float | None) -> dict[str, Any]:
    ends = {"f1_micro_low": low, "f1_micro_high": high}
    return {**GROUP, "system": system, "f1_micro": value, **ends}


def test_a_paired_test_decides_whatever_the_intervals_say() -> None:
    best, other = row("a", 0.8, 0.7, 0.9), row("b", 0.75, 0.65, 0.85)
    test = {**GROUP, "a": "a", "b": "b", "metric": "f1_micro", "difference": 0.05}

    assert verdict(other, best, [{**test, "p": 0.01}]) == ("-0.050, p = 0.01", False)
    assert verdict(other, best, [{**test, "p": 0.0004}]) == ("-0.050, p < 0.001", False)
    words, equal = verdict(other, best, [{**test, "p": 0.05}])
    assert equal
    assert words == "no difference shown: -0.050, p = 0.05"


def test_without_a_test_overlapping_intervals_are_no_difference() -> None:
    best = row("a", 0.8, 0.7, 0.9)

    assert verdict(row("b", 0.6, 0.5, 0.7), best, [])[1]
    assert verdict(row("b", 0.6, 0.5, 0.69), best, []) == ("intervals apart, not tested", False)
    assert verdict(row("b", 0.6, None, None), best, []) == ("not tested", False)


@pytest.mark.parametrize(
    ("others", "words"), [(0, ""), (2, " b0, b1"), (3, " b0, b1, b2"), (12, " 12 others")]
)
def test_many_systems_that_are_not_beaten_are_counted_not_named(others: int, words: str) -> None:
    """Twelve names in a column made a row as high as the screen."""
    rows = [row("a", 0.8, 0.7, 0.9), *(row(f"b{n}", 0.7, 0.6, 0.8) for n in range(others))]
    rows.append(row("c", 0.1, 0.0, 0.2))
    marks = {r["system"]: Mark(r["system"], n) for n, r in enumerate(rows)}
    nothing = pl.DataFrame()
    data = ReportData(Path(), tuple(rows), (), {}, nothing, nothing, nothing.lazy())
    (table,) = headline_tables(data, marks)
    said = table.lines[0].verdict
    assert said == (f"highest, but not shown to beat{words}" if words else "highest")
    assert sum(line.equal for line in table.lines[1:]) == others


def test_what_can_be_read_is_of_the_most_documents() -> None:
    few, many = {"n": 16, "readable_rate": 0.5}, {"n": 94, "readable_rate": 0.9202}
    assert readable_share([few, many, {"n": 120}]) == "92.0 %"
    assert readable_share([{"n": 94, "readable_rate": None}]) == ""


def test_comparisons_are_found_either_way_round() -> None:
    test = {**GROUP, "a": "x", "b": "y", "metric": "f1_micro", "difference": 0.1, "p": 0.2}

    assert paired([test], KEY, "x", "y") == (0.1, 0.2)
    assert paired([test], KEY, "y", "x") == (-0.1, 0.2)
    assert paired([test], KEY, "x", "z") is None
    assert paired([test], ("d", "dev", "ocr", "field"), "x", "y") is None


@pytest.mark.parametrize(
    ("figures", "text"),
    [
        ({}, "–"),
        ({"m": None}, "–"),
        ({"m": 0.5}, "0.500"),
        ({"m": 0.5, "m_low": 0.4, "m_high": 0.6}, "0.500 [0.400, 0.600]"),
    ],
)
def test_value_with_interval(figures: dict[str, Any], text: str) -> None:
    assert value_with_interval(figures, "m") == text

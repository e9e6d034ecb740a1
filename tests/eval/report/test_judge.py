"""Scores of documents, curves and confusion from rows."""

from __future__ import annotations

from typing import Any

import polars as pl

from eval.records import ITEM_SCHEMA, fold
from eval.report.documents import value_lines
from eval.report.judge import (
    BACKGROUND,
    calibration_points,
    confusion_counts,
    document_scores,
    judged,
    risk_coverage_points,
    sides,
)


def items(*rows: dict[str, Any], task: str = "field") -> pl.DataFrame:
    base = {**dict.fromkeys(ITEM_SCHEMA), "dataset": "d", "split": "dev", "condition": "gold"}
    whole = [
        base
        | {"task": task, "document_id": "1", "path": row["label"], "system": ""}
        | {"key": None if row.get("text") is None else fold(row["text"])}
        | row
        | {"origin": "prediction" if row.get("system") else "gold"}
        for row in rows
    ]
    return pl.DataFrame(whole, schema=ITEM_SCHEMA)


def test_f1_of_a_document() -> None:
    frame = items(
        {"label": "total", "text": "1.00"},
        {"label": "date", "text": "1/1"},
        {"label": "tip", "text": None},
        {"label": "total", "text": "1.00", "system": "a"},
        {"label": "tip", "text": "9", "system": "a"},
        {"label": "total", "text": "2", "system": "b"},
    )

    scores = document_scores(frame).sort("system")
    assert scores["f1"].to_list() == [0.5, 0.0]
    assert document_scores(frame.filter(pl.col("origin") == "gold")).height == 0
    assert judged(frame)["matched"].to_list() == [True, False, False]


def test_curves() -> None:
    rows: list[dict[str, Any]] = [
        {"label": "total", "text": "1.00"},
        {"label": "total", "text": "1.00", "system": "a", "confidence": 0.9},
        {"label": "date", "text": "1/1", "system": "a", "confidence": 0.3},
        {"label": "date", "text": "1/2", "system": "a"},
    ]
    predictions = judged(items(*rows))

    surest = [(round(sure, 6), right, n) for sure, right, n in calibration_points(predictions)]
    assert surest == [(0.3, 0.0, 1), (0.9, 1.0, 1)]
    assert risk_coverage_points(predictions) == [(0.5, 0.0), (1.0, 0.5)]
    assert calibration_points(predictions.clear()) == []
    assert risk_coverage_points(predictions.clear()) == []


def test_long_risk_curves_are_thinned_but_keep_their_end() -> None:
    rows = [
        {"label": "x", "text": str(i), "system": "a", "confidence": i / 1000} for i in range(1000)
    ]
    points = risk_coverage_points(judged(items({"label": "x", "text": "7"}, *rows)))

    assert len(points) <= 81
    assert points[-1][0] == 1.0


def test_confusion_counts_each_segment_once() -> None:
    frame = items(
        {"label": "total", "path": "1", "text": "a"},
        {"label": "date", "path": "2", "text": "b"},
        {"label": "total", "path": "1", "text": "a", "system": "a"},
        {"label": "total", "path": "3", "text": "c", "system": "a"},
        {"label": "date", "path": "1", "text": "a", "system": "b"},
        task="label",
    )

    assert confusion_counts(frame, "a").rows() == [
        (BACKGROUND, "total", 1),
        ("date", BACKGROUND, 1),
        ("total", "total", 1),
    ]


def test_values_stand_beside_their_gold() -> None:
    frame = items(
        {"label": "total", "text": "1.00"},
        {"label": "total", "text": "RM 1.00"},
        {"label": "date", "text": "1/1"},
        {"label": "company", "text": "X"},
        {"label": "tip", "text": None},
        {"label": "tax", "text": None},
        {"label": "total", "text": "1.00", "system": "a"},
        {"label": "total", "text": "3", "system": "a"},
        {"label": "date", "text": "2/2", "system": "a"},
        {"label": "tip", "text": "5", "system": "a"},
    )
    lines = value_lines(sides(frame)[1], judged(frame))

    assert [(v.label, v.gold, v.predicted, v.verdict) for v in lines] == [
        ("total", ("1.00", "RM 1.00"), "1.00", "right"),
        ("date", ("1/1",), "2/2", "wrong"),
        ("company", ("X",), None, "missed"),
        ("tip", (), "5", "absent field"),
        ("tax", (), None, "rightly none"),
        ("total", (), "3", "not in the gold"),
    ]

"""The report's sections of charts: hallucination, calibration, cost and confusion."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from markupsafe import Markup

from .charts import CostPoint, Curve, costs, curves, share_bar
from .data import Group, ReportData, Row
from .judge import BACKGROUND, calibration_points, confusion_counts, judged, risk_coverage_points
from .marks import Mark

MOST_CLASSES = 15
"""A confusion matrix shows the most frequent classes only."""


@dataclass(frozen=True)
class HallucinationLine:
    """Hallucination by kind of one system: numbers and bars."""

    mark: Mark
    row: Row
    kinds: Markup
    mislocated: Markup
    wrong_field: Markup


@dataclass(frozen=True)
class ChartPair:
    """Charts side by side on the same group of rows.

    Attributes:
        group: Dataset, split, condition and task.
        charts: With the same systems.
        marks: Of the systems in them, for the legend.
        notes: One for each mark, such as its calibration error; "" for none.
    """

    group: Group
    charts: list[Markup]
    marks: list[Mark]
    notes: list[str]


@dataclass(frozen=True)
class Confusion:
    """Gold classes by predicted classes, of one system.

    Attributes:
        mark: Of the system.
        classes: The background last.
        cells: Rows are gold: for each the count and its share of the row in tenths (0 to 10);
            None where both are the background, which a run does not count.
        left_out: How many rarer classes are not shown.
    """

    mark: Mark
    classes: list[str]
    cells: list[list[tuple[int, int] | None]]
    left_out: int


def hallucination_lines(
    data: ReportData, marks: Mapping[str, Mark]
) -> list[tuple[Group, list[HallucinationLine]]]:
    """Bars for each group that gives values; counterfactual conditions have a section of their own."""
    tables = []
    for group, rows in data.groups(counterfactual=False).items():
        lines = [
            _hallucination_line(row, marks[row["system"]])
            for row in rows
            if row.get("hallucination_rate") is not None
        ]
        if lines:
            tables.append((group, lines))
    return tables


def _hallucination_line(row: Row, mark: Mark) -> HallucinationLine:
    total = row["hallucination_rate"]
    ungrounded = row.get("ungrounded_rate") or 0.0
    absent = row.get("absent_field_rate") or 0.0
    # A value may be both; the parts below then add up to the rate, in which it counts once.
    kinds = (
        ("kind-ungrounded", "ungrounded only", total - absent),
        ("kind-both", "both", ungrounded + absent - total),
        ("kind-absent", "absent field only", total - ungrounded),
    )

    def bar(css: str, name: str, share: float | None) -> Markup:
        if share is None:
            return Markup("")
        return share_bar([(css, name, share)], f"{name} of {mark.system}: {share:.1%}")

    return HallucinationLine(
        mark=mark,
        row=row,
        kinds=share_bar(kinds, f"Hallucination rate of {mark.system}: {total:.1%}"),
        mislocated=bar("kind-mislocated", "mislocated", row.get("mislocated_rate")),
        wrong_field=bar("kind-wrong", "wrong field", row.get("wrong_field_rate")),
    )


def calibration_charts(data: ReportData, marks: Mapping[str, Mark]) -> list[ChartPair]:
    """Calibration and risk-coverage of each group in which a system has confidences."""
    pairs = []
    for group, rows in data.groups(counterfactual=False).items():
        predictions = judged(data.items(group))
        reliable, risky, shown, notes = [], [], [], []
        for row in rows:
            mark = marks[row["system"]]
            own = predictions.filter(pl.col("system") == row["system"])
            bins = calibration_points(own)
            if not bins:
                continue
            titles = [
                f"{mark.system}: {right:.0%} right at {sure:.2f} (n = {n})"
                for sure, right, n in bins
            ]
            most = max(n for _, _, n in bins)
            # A bin's area says how many predictions are in it; the smallest can still be seen.
            sizes = [max(1.3 * math.sqrt(n / most), 0.55) for _, _, n in bins]
            reliable.append(Curve(mark, [(sure, right) for sure, right, _ in bins], titles, sizes))
            risky.append(Curve(mark, risk_coverage_points(own)))
            shown.append(mark)
            ece, aurc = row.get("ece"), row.get("aurc")
            figures = [("ECE", ece), ("AURC", aurc)]
            notes.append(", ".join(f"{name} {v:.3f}" for name, v in figures if v is not None))
        if shown:
            name = " ".join(group)
            charts = [
                curves(
                    reliable,
                    "confidence",
                    "share that is right",
                    f"Calibration, {name}",
                    diagonal=True,
                ),
                curves(
                    risky,
                    "coverage",
                    "risk (share wrong)",
                    f"Risk over coverage, {name}",
                    top=_top(risky),
                ),
            ]
            pairs.append(ChartPair(group, charts, shown, notes))
    return pairs


def _top(lines: Sequence[Curve]) -> float:
    highest = max(y for line in lines for _, y in line.points)
    return next(end for end in (0.1, 0.2, 0.4, 1.0) if highest <= end or end == 1.0)


_COST_CHARTS = (
    ("f1_micro", "F1", "tokens per document", False),
    ("hallucination_rate", "hallucination rate", "tokens per document", True),
    ("f1_micro", "F1", "seconds per document (p50)", False),
)
"""Metric, its name, the name of the cost, and whether little is good."""


def cost_charts(data: ReportData, marks: Mapping[str, Mark]) -> list[ChartPair]:
    """F1 and hallucination against tokens, and F1 against seconds, of each group."""
    pairs = []
    for group, rows in data.groups(counterfactual=False).items():
        charts = []
        for metric, name, cost_name, low_is_good in _COST_CHARTS:
            is_tokens = cost_name.startswith("tokens")
            spent = [_tokens(row) if is_tokens else row.get("seconds_p50") for row in rows]
            found = [_cost_point(row, metric, c, marks) for row, c in zip(rows, spent, strict=True)]
            points = [point for point in found if point is not None]
            if points:
                title = f"{name} against {cost_name.split()[0]}, {' '.join(group)}"
                charts.append(costs(points, cost_name, name, title, low_is_good=low_is_good))
        if charts:
            shown = [marks[row["system"]] for row in rows if row.get("f1_micro") is not None]
            pairs.append(ChartPair(group, charts, shown, [""] * len(shown)))
    return pairs


def _tokens(row: Row) -> float | None:
    sent, answered = (
        row.get("prompt_tokens_per_document"),
        row.get("completion_tokens_per_document"),
    )
    return None if sent is None or answered is None else sent + answered


def _cost_point(
    row: Row, metric: str, cost: float | None, marks: Mapping[str, Mark]
) -> CostPoint | None:
    score = row.get(metric)
    if score is None or cost is None:
        return None
    ends = row.get(f"{metric}_low"), row.get(f"{metric}_high")
    return CostPoint(marks[row["system"]], float(cost), score, *ends)


def confusions(data: ReportData, marks: Mapping[str, Mark]) -> list[tuple[Group, list[Confusion]]]:
    """The systems' matrices for each group of the task `label`."""
    found = []
    for group, rows in data.groups(counterfactual=False).items():
        if group[3] != "label":
            continue
        items = data.items(group)
        matrices = []
        for row in rows:
            counts = confusion_counts(items, row["system"])
            # A system that labels nothing would only repeat the gold.
            if (counts["predicted"] != BACKGROUND).any():
                matrices.append(_confusion(marks[row["system"]], counts))
        if matrices:
            found.append((group, matrices))
    return found


def _confusion(mark: Mark, counts: pl.DataFrame) -> Confusion:
    table = {(gold, predicted): n for gold, predicted, n in counts.iter_rows()}
    support: dict[str, int] = {}
    for (gold, predicted), n in table.items():
        for name in {gold, predicted}:
            support[name] = support.get(name, 0) + (n if name == gold else 0)
    names = sorted((c for c in support if c != BACKGROUND), key=lambda c: (-support[c], c))
    classes = [*names[:MOST_CLASSES], BACKGROUND]
    cells = [
        _shares([table.get((gold, p), 0) for p in classes], gold, classes, table)
        for gold in classes
    ]
    return Confusion(mark, classes, cells, max(len(names) - MOST_CLASSES, 0))


def _shares(
    counts: Sequence[int], gold: str, classes: Sequence[str], table: Mapping[tuple[str, str], int]
) -> list[tuple[int, int] | None]:
    total = sum(n for (row, _), n in table.items() if row == gold)
    return [
        None if gold == name == BACKGROUND else (n, round(10 * n / total) if total else 0)
        for n, name in zip(counts, classes, strict=True)
    ]

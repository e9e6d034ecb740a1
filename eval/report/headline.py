"""The tables at the top: F1 with its interval for each system, and what the numbers do not show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..metrics.measures import METRICS
from .charts import interval
from .data import GROUP_KEYS, Group, ReportData, Row, group_of
from .marks import Mark

SIGNIFICANT = 0.05
"""From this p on, a difference is not shown."""
_NAMED = 3
"""Systems that a row names, at most."""

FIGURES = (
    *METRICS,
    "invalid_replies",
    "seconds_p50",
    "seconds_p95",
    "prompt_tokens_per_document",
    "cached_tokens_per_document",
    "completion_tokens_per_document",
    "reasoning_tokens_per_document",
    "llm_seconds_per_document",
)
"""The figures of a row, in the order in which tables show them."""


@dataclass(frozen=True)
class Line:
    """One system in a table.

    Attributes:
        mark: How it looks.
        row: Its row of `results.json`.
        chart: F1 with its interval.
        hallucination: The rate with its interval, drawn; empty where it does not apply.
        verdict: Against the best system, in words.
        equal: Whether no difference to the best system is shown.
    """

    mark: Mark
    row: Row
    chart: Markup
    hallucination: Markup
    verdict: str
    equal: bool


@dataclass(frozen=True)
class HeadlineTable:
    """One dataset, split, condition and task.

    Attributes:
        group: Of all its rows.
        lines: Systems in the order of the run.
        figures: Names of the metrics that at least one row has, for the table of all figures.
        hallucinates: Whether any row has a hallucination rate.
        readable: Share of the values to be found that stand on the pages, of the row with the most
            documents; empty where it does not apply.
    """

    group: Group
    lines: list[Line]
    figures: list[str]
    hallucinates: bool
    readable: str


def headline_tables(data: ReportData, marks: Mapping[str, Mark]) -> list[HeadlineTable]:
    """A table for each dataset, split, condition and task; counterfactual conditions have none."""
    return [
        _table(group, rows, data.comparisons, marks)
        for group, rows in data.groups(counterfactual=False).items()
    ]


def value_with_interval(row: Row, metric: str) -> str:
    """Such as ".812 [.770, .850]"; "–" where the metric does not apply."""
    value = row.get(metric)
    if value is None:
        return "–"
    low, high = row.get(f"{metric}_low"), row.get(f"{metric}_high")
    if low is None or high is None:
        return f"{value:.3f}"
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def readable_share(rows: Sequence[Row]) -> str:
    """Such as "92.0 %": of the values to be found, those that stand on the pages as they were read.

    It is not a system's; rows differ only where systems were given different documents, and the one
    with the most is taken.
    """
    known = [row for row in rows if row.get("readable_rate") is not None]
    if not known:
        return ""
    return f"{100 * max(known, key=lambda row: row['n'])['readable_rate']:.1f} %"


def paired(
    comparisons: Iterable[Row], group: Group, a: str, b: str, metric: str = "f1_micro"
) -> tuple[float, float | None] | None:
    """Difference of a less b and its p, whichever way round it was compared; None if it was not."""
    for found in comparisons:
        same = all(found.get(k) == v for k, v in zip(GROUP_KEYS, group, strict=True))
        if not same or found.get("metric") != metric or found.get("difference") is None:
            continue
        if (found["a"], found["b"]) == (a, b):
            return found["difference"], found.get("p")
        if (found["a"], found["b"]) == (b, a):
            return -found["difference"], found.get("p")
    return None


def verdict(row: Row, best: Row, comparisons: Sequence[Row]) -> tuple[str, bool]:
    """A system against the best one, in words, and whether no difference is shown.

    A paired test decides where there is one; otherwise intervals that overlap do, which is the
    weaker reason: they may overlap although a paired test would find a difference.
    """
    found = paired(comparisons, group_of(row), row["system"], best["system"])
    difference, p = found or (0.0, None)
    if p is not None:
        if p >= SIGNIFICANT:
            return f"no difference shown: {difference:+.3f}, p = {p:.2g}", True
        return f"{difference:+.3f}, p {_small(p)}", False
    high, low = row.get("f1_micro_high"), best.get("f1_micro_low")
    if high is None or low is None:
        return "not tested", False
    if high >= low:
        return "no difference shown: intervals overlap, not tested", True
    return "intervals apart, not tested", False


def _small(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


def _table(
    group: Group, rows: Sequence[Row], comparisons: Sequence[Row], marks: Mapping[str, Mark]
) -> HeadlineTable:
    scored = [row for row in rows if row.get("f1_micro") is not None]
    best = max(scored, key=lambda row: row["f1_micro"]) if len(scored) > 1 else None
    lines, rivals = [], []
    for row in rows:
        words, equal = "", False
        if best is not None and row is not best and row in scored:
            words, equal = verdict(row, best, comparisons)
            if equal:
                rivals.append(str(row["system"]))
        lines.append(_line(row, marks[row["system"]], words, equal))
    if best is not None:
        # More names than fit on a few lines are marked below anyway.
        named = ", ".join(rivals) if len(rivals) <= _NAMED else f"{len(rivals)} others"
        words = f"highest, but not shown to beat {named}" if rivals else "highest"
        place = next(i for i, line in enumerate(lines) if line.row is best)
        lines[place] = _line(best, marks[best["system"]], words, bool(rivals))
    return HeadlineTable(
        group=group,
        lines=lines,
        figures=[m for m in FIGURES if any(row.get(m) is not None for row in rows)],
        hallucinates=any(row.get("hallucination_rate") is not None for row in rows),
        readable=readable_share(rows),
    )


def _line(row: Row, mark: Mark, words: str, equal: bool) -> Line:
    def drawn(metric: str, name: str) -> Markup:
        low, high = row.get(f"{metric}_low"), row.get(f"{metric}_high")
        title = f"{name} of {mark.system}: {value_with_interval(row, metric)}"
        return interval(mark, row.get(metric), low, high, title)

    return Line(
        mark=mark,
        row=row,
        chart=drawn("f1_micro", "F1"),
        hallucination=drawn("hallucination_rate", "Hallucination rate"),
        verdict=words,
        equal=equal,
    )

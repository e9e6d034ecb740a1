"""Runs side by side: the same rows in columns, and paired tests of each run against the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from rich.table import Table
from rich.text import Text

from hybrid.files import write_text

from .charts import interval, interval_axis
from .data import Group, ReportData, Row, RunFolderError, load_report_data
from .headline import SIGNIFICANT, value_with_interval
from .html import render
from .marks import Mark, marks_of
from .paired import paired_documents, paired_tests


@dataclass(frozen=True)
class Difference:
    """One metric of a run against the first one, on the documents that both have.

    Attributes:
        group: Dataset, split, condition and task.
        systems: The first run's system and the other run's.
        run: Place of the other run among the folders.
        metric: "f1_micro", "hallucination_rate" or "absent_field_rate".
        difference: The other run less the first.
        low: Of its 95 % interval.
        high: The same.
        p: Of the paired test, two-sided.
        documents: In the test.
    """

    group: Group
    systems: tuple[str, str]
    run: int
    metric: str
    difference: float
    low: float
    high: float
    p: float
    documents: int

    @property
    def text(self) -> str:
        """Such as "F1 +0.031 [0.004, 0.060], p = 0.02, n = 40"."""
        names = {
            "f1_micro": "F1",
            "hallucination_rate": "hallucination",
            "absent_field_rate": "still answers",
        }
        shown = "" if self.p < SIGNIFICANT else "≈ "
        return (
            f"{shown}{names[self.metric]} {self.difference:+.3f} "
            f"[{self.low:.3f}, {self.high:.3f}], p = {self.p:.2g}, n = {self.documents}"
        )


@dataclass(frozen=True)
class ComparedLine:
    """One dataset, split, condition, task and system in all runs.

    Attributes:
        group: Dataset, split, condition and task.
        system: Its name; where two runs have one system each under different names, both names.
        rows: For each run its row of `results.json`, or None.
        differences: Of the later runs against the first.
    """

    group: Group
    system: str
    rows: tuple[Row | None, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class RunComparison:
    """Runs side by side.

    Attributes:
        names: Of the runs, all different.
        folders: In the order given.
        lines: Of all groups.
        warnings: Where the runs do not have the same documents or gold.
    """

    names: tuple[str, ...]
    folders: tuple[Path, ...]
    lines: tuple[ComparedLine, ...]
    warnings: tuple[str, ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All paired tests."""
        return tuple(d for line in self.lines for d in line.differences)

    def table(self) -> Table:
        """For a terminal: a line for each system, a column for each run, the tests below."""
        table = Table("dataset", "task", "system", *self.names, "against the first")
        for line in self.lines:
            dataset, split, condition, task = line.group
            place = f"{dataset} {split} {condition}"
            cells = [_cell(row) for row in line.rows]
            tests = "\n".join(self._named(d) for d in line.differences)
            # `Text`, because a name is never read as markup.
            table.add_row(*(Text(t) for t in (place, task, line.system, *cells, tests)))
        return table

    def html(self) -> str:
        """A self-contained page."""
        marks = marks_of(self.names)
        lines: dict[Group, list[tuple[ComparedLine, list[tuple[str, Markup, str]]]]] = {}
        for line in self.lines:
            cells = []
            for name, row in zip(self.names, line.rows, strict=True):
                cells.append(_drawn(row, marks[name], line.system))
            lines.setdefault(line.group, []).append((line, cells))
        return render(
            "compare.html.j2",
            "script.js",
            title=f"Comparison of {', '.join(self.names)}",
            marks=list(marks.values()),
            folders=[str(folder) for folder in self.folders],
            lines=lines,
            named=self._named,
            warnings=self.warnings,
            axis=interval_axis(),
        )

    def _named(self, difference: Difference) -> str:
        name = f"{self.names[difference.run]}: " if len(self.names) > 2 else ""
        return name + difference.text


def compare(folders: Sequence[Path], out: Path | None = None, *, seed: int = 0) -> RunComparison:
    """Puts runs side by side and tests each against the first.

    Rows match when dataset, split, condition, task and system are equal; where two runs have one
    system each in a group, these match whatever they are called. Tests use the documents that both
    systems were given and whose gold is the same.

    Args:
        folders: Of two or more runs.
        out: Where to write an HTML page, or None.
        seed: Of the tests.

    Returns:
        The comparison, with `table()` for a terminal and `html()`.

    Raises:
        RunFolderError: If there are fewer than two folders, or one of them is no finished run.
        OSError: If the page cannot be written.
    """
    if len(folders) < 2:
        raise RunFolderError("a comparison needs the folders of two runs or more")
    runs = [load_report_data(Path(folder)) for folder in folders]
    warnings: list[str] = []
    names = _names([Path(f) for f in folders])
    lines: list[ComparedLine] = []
    for group in dict.fromkeys(g for run in runs for g in run.groups()):
        lines += _lines(runs, names, group, warnings, seed)
    comparison = RunComparison(
        names=names,
        folders=tuple(Path(f) for f in folders),
        lines=tuple(lines),
        warnings=tuple(warnings),
    )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_text(out, comparison.html())
    return comparison


def _lines(
    runs: Sequence[ReportData], names: Sequence[str], group: Group, warnings: list[str], seed: int
) -> list[ComparedLine]:
    by_run = [{str(r["system"]): r for r in run.groups().get(group, [])} for run in runs]
    shared = {i: paired_documents(runs[0], runs[i], group) for i in range(1, len(runs))}
    for i, documents in shared.items():
        if by_run[0] and by_run[i]:
            where = f"{' '.join(group)}: {names[0]} and {names[i]}"
            if documents.changed:
                warnings.append(
                    f"{where} have different gold for {documents.changed} documents; left out of the tests"
                )
            if documents.only_first or documents.only_second:
                warnings.append(
                    f"{where} have {len(documents.same) + documents.changed} documents in common, "
                    f"{documents.only_first} and {documents.only_second} of their own"
                )
    lines = []
    for chosen in _matched(by_run):
        differences = [
            Difference(group, (first, other), i, metric, **vars(result), documents=n)
            for i in shared
            if (first := chosen[0]) is not None and (other := chosen[i]) is not None
            for metric, result, n in paired_tests(
                runs[0], runs[i], group, (first, other), shared[i].same, seed
            )
        ]
        rows = tuple(None if s is None else by_run[i][s] for i, s in enumerate(chosen))
        system = " / ".join(dict.fromkeys(s for s in chosen if s is not None))
        lines.append(ComparedLine(group, system, rows, tuple(differences)))
    return lines


def _matched(by_run: Sequence[dict[str, Row]]) -> list[tuple[str | None, ...]]:
    """For each line of a table the system that each run has in it."""
    if all(len(systems) == 1 for systems in by_run):
        return [tuple(next(iter(systems)) for systems in by_run)]
    known = dict.fromkeys(system for systems in by_run for system in systems)
    return [tuple(name if name in systems else None for systems in by_run) for name in known]


def _names(folders: Sequence[Path]) -> tuple[str, ...]:
    """The folders' own names; where two are alike, their whole paths."""
    short = [folder.resolve().name for folder in folders]
    if len(set(short)) == len(short):
        return tuple(short)
    whole = [str(folder) for folder in folders]
    return tuple(
        f"{name} ({i + 1})" if whole.count(name) > 1 else name for i, name in enumerate(whole)
    )


def _drawn(row: Row | None, mark: Mark, system: str) -> tuple[str, Markup, str]:
    """A run's figure as text and as a chart, and its hallucination rate."""
    if row is None:
        return "–", Markup(""), "–"
    name, metric = shown_metric(row)
    text = f"{name} {value_with_interval(row, metric)}"
    low, high = row.get(f"{metric}_low"), row.get(f"{metric}_high")
    title = f"{system} in {mark.system}: {text}"
    chart = interval(mark, row.get(metric), low, high, title)
    return text, chart, value_with_interval(row, "hallucination_rate")


def _cell(row: Row | None) -> str:
    if row is None:
        return "–"
    name, metric = shown_metric(row)
    text = f"{name} {value_with_interval(row, metric)}"
    rate = row.get("hallucination_rate")
    return text if rate is None else f"{text}\nhallucination {rate:.3f}"


def shown_metric(row: Row) -> tuple[str, str]:
    """What a row is told by: F1, or where nothing is to be found the rate of answers."""
    if row.get("f1_micro") is None and row.get("absent_field_rate") is not None:
        return "still answers", "absent_field_rate"
    return "F1", "f1_micro"


__all__ = ["ComparedLine", "Difference", "RunComparison", "compare"]

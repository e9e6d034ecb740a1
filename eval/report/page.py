"""The report of a run: one self-contained HTML page with its charts and its worst documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hybrid.files import write_text

from .charts import interval_axis
from .counterfactual import counterfactual_tables
from .data import ReportData, load_report_data
from .documents import worst_documents
from .headline import headline_tables, value_with_interval
from .html import flattened, render
from .marks import marks_of
from .sections import calibration_charts, confusions, cost_charts, hallucination_lines


def write_report(folder: Path) -> Path:
    """Writes `report.html` into the folder of a run.

    Args:
        folder: With `results.json` and the three parquet files.

    Returns:
        Path of the page; it needs no network and no other file.

    Raises:
        RunFolderError: If a file is missing or of another version.
        OSError: If the page cannot be written.
    """
    path = folder / "report.html"
    write_text(path, render_report(load_report_data(folder)))
    return path


def render_report(data: ReportData) -> str:
    """The report as HTML.

    Pictures of pages are embedded only where the run's `run` has `pictures: true`, since
    datasets differ in whether their pictures may be passed on.
    """
    marks = marks_of(data.systems)
    run = data.run
    return render(
        "template.html.j2",
        "script.js",
        title=f"Run {data.folder.resolve().name}",
        marks=list(marks.values()),
        tables=headline_tables(data, marks),
        hallucinations=hallucination_lines(data, marks),
        counterfactuals=counterfactual_tables(data, marks),
        calibrations=calibration_charts(data, marks),
        costs=cost_charts(data, marks),
        confusions=confusions(data, marks),
        worst=worst_documents(data, marks),
        errors=_errors(data),
        axis=interval_axis(),
        value_with_interval=value_with_interval,
        command=run.get("command") or "",
        warnings=list(run.get("warnings") or ()),
        settings=_settings(run),
    )


def _settings(run: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything else that is known of the run, in groups: what is nested is a group by itself."""
    known = {k: v for k, v in run.items() if k not in ("command", "warnings") and v is not None}
    nested = {k: v for k, v in known.items() if isinstance(v, dict) and v}
    plain = {k: v for k, v in known.items() if k not in nested}
    groups = [("run", flattened(plain)), *((k, flattened(v)) for k, v in nested.items())]
    return [(name, pairs) for name, pairs in groups if pairs]


def _errors(data: ReportData) -> list[tuple[str, str, int]]:
    """System, error and number of documents that have it, the most frequent first."""
    failed = data.documents.drop_nulls("error").group_by("system", "error").len()
    return failed.sort("len", "system", "error", descending=[True, False, False]).rows()

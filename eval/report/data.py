"""The folder of a run, read and checked: what the report, the comparison and the blind page need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from hybrid.errors import HybridError

from ..records import DOCUMENT_SCHEMA, ITEM_SCHEMA, LATER_COLUMNS, SEGMENT_SCHEMA

GROUP_KEYS = ("dataset", "split", "condition", "task")
"""What stands together in one table of the report: rows that differ in their system only."""

Group = tuple[str, str, str, str]
Row = Mapping[str, Any]


class RunFolderError(HybridError):
    """The folder of a run is missing, incomplete, or not of this version."""


@dataclass(frozen=True)
class ReportData:
    """All that a run left behind.

    Attributes:
        folder: Where it was read from.
        rows: Of `results.json`, in its order.
        comparisons: Of `results.json`, in its order.
        run: Command, configuration, versions, hashes and warnings, as `results.json` has them.
        predictions: Predicted and gold items, `ITEM_SCHEMA`.
        documents: What each document cost, `DOCUMENT_SCHEMA`.
        segments: What the systems saw, `SEGMENT_SCHEMA`; not loaded, few of them are drawn.
    """

    folder: Path
    rows: tuple[Row, ...]
    comparisons: tuple[Row, ...]
    run: Row
    predictions: pl.DataFrame
    documents: pl.DataFrame
    segments: pl.LazyFrame

    @property
    def systems(self) -> tuple[str, ...]:
        """Names of the systems, each once, in the order of the rows."""
        return tuple(dict.fromkeys(str(row["system"]) for row in self.rows))

    def groups(self, *, counterfactual: bool | None = None) -> dict[Group, list[Row]]:
        """The rows by dataset, split, condition and task.

        Args:
            counterfactual: True for conditions with a "+" only, False for those without, None for
                all.

        Returns:
            Groups in the order of their first rows.
        """
        groups: dict[Group, list[Row]] = {}
        for row in self.rows:
            if counterfactual is None or counterfactual == ("+" in row["condition"]):
                groups.setdefault(group_of(row), []).append(row)
        return groups

    def items(self, group: Group) -> pl.DataFrame:
        """The predicted and gold items of one group."""
        wanted = [pl.col(k) == v for k, v in zip(GROUP_KEYS, group, strict=True)]
        return self.predictions.filter(wanted)


def group_of(row: Row) -> Group:
    """Dataset, split, condition and task of a row."""
    return (row["dataset"], row["split"], row["condition"], row["task"])


def load_report_data(folder: Path) -> ReportData:
    """Reads the folder of a run.

    Args:
        folder: With `results.json` and the three parquet files.

    Returns:
        Its content, with the columns that the schemas of `eval.records` name.

    Raises:
        RunFolderError: If a file is missing, unreadable, or lacks a column.
    """
    results = read_results(folder)
    predictions = _table(folder / "predictions.parquet", ITEM_SCHEMA)
    documents = _table(folder / "documents.parquet", DOCUMENT_SCHEMA)
    segments = _table(folder / "segments.parquet", SEGMENT_SCHEMA)
    return ReportData(
        folder=folder,
        rows=tuple(results["rows"]),
        comparisons=tuple(results["comparisons"]),
        run=results["run"],
        predictions=predictions.collect(),
        documents=documents.collect(),
        segments=segments,
    )


def read_results(folder: Path) -> dict[str, Any]:
    """`results.json` of a run.

    Raises:
        RunFolderError: If it is missing, is not JSON, or lacks one of its three parts.
    """
    path = folder / "results.json"
    try:
        results = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RunFolderError(
            f"{path}: cannot be read ({error.strerror}); is {folder} the --out of a run? "
            "`hybrid eval score` makes the file anew from the tables"
        ) from error
    except ValueError as error:
        raise RunFolderError(f"{path}: is not JSON; score the run again") from error
    for name, kind in (("rows", list), ("comparisons", list), ("run", dict)):
        if not isinstance(results, dict) or not isinstance(results.get(name), kind):
            raise RunFolderError(f"{path}: has no {name!r}; score the run again")
    for number, row in enumerate(results["rows"]):
        missing = [
            k for k in (*GROUP_KEYS, "system", "n") if not isinstance(row, dict) or k not in row
        ]
        if missing:
            raise RunFolderError(f"{path}: row {number} has no {missing[0]!r}; score the run again")
    return dict(results)


def _table(path: Path, schema: Mapping[str, type[pl.DataType]]) -> pl.LazyFrame:
    if not path.is_file():
        raise RunFolderError(f"{path}: is missing; give the folder of a finished run")
    try:
        found = pl.read_parquet_schema(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise RunFolderError(f"{path}: is no readable parquet file ({error})") from error
    missing = [name for name in schema if name not in (*found, *LATER_COLUMNS)]
    if missing:
        raise RunFolderError(
            f"{path}: has no column {missing[0]!r}; it was made by another version, run it again"
        )
    return pl.scan_parquet(path).select(
        (pl.col(name) if name in found else pl.lit(None).alias(name)).cast(kind)
        for name, kind in schema.items()
    )

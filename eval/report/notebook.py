"""The results of a run as an object that a notebook shows as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from markupsafe import Markup

from .data import read_results
from .headline import value_with_interval

_SHOWN = ("f1_micro", "f1_exact", "hallucination_rate", "ungrounded_rate")


@dataclass(frozen=True)
class RunResult:
    """What a run found.

    Attributes:
        folder: Of the run; it holds `report.html` and the tables.
        rows: One for each dataset, split, condition, task and system, as `docs/results.md` says.
        comparisons: Paired tests between systems; no columns where there are none.
        prefix_caches: By LLM, `queries` and `hits` in tokens and the `hit_rate` of its server's prefix
            cache; of those that were asked and tell.
        warnings: What a reader of the results should know, one line each.
    """

    folder: Path
    rows: pl.DataFrame
    comparisons: pl.DataFrame
    prefix_caches: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @classmethod
    def load(cls, folder: Path | str) -> RunResult:
        """Reads `results.json` of a run.

        Raises:
            RunFolderError: If it is missing or broken.
        """
        results = read_results(Path(folder))
        return cls(
            folder=Path(folder),
            rows=pl.DataFrame(results["rows"], infer_schema_length=None),
            comparisons=pl.DataFrame(results["comparisons"], infer_schema_length=None),
            prefix_caches=results["run"].get("prefix_caches", {}),
            warnings=tuple(results["run"].get("warnings") or ()),
        )

    def _repr_html_(self) -> str:
        names = ("dataset", "condition", "task", "system", "n", *_SHOWN)
        head = Markup("").join(Markup("<th>{}</th>").format(name) for name in names)
        body = Markup("")
        for row in self.rows.iter_rows(named=True):
            texts = [f"{row['dataset']} {row['split']}", *(row[n] for n in names[1:5])]
            texts += [value_with_interval(row, metric) for metric in _SHOWN]
            cells = Markup("").join(Markup("<td>{}</td>").format(text) for text in texts)
            body += Markup("<tr>{}</tr>").format(cells)
        return Markup(
            "<table><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>"
        ).format(self.folder, head, body)


__all__ = ["RunResult"]

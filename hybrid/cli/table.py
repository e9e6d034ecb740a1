"""The table of fields that ends `hybrid extract`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from hybrid.cli.batch import Outcome, Result
from hybrid.cli.console import one_line
from hybrid.extraction import Status

_STYLES: dict[str, str] = {
    Status.ACCEPTED: "green",
    Status.AGREED: "green",
    Status.CORRECTED: "cyan",
    Status.ADDED: "cyan",
    Status.REJECTED: "yellow",
    Status.ABSTAINED: "dim",
    Status.UNVERIFIED: "magenta",
}


def field_table(outcomes: Iterable[Outcome]) -> Table:
    """One row for each leaf of each document that has a result."""
    table = Table("document", "field", "value", "page", "status", "confidence")
    for column in (1, 3, 4, 5):
        table.columns[column].no_wrap = True
    table.columns[3].justify = table.columns[5].justify = "right"
    outcomes = list(outcomes)
    names = Counter(outcome.source.name for outcome in outcomes)
    for outcome in outcomes:
        name = outcome.source.name
        label = name if names[name] == 1 else str(outcome.source)
        if outcome.result is Result.SKIPPED:
            label += " (done before)"
        for number, (path, leaf) in enumerate(outcome.fields.items()):
            table.add_row(Text(one_line(label if number == 0 else "")), *_cells(path, leaf))
        if outcome.fields:
            table.add_section()
    return table


def _cells(path: str, leaf: Mapping[str, Any]) -> list[Text]:
    value, status = leaf.get("value"), str(leaf.get("status", ""))
    pages = sorted({str(c.get("page")) for c in leaf.get("citations") or ()})
    fused = (leaf.get("confidence") or {}).get("fused")
    # `Text`, because what a document says is never read as markup.
    return [
        Text(one_line(path)),
        Text("–" if value is None else one_line(str(value))),
        Text(", ".join(pages)),
        Text(status, style=_STYLES.get(status, "")),
        Text("" if fused is None or value is None else f"{fused:.2f}"),
    ]

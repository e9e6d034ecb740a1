"""The table of fields that ends `hybrid extract`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from hybrid.cli.batch import Outcome, Result
from hybrid.cli.console import one_line
from hybrid.extraction import Status

_ITEM = re.compile(r"(?P<list>[^\[]+)\[(?P<number>\d+)\]")
_LONG = 10
"""Items of a list that are all shown."""
_SHOWN = 5
"""Of a longer one."""
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
        for number, cells in enumerate(_rows(outcome.fields)):
            table.add_row(Text(one_line(label if number == 0 else "")), *cells)
        if outcome.fields:
            table.add_section()
    return table


def _rows(fields: Mapping[str, Mapping[str, Any]]) -> Iterator[list[Text]]:
    """The rows of a document; of a long list the first items and how many there are more."""
    items = {path: match for path in fields if (match := _ITEM.match(path))}
    lengths: dict[str, int] = {}
    cut: set[str] = set()
    for match in items.values():
        lengths[match["list"]] = max(lengths.get(match["list"], 0), int(match["number"]) + 1)
    for path, leaf in fields.items():
        match = items.get(path)
        length = lengths[match["list"]] if match else 0
        if match is None or length <= _LONG or int(match["number"]) < _SHOWN:
            yield _cells(path, leaf)
        elif match["list"] not in cut:
            cut.add(match["list"])
            more = f"... {length - _SHOWN} more items, in the JSON and on the page"
            yield [Text(one_line(f"{match['list']}[{_SHOWN}-{length - 1}]")), Text(more)]


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

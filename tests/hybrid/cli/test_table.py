"""The table of fields that ends `hybrid extract`."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from hybrid.cli.batch import Outcome, Result
from hybrid.cli.table import field_table


def shown(items: int) -> list[str]:
    """The fields' column for a document with two lists, one of so many items."""
    fields = {"total": {"value": "3", "status": "accepted"}}
    for number in range(items):
        for name in ("text", "amount"):
            fields[f"bookings[{number}].{name}"] = {"value": "1", "status": "accepted"}
    fields |= {"tags[0]": {"value": "a", "status": "accepted"}}
    table = field_table([Outcome(Path("a.pdf"), Result.DONE, fields)])
    console = Console(width=200, record=True)
    with console.capture() as capture:
        console.print(table)
    rows = [line.split("│") for line in capture.get().splitlines() if "│" in line]
    return [f"{row[2].strip()} {row[3].strip()}" for row in rows]


def test_short_lists_are_shown_whole() -> None:
    assert len(shown(10)) == 22


def test_long_lists_are_cut() -> None:
    rows = shown(40)
    assert rows[0] == "total 3"
    assert rows[9:12] == [
        "bookings[4].text 1",
        "bookings[4].amount 1",
        "bookings[5-39] ... 35 more items, in the JSON and on the page",
    ]
    assert rows[12:] == ["tags[0] a"]

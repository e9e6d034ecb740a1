"""The results of a run as a table on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from hybrid.llm.server_metrics import PrefixCache

from .headline import readable_share

if TYPE_CHECKING:
    from .notebook import RunResult


_THOUGHTS = ("of which\nthoughts", "LLM\nseconds")
"""Columns of runs in which a reasoning model took part."""


def results_table(result: RunResult) -> Table:
    """One line for each dataset, condition, task and system, with intervals in brackets."""
    rows = list(result.rows.iter_rows(named=True))
    notes = [*_readable(rows), *(_prefix_cache(*cache) for cache in result.prefix_caches.items())]
    caption = "\n".join(notes)
    table = Table(
        title=Text(str(result.folder)),
        title_justify="left",
        caption=Text(caption) if caption else None,
        caption_justify="left",
    )
    for name in ("dataset", "condition", "task", "system"):
        table.add_column(name, overflow="fold")
    for name in ("n", "F1", "95 %\ninterval", "macro", "exact", "halluci-\nnated", "un-\ngrounded"):
        table.add_column(name, justify="right", no_wrap=True)
    thinks = any(row.get("reasoning_tokens_per_document") for row in rows)
    for name in ("absent\nfield", "seconds", "tokens\nin/out", *(_THOUGHTS if thinks else ())):
        table.add_column(name, justify="right", no_wrap=True)
    last: tuple[str, ...] = ()
    for row in rows:
        group = (row["dataset"], row["condition"], row["task"])
        if last and group != last:
            table.add_section()
        shown = (f"{row['dataset']} {row['split']}", row["condition"], row["task"])
        last = group
        figures = _figures(row) + (_thoughts(row) if thinks else [])
        table.add_row(*(Text(part) for part in (*shown, row["system"])), *figures)
    return table


def _readable(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What reading the pages leaves to be found, for each dataset and condition."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((f"{row['dataset']} {row['split']}", row["condition"]), []).append(row)
    for (dataset, condition), group in groups.items():
        if share := readable_share(group):
            yield f"{dataset}, {condition}: {share} of the values stand on the pages as they were read"


def _prefix_cache(name: str, seen: Mapping[str, Any]) -> str:
    counted = PrefixCache(seen["queries"], seen["hits"])
    return f"prefix cache of {name}: {counted} were there already"


def _figures(row: Mapping[str, Any]) -> list[str]:
    low, high = row["f1_micro_low"], row["f1_micro_high"]
    tokens = (row["prompt_tokens_per_document"], row["completion_tokens_per_document"])
    return [
        str(row["n"]),
        _share(row["f1_micro"]),
        "" if low is None or high is None else f"{_share(low)}-{_share(high)}",
        _share(row["f1_macro"]),
        _share(row["f1_exact"]),
        _share(row["hallucination_rate"]),
        _share(row["ungrounded_rate"]),
        _share(row["absent_field_rate"]),
        "" if row["seconds_p50"] is None else f"{row['seconds_p50']:.2f}",
        "/".join("" if t is None else f"{t:.0f}" for t in tokens),
    ]


def _thoughts(row: Mapping[str, Any]) -> list[str]:
    thought, seconds = row["reasoning_tokens_per_document"], row["llm_seconds_per_document"]
    return [
        "" if thought is None else f"{thought:.0f}",
        "" if seconds is None else f"{seconds:.1f}",
    ]


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"

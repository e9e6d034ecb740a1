"""Two runs on the same documents: what each system did, tested pair by pair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import polars as pl

from ..frames import collect
from ..metrics.f1 import f1, ratio
from ..metrics.hallucination import KINDS
from ..metrics.measures import Measures, by_cluster
from ..metrics.measuring import Setting, columns, measure
from ..metrics.permutation import Comparison, Metric, compare
from ..metrics.table import REMOVED
from .data import Group, ReportData
from .judge import scored, sides

_GOLD = ("document_id", "path", "label", "text", "key")


@dataclass(frozen=True)
class PairedDocuments:
    """The documents on which two runs can be compared in one group.

    Attributes:
        same: Ids of those that both have with the same gold, sorted.
        only_first: How many the second run does not have.
        only_second: How many the first run does not have.
        changed: How many have another gold in the two runs.
    """

    same: tuple[str, ...]
    only_first: int
    only_second: int
    changed: int


def paired_documents(first: ReportData, second: ReportData, group: Group) -> PairedDocuments:
    """Finds the documents that two runs share; gold is equal when a hash over its rows is."""
    a, b = _gold_hashes(first, group), _gold_hashes(second, group)
    both = a.keys() & b.keys()
    same = tuple(sorted(name for name in both if a[name] == b[name]))
    return PairedDocuments(
        same, len(a.keys() - b.keys()), len(b.keys() - a.keys()), len(both) - len(same)
    )


def paired_tests(
    first: ReportData,
    second: ReportData,
    group: Group,
    systems: tuple[str, str],
    documents: tuple[str, ...],
    seed: int = 0,
) -> Iterator[tuple[str, Comparison, int]]:
    """Tests a system of the first run against one of the second.

    Args:
        first: A run.
        second: Another one.
        group: Dataset, split, condition and task.
        systems: The first run's and the second's.
        documents: With the same gold in both; those that a system was not given are left out.
        seed: Of the random numbers.

    Yields:
        Metric, comparison (the second less the first) and number of documents; a comparison that is
        not defined is left out.
    """
    given = set(documents) & _given(first, group, systems[0]) & _given(second, group, systems[1])
    if not given:
        return
    a = _measures(first, group, systems[0], given)
    b = _measures(second, group, systems[1], given)
    for name, block, metric in _tests(group):
        if name not in a.metrics or name not in b.metrics:
            continue
        sums = [by_cluster(m.blocks[block], m.clusters) for m in (b, a)]
        result = compare(sums[0], sums[1], metric, seed=seed)
        if result is not None:
            yield name, result, len(given)


def _tests(group: Group) -> list[tuple[str, str, Metric]]:
    tests: list[tuple[str, str, Metric]] = [("f1_micro", "key", lambda s: f1(*columns(s)))]
    if group[3] == "field" and _removed(group):
        tests.append(("absent_field_rate", "answers", lambda s: ratio(*columns(s))))
    elif group[3] == "field":
        place = KINDS.index("hallucination")
        tests.append(("hallucination_rate", "faults", lambda s: ratio(s[..., place], s[..., -1])))
    return tests


def _removed(group: Group) -> bool:
    return REMOVED in group[2].split("+")


def _measures(data: ReportData, group: Group, system: str, documents: set[str]) -> Measures:
    items = scored(data.items(group)).filter(pl.col("document_id").is_in(documents))
    predictions, gold = sides(items)
    return measure(
        predictions.filter(pl.col("system") == system),
        gold,
        documents,
        Setting(task=group[3], removed=_removed(group)),
        partial(collect, engine="auto"),
    )


def _given(data: ReportData, group: Group, system: str) -> set[str]:
    """The documents that a system was given, whether it gave anything or not."""
    dataset, split, condition, task = group
    wanted = {"dataset": dataset, "split": split, "condition": condition, "system": system}
    wanted["work"] = "label" if task == "label" else "extract"
    found = data.documents.filter([pl.col(k) == v for k, v in wanted.items()])
    return set(found["document_id"])


def _gold_hashes(data: ReportData, group: Group) -> dict[str, int]:
    gold = data.items(group).filter(pl.col("origin") == "gold").select(_GOLD)
    hashed = (
        gold.with_columns(row=gold.hash_rows(seed=0))
        .group_by("document_id")
        .agg(pl.col("row").sort())
    )
    return {name: hash(tuple(rows)) for name, rows in hashed.iter_rows()}


__all__ = ["PairedDocuments", "paired_documents", "paired_tests"]

"""What a person is shown: two results on one document, in an order that hides who made which."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from .data import GROUP_KEYS, Group, ReportData, RunFolderError, load_report_data
from .documents import pictures_folder
from .drawing import Box, DrawnPage, box_of, draw_pages, segments_of
from .preferences import Choice

_TASKS = ("field", "structure")
_MOST_PAGES = 6


@dataclass(frozen=True)
class Contestant:
    """One system of one run.

    Attributes:
        data: The run.
        system: Its name there.
    """

    data: ReportData
    system: str

    @property
    def name(self) -> str:
        """Folder and system, as the preferences record them."""
        return f"{self.data.folder.resolve().name}@{self.system}"


@dataclass(frozen=True)
class Pair:
    """One document with two results.

    Attributes:
        group: Dataset, split, condition and task.
        document_id: In the dataset.
        swapped: Whether the second contestant's result is shown as result 1.
    """

    group: Group
    document_id: str
    swapped: bool

    @property
    def key(self) -> tuple[str, ...]:
        """By which a preference is known to be on this document."""
        return (*self.group, self.document_id)

    def choice(self, button: str) -> Choice:
        """What a button means: "1", "2" or "0" for a tie."""
        if button == "0":
            return "tie"
        return "first" if (button == "1") != self.swapped else "second"


def read_contestant(text: str) -> Contestant:
    """A system of a run, from `FOLDER` or, where the run has several systems, `FOLDER@SYSTEM`.

    Raises:
        RunFolderError: If there is no such run, or the system is not clear; names the systems.
    """
    folder, _, system = (text, "", "") if Path(text).is_dir() else text.rpartition("@")
    data = load_report_data(Path(folder or text))
    if not system and len(data.systems) == 1:
        system = data.systems[0]
    if system not in data.systems:
        problem = f"has no system {system!r}" if system else "has several systems"
        known = ", ".join(data.systems)
        raise RunFolderError(
            f"{data.folder} {problem}; write {data.folder}@SYSTEM with one of {known}"
        )
    return Contestant(data, system)


def pairs_of(first: Contestant, second: Contestant, seed: int) -> list[Pair]:
    """The documents on which both give different values, in an order drawn from the seed.

    Where both say the same there is nothing to prefer. Which result is shown as 1 is drawn for each
    document by itself, so that it does not depend on the other documents.
    """
    a, b = _values(first), _values(second)
    shared = sorted(_documents(first) & _documents(second))
    order = [key for key in shared if a.get(key) != b.get(key)]
    random.Random(seed).shuffle(order)  # noqa: S311  # no secret: who looks it up only cheats himself
    return [
        Pair(
            group=(key[0], key[1], key[2], key[3]),
            document_id=key[4],
            swapped=random.Random(f"{seed} {key}").random() < 0.5,  # noqa: S311
        )
        for key in order
    ]


def shown_pages(first: Contestant, second: Contestant, pair: Pair) -> list[DrawnPage]:
    """The document with the boxes that both results cite."""
    boxes: dict[int, list[Box]] = {}
    for css, contestant in zip(("one", "two"), _shown(first, second, pair), strict=True):
        for row in _items(contestant, pair).iter_rows(named=True):
            box = box_of(row, css, f"{row['label']}: {row['text']}")
            if box is not None and row["page"] is not None:
                boxes.setdefault(row["page"], []).append(box)
    dataset, split, condition, _ = pair.group
    segments = segments_of(first.data, dataset, split, condition, pair.document_id)
    return draw_pages(segments, boxes, pictures_folder(first.data), _MOST_PAGES)


def shown_values(
    first: Contestant, second: Contestant, pair: Pair
) -> list[tuple[str, list[str], list[str]]]:
    """For each path the texts of result 1 and of result 2."""
    lines: dict[str, tuple[list[str], list[str]]] = {}
    for place, contestant in enumerate(_shown(first, second, pair)):
        for row in _items(contestant, pair).iter_rows(named=True):
            lines.setdefault(row["path"], ([], []))[place].append(row["text"] or "")
    return [(path, one, two) for path, (one, two) in sorted(lines.items())]


def _shown(first: Contestant, second: Contestant, pair: Pair) -> tuple[Contestant, Contestant]:
    return (second, first) if pair.swapped else (first, second)


def _predictions(contestant: Contestant) -> pl.DataFrame:
    return contestant.data.predictions.filter(
        (pl.col("origin") == "prediction")
        & (pl.col("system") == contestant.system)
        & pl.col("task").is_in(_TASKS)
    )


def _items(contestant: Contestant, pair: Pair) -> pl.DataFrame:
    wanted: Mapping[str, Any] = dict(zip((*GROUP_KEYS, "document_id"), pair.key, strict=True))
    return _predictions(contestant).filter([pl.col(k) == v for k, v in wanted.items()])


def _values(contestant: Contestant) -> dict[tuple[str, ...], list[tuple[str, str]]]:
    keys = [*GROUP_KEYS, "document_id"]
    columns = _predictions(contestant).select(*keys, "path", pl.col("text").fill_null(""))
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for *key, path, text in columns.sort(*keys, "path", "text").iter_rows():
        found.setdefault(tuple(key), []).append((path, text))
    return found


def _documents(contestant: Contestant) -> set[tuple[str, ...]]:
    """Documents that the system was given, with each task that its run has."""
    given = contestant.data.documents.filter(
        (pl.col("system") == contestant.system) & (pl.col("work") == "extract")
    )
    places = {tuple(row) for row in given.select(*GROUP_KEYS[:3], "document_id").iter_rows()}
    tasks = {group for group in contestant.data.groups() if group[3] in _TASKS}
    return {(*g, document) for *place, document in places for g in tasks if list(g[:3]) == place}

"""The folder of a run: what is appended while it runs, and the tables that come of it.

`units.jsonl` grows by one line for each document that a system has done; a line that was cut off
when the process was killed is dropped when the run goes on. The tables are made of it at the end.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from hybrid.errors import HybridError
from hybrid.files import remove_temporaries, replacing, write_text
from hybrid.llm.server_metrics import PrefixCache

from ..records import DOCUMENT_SCHEMA, ITEM_SCHEMA, SEGMENT_SCHEMA

CONFIG, UNITS, SYSTEMS, REPLIES = "config.json", "units.jsonl", "systems.json", "replies"
RESULTS, REPORT = "results.json", "report.html"
PREFIX_CACHES = "prefix_caches.json"
PREDICTIONS, DOCUMENTS, SEGMENTS = "predictions.parquet", "documents.parquet", "segments.parquet"

WITHOUT_INFLUENCE = frozenset({"workers", "engine", "llm_engine"})
"""Keys of a configuration that change no result: an unfinished run goes on with others."""

_ROWS_AT_A_TIME = 20_000


class Unit(NamedTuple):
    """One piece of work: what a system does with a document in one call."""

    dataset: str
    split: str
    condition: str
    work: str
    system: str
    document_id: str


class Done(NamedTuple):
    """A unit with what came of it.

    Attributes:
        unit: Which.
        document: Its row of `documents.parquet`.
        items: The predicted rows of `predictions.parquet`.
        problems: Warnings, which a run that is gone on with still has to tell.
    """

    unit: Unit
    document: dict[str, Any]
    items: list[dict[str, Any]]
    problems: list[str]


class RunStore:
    """Reads and writes the folder of a run.

    Args:
        folder: Made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()

    def begin(self, configuration: Mapping[str, Any], sha256: str) -> None:
        """Claims the folder for a configuration, or finds that it is the one that began here.

        A folder in which nothing was done yet takes any configuration.

        Raises:
            HybridError: If the folder holds a run of another configuration.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / CONFIG
        if path.is_file():
            known = json.loads(path.read_text(encoding="utf-8"))
            if known.get("sha256") == sha256:
                return
            if (self.folder / UNITS).exists():
                raise HybridError(
                    f"{self.folder} holds a run that was asked for something else "
                    f"({_changed(known.get('configuration', {}), configuration)}); "
                    "choose another --out"
                )
            for name in (SYSTEMS, PREFIX_CACHES):
                (self.folder / name).unlink(missing_ok=True)
        elif any(self.folder.glob("*.parquet")) or (self.folder / UNITS).exists():
            raise HybridError(f"{self.folder} holds tables of no known run; choose another --out")
        content = {"sha256": sha256, "configuration": configuration}
        write_text(path, json.dumps(content, indent=2) + "\n")

    def mend(self) -> None:
        """Removes what a killed process left: half of a last line, files that were being written."""
        for name in (
            CONFIG,
            SYSTEMS,
            PREFIX_CACHES,
            RESULTS,
            REPORT,
            PREDICTIONS,
            DOCUMENTS,
            SEGMENTS,
        ):
            remove_temporaries(self.folder / name)
        path = self.folder / UNITS
        if not path.is_file():
            return
        with path.open("rb+") as file:
            size = file.seek(0, os.SEEK_END)
            if size == 0:
                return
            position = size
            while position > 0:
                start = max(0, position - 65536)
                file.seek(start)
                newline = file.read(position - start).rfind(b"\n")
                if newline >= 0:
                    file.truncate(start + newline + 1)
                    return
                position = start
            file.truncate(0)

    def append(self, done: Done) -> None:
        """Adds a finished unit; may be called from several threads."""
        line = json.dumps(
            {
                "unit": done.unit,
                "document": done.document,
                # Most columns of most rows are null.
                "items": [{k: v for k, v in i.items() if v is not None} for i in done.items],
                "problems": done.problems,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        # A lone surrogate of a broken text layer cannot be written as UTF-8.
        data = (line + "\n").encode("utf-8", "replace")
        with self._lock, (self.folder / UNITS).open("ab") as file:
            file.write(data)

    def record_system(self, name: str, identity: Mapping[str, Any]) -> None:
        """Keeps what a system's results depend on: hashes of checkpoints and prompts, options.

        Raises:
            HybridError: If the run began with another checkpoint or prompt of the same name.
        """
        known = self.systems()
        identity = json.loads(json.dumps(identity))
        if known.get(name, identity) != identity:
            raise HybridError(
                f"{self.folder} was begun with another {name} "
                f"({_changed(known[name], identity)}); choose another --out"
            )
        known[name] = identity
        write_text(self.folder / SYSTEMS, json.dumps(known, indent=2, sort_keys=True) + "\n")

    def systems(self) -> dict[str, Any]:
        """What was recorded of the systems."""
        path = self.folder / SYSTEMS
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

    def count_prefix_cache(self, name: str, seen: PrefixCache) -> None:
        """Adds what an LLM's prefix cache was asked and had to what it had in earlier parts."""
        counted = self.prefix_caches()
        before = counted.get(name, PrefixCache(0, 0))
        counted[name] = PrefixCache(before.queries + seen.queries, before.hits + seen.hits)
        content = {n: asdict(c) for n, c in counted.items()}
        write_text(self.folder / PREFIX_CACHES, json.dumps(content, indent=2) + "\n")

    def prefix_caches(self) -> dict[str, PrefixCache]:
        """By LLM, what was counted."""
        path = self.folder / PREFIX_CACHES
        content = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return {name: PrefixCache(**counts) for name, counts in content.items()}

    def units(self) -> Iterator[Done]:
        """All finished units, each once."""
        path = self.folder / UNITS
        if not path.is_file():
            return
        seen: set[Unit] = set()
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith("\n"):
                    return
                try:
                    content = json.loads(line)
                except ValueError as error:
                    raise HybridError(f"{path} line {number} is broken: {error}") from error
                unit = Unit(*content["unit"])
                if unit not in seen:
                    seen.add(unit)
                    yield Done(
                        unit, content["document"], content["items"], content.get("problems", [])
                    )

    def write_tables(self, gold: Sequence[pl.DataFrame], segments: Sequence[pl.DataFrame]) -> None:
        """Makes the three tables of all finished units, the gold and the text that was seen.

        Args:
            gold: Frames of `ITEM_SCHEMA`.
            segments: Frames of `SEGMENT_SCHEMA`.
        """
        documents: list[Mapping[str, Any]] = []
        frames = [*gold]
        items: list[Mapping[str, Any]] = []
        for done in self.units():
            documents.append(done.document)
            items += done.items
            if len(items) > _ROWS_AT_A_TIME:  # as dictionaries they take ten times the memory
                frames.append(frame_of(items, ITEM_SCHEMA))
                items = []
        frames.append(frame_of(items, ITEM_SCHEMA))
        order = ["dataset", "split", "condition", "task", "system", "document_id", "origin"]
        # The order within a document is the system's own; a stable sort keeps it.
        predictions = pl.concat(frames).sort(order, maintain_order=True)
        keys = ["dataset", "split", "condition", "work", "system", "document_id"]
        self._write(PREDICTIONS, predictions)
        self._write(DOCUMENTS, frame_of(documents, DOCUMENT_SCHEMA).sort(keys))
        self._write(SEGMENTS, pl.concat([frame_of([], SEGMENT_SCHEMA), *segments]))

    def _write(self, name: str, frame: pl.DataFrame) -> None:
        with replacing(self.folder / name) as temporary:
            frame.write_parquet(temporary, compression="zstd")

    def table(self, name: str) -> Path:
        """The path of a table.

        Raises:
            HybridError: If the run has not made it yet.
        """
        path = self.folder / name
        if not path.is_file():
            raise HybridError(f"{path} is missing: finish the run with `hybrid eval run` first")
        return path


def frame_of(rows: Iterable[Mapping[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Rows as a frame of exactly that schema; what a row lacks is null."""
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=dict(schema))


def _changed(known: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """The keys that differ, or what else it must be."""
    keys = {*known, *given}.difference(WITHOUT_INFLUENCE)
    return ", ".join(sorted(k for k in keys if known.get(k) != given.get(k))) or "another version"

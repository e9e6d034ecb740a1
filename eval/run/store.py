"""The folder of a run: what is appended while it runs, and the tables that come of it.

`units.jsonl` grows by one line for each document that a system has done; a line that was cut off
when the process was killed is dropped when the run goes on. The tables are made of it at the end.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from hybrid.errors import HybridError
from hybrid.files import replacing, write_text

from ..records import DOCUMENT_SCHEMA, ITEM_SCHEMA, SEGMENT_SCHEMA

CONFIG, UNITS, SYSTEMS, REPLIES = "config.json", "units.jsonl", "systems.json", "replies"
RESULTS, REPORT = "results.json", "report.html"
PREDICTIONS, DOCUMENTS, SEGMENTS = "predictions.parquet", "documents.parquet", "segments.parquet"


class Unit(NamedTuple):
    """One piece of work: what a system does with a document in one call."""

    dataset: str
    split: str
    condition: str
    work: str
    system: str
    document_id: str


class Done(NamedTuple):
    """A unit with what came of it: its row of `documents.parquet` and its predicted items."""

    unit: Unit
    document: dict[str, Any]
    items: list[dict[str, Any]]


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

        Raises:
            HybridError: If the folder holds a run of another configuration.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / CONFIG
        if path.is_file():
            known = json.loads(path.read_text(encoding="utf-8"))
            if known.get("sha256") != sha256:
                changed = sorted(
                    key
                    for key in {*known.get("configuration", {}), *configuration}
                    if known.get("configuration", {}).get(key) != configuration.get(key)
                )
                raise HybridError(
                    f"{self.folder} holds a run that was asked for something else "
                    f"({', '.join(changed) or 'another version'}); choose another --out"
                )
            return
        if any(self.folder.glob("*.parquet")) or (self.folder / UNITS).exists():
            raise HybridError(f"{self.folder} holds tables of no known run; choose another --out")
        content = {"sha256": sha256, "configuration": configuration}
        write_text(path, json.dumps(content, indent=2) + "\n")

    def mend(self) -> None:
        """Cuts off what a killed process left of its last line."""
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
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        # A lone surrogate of a broken text layer cannot be written as UTF-8.
        data = (line + "\n").encode("utf-8", "replace")
        with self._lock, (self.folder / UNITS).open("ab") as file:
            file.write(data)

    def record_system(self, name: str, identity: Mapping[str, Any]) -> None:
        """Keeps what a system's results depend on: hashes of checkpoints and prompts, options."""
        known = self.systems()
        known[name] = dict(identity)
        write_text(self.folder / SYSTEMS, json.dumps(known, indent=2, sort_keys=True) + "\n")

    def systems(self) -> dict[str, Any]:
        """What was recorded of the systems."""
        path = self.folder / SYSTEMS
        return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}

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
                    yield Done(unit, content["document"], content["items"])

    def write_tables(
        self, gold: Iterable[Mapping[str, Any]], segments: Iterable[Mapping[str, Any]]
    ) -> None:
        """Makes the three tables of all finished units, the gold and the text that was seen."""
        documents: list[Mapping[str, Any]] = []
        items: list[Mapping[str, Any]] = list(gold)
        for done in self.units():
            documents.append(done.document)
            items += done.items
        order = ["dataset", "split", "condition", "task", "system", "document_id", "origin"]
        # The order within a document is the system's own; a stable sort keeps it.
        predictions = _frame(items, ITEM_SCHEMA).sort(order, maintain_order=True)
        keys = ["dataset", "split", "condition", "work", "system", "document_id"]
        self._write(PREDICTIONS, predictions)
        self._write(DOCUMENTS, _frame(documents, DOCUMENT_SCHEMA).sort(keys))
        self._write(SEGMENTS, _frame(segments, SEGMENT_SCHEMA))

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


def _frame(rows: Iterable[Mapping[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=dict(schema))

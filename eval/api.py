"""The evaluation as functions: everything that `hybrid eval` does.

from hybrid.evaluation import run_evaluation

result = run_evaluation({"datasets": [{"name": "sroie", "data_root": "data/sroie"}],
                         "systems": ["gcn", "regex"]}, out="runs/first")
result.rows          # a polars frame; in a notebook the result shows itself as a table
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .report.notebook import RunResult
from .report.page import write_report
from .run.config import RunConfig, read_config, validated
from .run.engine import Listener, execute
from .run.score import score_folder
from .run.store import RunStore


def run_evaluation(
    config: RunConfig | Mapping[str, Any] | str | Path,
    out: Path | str,
    *,
    replay: bool = False,
    replies: Path | str | None = None,
    listener: Listener | None = None,
    command: str = "",
) -> RunResult:
    """Runs systems over datasets, scores them and writes the report.

    A run that was interrupted goes on where it stopped; a finished one is scored again.

    Args:
        config: What to run: a configuration, its plain form, or the path of a YAML file.
        out: Folder of the run.
        replay: Take the LLM's replies from recorded ones only.
        replies: Folder of recorded replies; the run's own by default.
        listener: Told how it goes.
        command: For the record.

    Returns:
        The run's results; its folder holds `results.json`, `predictions.parquet`,
        `documents.parquet`, `segments.parquet` and `report.html`.

    Raises:
        HybridError: If something that was asked for is unknown or missing; what was done is kept.
    """
    if isinstance(config, (str, Path)):
        config = read_config(Path(config))
    elif not isinstance(config, RunConfig):
        config = validated(dict(config), "configuration")
    config.check()
    folder = Path(out)
    store = RunStore(folder)
    store.begin(config.model_dump(mode="json", by_alias=True), config.sha256)
    warnings = execute(
        config,
        store,
        replay=replay,
        replies=Path(replies) if replies else None,
        listener=listener,
    )
    score_folder(folder, engine=config.engine, seed=config.seed, command=command, warnings=warnings)
    write_report(folder)
    return RunResult.load(folder)


def score_run(folder: Path | str, *, engine: str = "auto", seed: int | None = None) -> RunResult:
    """Computes the metrics of a finished run again, without any model, and its report.

    Args:
        folder: Of the run.
        engine: Of the frames.
        seed: Of intervals and tests; that of the run by default.

    Raises:
        HybridError: If the folder holds no finished run.
    """
    path = Path(folder)
    score_folder(path, engine=engine, seed=seed)
    write_report(path)
    return RunResult.load(path)


__all__ = ["RunConfig", "RunResult", "read_config", "run_evaluation", "score_run"]

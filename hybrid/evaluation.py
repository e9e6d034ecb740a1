"""The evaluation as functions: what `hybrid eval` does, for programs and notebooks.

    from hybrid.evaluation import run_evaluation

    result = run_evaluation(
        {"datasets": [{"name": "sroie", "data_root": "data/sroie"}], "systems": ["gcn", "regex"]},
        out="runs/first",
    )
    result.rows          # a polars frame; in a notebook the result shows itself as a table

The evaluation is a package of its own, which has one name in a checkout and another one in a wheel
(docs/decisions.md, 1); this module finds it, when it is first used.
"""

from __future__ import annotations

from typing import Any

from hybrid.resources import load_evaluation

_HOME = {
    "RunConfig": "api",
    "RunResult": "api",
    "compare": "report.compare",
    "read_config": "api",
    "read_dataset": "datasets",
    "run_evaluation": "api",
    "score_run": "api",
}

__all__ = [  # noqa: F822  # found by __getattr__
    "RunConfig",
    "RunResult",
    "compare",
    "read_config",
    "read_dataset",
    "run_evaluation",
    "score_run",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(load_evaluation(_HOME[name]), name)
    raise AttributeError(f"module 'hybrid.evaluation' has no attribute {name!r}")

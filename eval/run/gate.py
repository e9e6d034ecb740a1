"""`--fail-under`: a run that is too bad fails the build of whoever runs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hybrid.errors import HybridError

from ..tasks import TASKS, load_tasks

_COSTS = (
    "seconds_p50",
    "seconds_p95",
    "prompt_tokens_per_document",
    "cached_tokens_per_document",
    "completion_tokens_per_document",
    "reasoning_tokens_per_document",
    "llm_seconds_per_document",
    "invalid_replies",
)


@dataclass(frozen=True)
class Threshold:
    """`[SYSTEM:]TASK.METRIC=VALUE`.

    Attributes:
        system: Only rows of this system; None for all.
        task: Name of the task.
        metric: Column of `results.json`.
        value: The least that is good enough.
    """

    system: str | None
    task: str
    metric: str
    value: float

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """Reads a threshold.

        Raises:
            HybridError: If it is not of that form.
        """
        name, _, number = text.rpartition("=")
        system, _, measure = name.rpartition(":")
        task, _, metric = measure.partition(".")
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if task not in TASKS or not metric or value != value:
            raise HybridError(
                f"--fail-under {text!r}: write TASK.METRIC=VALUE, such as field.f1_micro=0.85, "
                f"or SYSTEM:TASK.METRIC=VALUE; tasks are {', '.join(TASKS)}"
            )
        known = (*load_tasks()[task].metrics, *_COSTS)
        if _stem(metric) not in known:
            raise HybridError(
                f"--fail-under {text!r}: task {task} has no metric {metric!r}; "
                f"it has {', '.join(known)}"
            )
        return cls(system or None, task, metric, value)


def failures(rows: Iterable[Mapping[str, Any]], thresholds: Sequence[Threshold]) -> list[str]:
    """What falls short, one line each; a metric that no row has is one, too.

    Rates (`..._rate`), errors (`ece`, `aurc`) and costs are better when small: for them the value
    is the most that is good enough.
    """
    found: list[str] = []
    held = list(rows)
    for threshold in thresholds:
        measured = [
            row
            for row in held
            if row["task"] == threshold.task
            and threshold.system in (None, row["system"])
            and row.get(threshold.metric) is not None
        ]
        name = f"{threshold.task}.{threshold.metric}"
        if not measured:
            whose = f" of {threshold.system}" if threshold.system else ""
            found.append(f"{name}: no row{whose} in this run has it")
        stem = _stem(threshold.metric)
        smaller_is_better = stem.endswith("_rate") or stem in ("ece", "aurc", *_COSTS)
        for row in measured:
            value = row[threshold.metric]
            short = value > threshold.value if smaller_is_better else value < threshold.value
            if short:
                sign = ">" if smaller_is_better else "<"
                where = f"{row['dataset']} ({row['split']}, {row['condition']}), {row['system']}"
                found.append(f"{name} {value:.3f} {sign} {threshold.value:g}: {where}")
    return found


def _stem(metric: str) -> str:
    """A metric without the end of its interval."""
    return metric.removesuffix("_low").removesuffix("_high")

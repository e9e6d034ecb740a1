from __future__ import annotations

from typing import Any

import pytest

from eval.run.gate import Threshold, failures
from hybrid.errors import HybridError

ROW: dict[str, Any] = {"dataset": "sroie", "split": "dev", "condition": "gold", "task": "field"}
ROWS = [
    {**ROW, "system": "gcn", "f1_micro": 0.8, "hallucination_rate": 0.1, "seconds_p50": 2.0},
    {**ROW, "system": "llm:mode=lenient", "f1_micro": 0.5, "hallucination_rate": None},
    {**ROW, "task": "label", "system": "gcn", "f1_micro": 0.9, "ece": 0.2},
]


@pytest.mark.parametrize(
    ("text", "system", "metric", "value"),
    [
        ("field.f1_micro=0.85", None, "f1_micro", 0.85),
        ("llm:mode=lenient:field.f1_micro_low=1", "llm:mode=lenient", "f1_micro_low", 1.0),
        ("hybrid:field.hallucination_rate=5e-2", "hybrid", "hallucination_rate", 0.05),
    ],
)
def test_thresholds_are_read(text: str, system: str | None, metric: str, value: float) -> None:
    assert Threshold.parse(text) == Threshold(system, "field", metric, value)


@pytest.mark.parametrize("text", ["field.f1_micro", "field=1", "nosuch.f1_micro=1", "field.ece=x"])
def test_what_is_no_threshold(text: str) -> None:
    with pytest.raises(HybridError, match=r"write TASK\.METRIC=VALUE"):
        Threshold.parse(text)


@pytest.mark.parametrize("text", ["field.f1=1", "label.anls=1", "field.system=1"])
def test_a_metric_that_a_task_does_not_have(text: str) -> None:
    with pytest.raises(HybridError, match=r"has no metric .*; it has f1_micro"):
        Threshold.parse(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("gcn:field.f1_micro=0.8", []),
        ("gcn:field.f1_micro=0.81", ["field.f1_micro 0.800 < 0.81: sroie (dev, gold), gcn"]),
        ("field.f1_micro=0.9", ["field.f1_micro 0.800 < 0.9", "field.f1_micro 0.500 < 0.9"]),
        ("field.hallucination_rate=0.1", []),
        ("field.hallucination_rate=0.05", ["field.hallucination_rate 0.100 > 0.05"]),
        ("label.ece=0.1", ["label.ece 0.200 > 0.1"]),
        ("field.seconds_p50=1", ["field.seconds_p50 2.000 > 1"]),
        ("hybrid:field.f1_micro=0", ["field.f1_micro: no row of hybrid in this run has it"]),
        ("link.f1_micro=0", ["link.f1_micro: no row in this run has it"]),
    ],
)
def test_failures(text: str, found: list[str]) -> None:
    said = failures(ROWS, [Threshold.parse(text)])
    assert len(said) == len(found)
    assert all(line.startswith(start) for line, start in zip(said, found, strict=True))

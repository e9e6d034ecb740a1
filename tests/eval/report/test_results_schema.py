"""results.json is what its JSON Schema and docs/results.md say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from eval.metrics.measures import METRICS
from eval.records import DOCUMENT_SCHEMA, ITEM_SCHEMA, SEGMENT_SCHEMA

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTATION = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(json.loads((ROOT / "eval" / "results.schema.json").read_text(encoding="utf-8")))


@pytest.fixture
def results(run_folder: Path) -> dict[str, Any]:
    return dict(json.loads((run_folder / "results.json").read_text(encoding="utf-8")))


def problems(schema: dict[str, Any], results: dict[str, Any]) -> list[str]:
    return [error.json_path for error in Draft202012Validator(schema).iter_errors(results)]


def test_a_run_is_valid(schema: dict[str, Any], results: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)

    assert problems(schema, results) == []
    assert len(results["rows"]) > 10


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        ("rows", "f1_micro", 1.5),
        ("rows", "f1_micro_low", "0.5"),
        ("rows", "n", None),
        ("rows", "task", "fields"),
        ("rows", "f1_mcro", 0.5),
        ("comparisons", "p", 0),
        ("comparisons", "metric", "speed"),
    ],
)
def test_mistakes_are_found(
    schema: dict[str, Any], results: dict[str, Any], part: str, key: str, value: Any
) -> None:
    results[part][0][key] = value

    assert len(problems(schema, results)) == 1


def test_missing_figures_are_found(schema: dict[str, Any], results: dict[str, Any]) -> None:
    del results["rows"][3]["hallucination_rate"]
    del results["run"]["gold_sha256"]

    assert problems(schema, results) == ["$.rows[3]", "$.run"]


def test_every_figure_and_column_is_documented(schema: dict[str, Any]) -> None:
    named = set(re.findall(r"`([a-z_0-9]+)`", DOCUMENTATION))

    required = set(schema["$defs"]["row"]["required"]) - {"f1_micro_low", "f1_micro_high"}
    assert required | set(METRICS) <= named
    assert set(schema["$defs"]["run"]["properties"]) <= named
    for table in (ITEM_SCHEMA, DOCUMENT_SCHEMA, SEGMENT_SCHEMA):
        assert set(table) <= named

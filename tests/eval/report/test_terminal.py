from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console

from eval.report.notebook import RunResult
from eval.report.terminal import results_table

METRICS = ("f1_micro", "f1_micro_low", "f1_micro_high", "f1_macro", "f1_exact", "seconds_p50")
RATES = ("hallucination_rate", "ungrounded_rate", "absent_field_rate")
TOKENS = ("prompt_tokens_per_document", "completion_tokens_per_document")
THOUGHTS = ("reasoning_tokens_per_document", "llm_seconds_per_document")


def shown(*rows: dict[str, Any]) -> list[str]:
    plain = dict.fromkeys((*METRICS, *RATES, *TOKENS, *THOUGHTS)) | {"split": "test", "n": 3}
    frame = pl.DataFrame([plain | row for row in rows], infer_schema_length=None)
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(results_table(RunResult(Path("runs/[bold]a"), frame, pl.DataFrame())))
    return console.export_text().splitlines()


def test_figures_and_what_does_not_apply() -> None:
    place = {"dataset": "drawn_forms", "condition": "gold+remove-field", "task": "field"}
    lines = shown(
        {
            **place,
            "system": "llm:mode=lenient",
            "f1_micro": 0.5,
            "f1_micro_low": 0.25,
            "f1_micro_high": 0.75,
            "prompt_tokens_per_document": 812.4,
            "completion_tokens_per_document": 90.0,
            "hallucination_rate": 0.0,
        },
        {**place, "task": "label", "system": "[red]regex"},
    )
    text = "\n".join(lines)
    assert lines[0].strip() == "runs/[bold]a"
    for part in ("0.500", "0.250-0.750", "0.000", "812/90", "drawn_forms test", "[red]regex"):
        assert part in text
    assert "None" not in text
    assert all(len(line.rstrip()) <= 160 for line in lines)


def test_thoughts_have_columns_where_a_model_thinks() -> None:
    place = {"dataset": "sroie", "condition": "gold", "task": "field"}
    silent = {**place, "system": "gcn", **dict.fromkeys(THOUGHTS, 0.0)}
    thinking = {**place, "system": "hybrid", **dict(zip(THOUGHTS, (341.2, 7.25), strict=True))}
    assert "thoughts" not in "\n".join(shown(silent))
    lines = shown(silent, thinking)
    assert any("of which" in line for line in lines)
    assert any("341" in line and "7.2" in line for line in lines if "hybrid" in line)


def test_what_ocr_left_is_told_below() -> None:
    place = {"dataset": "sroie", "condition": "ocr", "task": "field"}
    first = {**place, "system": "llm", "n": 2, "readable_rate": 0.5}
    lines = shown(
        first, {**place, "system": "gcn", "readable_rate": 0.9202}, {**first, "task": "label"}
    )
    (told,) = [line for line in lines if "as they were read" in line]
    assert (
        told.strip() == "sroie test, ocr: 92.0 % of the values stand on the pages as they were read"
    )
    assert not any("as they were read" in line for line in shown({**place, "system": "gcn"}))


def test_the_prefix_cache_is_told_below() -> None:
    console = Console(width=100, record=True, file=io.StringIO())
    caches = {"[m]": {"queries": 4000, "hits": 2480, "hit_rate": 0.62}}
    console.print(results_table(RunResult(Path("a"), pl.DataFrame(), pl.DataFrame(), caches)))
    text = console.export_text()
    assert "prefix cache of [m]: 62% of 4,000 prompt tokens were there already" in text


def test_no_rows() -> None:
    assert "interval" in "\n".join(shown())

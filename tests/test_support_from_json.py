"""Strict mode's promise, checked from the JSON files alone, with no code of the grounding module."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

DATA = Path(os.environ.get("HYBRID_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
PICTURES = DATA / "sroie" / "train" / "img"
SAMPLES = Path(__file__).parents[1] / "eval" / "samples" / "documents"
LIMIT = int(os.environ.get("HYBRID_TEST_PICTURES", "2"))


def problems(result: dict[str, Any]) -> list[str]:
    """What is wrong with a result: values that their own cited boxes do not hold."""
    found = []
    for path, leaf in result["fields"].items():
        value, text = leaf["value"], leaf["text"]
        if value is None:
            continue
        cited = " ".join(c["text"] for c in leaf["citations"])
        if not text or text not in cited:
            found.append(f"{path}: {text!r} is not in {cited!r}")
        elif path == "total" and not amount_in(Decimal(str(value)), cited):
            found.append(f"{path}: {value} is not an amount in {cited!r}")
        elif path == "date" and not date_in(date.fromisoformat(value), cited):
            found.append(f"{path}: {value} is not a date in {cited!r}")
        for citation in leaf["citations"]:
            page = next(p for p in result["pages"] if p["number"] == citation["page"])
            left, top, right, bottom = citation["box"]
            if not (left <= right <= page["width"] + 1 and top <= bottom <= page["height"] + 1):
                found.append(f"{path}: box {citation['box']} is not on the page")
    return found


def amount_in(value: Decimal, text: str) -> bool:
    for digits in re.findall(r"\d[\d.,' ]*", text):
        plain = digits.strip(" .,'").replace("'", "").replace(" ", "")
        for candidate in (
            plain.replace(",", ""),
            plain.replace(".", "").replace(",", "."),
            plain.replace(".", "").replace(",", ""),
        ):
            try:
                if Decimal(candidate) == abs(value):
                    return True
            except InvalidOperation:
                continue
    return False


def date_in(value: date, text: str) -> bool:
    numbers = {int(n) for n in re.findall(r"\d{1,4}", text)}
    numbers |= {int(n[:4]) for n in re.findall(r"\d{5,}", text)}  # glued to the time by OCR
    numbers |= {int(n[i : i + 2]) for n in re.findall(r"\d{3,}", text) for i in range(0, len(n), 2)}
    year = {value.year, value.year % 100}
    named = value.strftime("%b").lower() in text.lower() or not re.search("[A-Za-z]{3}", text)
    return value.day in numbers and bool(year & numbers) and (value.month in numbers or named)


def extract(inputs: list[str], out: Path, llm: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "hybrid", "extract", *inputs, "--schema", "receipt"]
    command += ["--llm", llm, "--no-html", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(p.read_text(encoding="utf-8")) for p in sorted(out.glob("*.json"))]


def check_all(results: list[dict[str, Any]], count: int) -> None:
    assert len(results) == count
    assert [p for r in results for p in problems(r)] == []
    values = [x["value"] for r in results for x in r["fields"].values()]
    assert sum(v is not None for v in values) >= len(values) / 2


@pytest.mark.slow
def test_bundled_receipts(tmp_path: Path) -> None:
    inputs = [str(SAMPLES / "receipt-*.jpg")]
    check_all(extract(inputs, tmp_path, "none"), 2)


@pytest.mark.slow
@pytest.mark.skipif(not PICTURES.is_dir(), reason=f"no SROIE pictures in {PICTURES}")
def test_sroie_without_llm(tmp_path: Path) -> None:
    pictures = [str(p) for p in sorted(PICTURES.iterdir())[:LIMIT]]
    check_all(extract(pictures, tmp_path, "none"), len(pictures))


@pytest.mark.slow
@pytest.mark.vllm
@pytest.mark.skipif(not PICTURES.is_dir(), reason=f"no SROIE pictures in {PICTURES}")
def test_sroie_with_llm(tmp_path: Path, vllm_server: str) -> None:
    pictures = [str(p) for p in sorted(PICTURES.iterdir())[:LIMIT]]
    check_all(extract(pictures, tmp_path, vllm_server), len(pictures))


@pytest.mark.parametrize(
    ("value", "text", "good"),
    [("12.99", "TOTAL 12.20", False), ("12.20", "RM 12.20", True), ("45500", "45,500", True)],
)
def test_the_check_itself_can_fail(value: str, text: str, good: bool) -> None:
    leaf = {
        "value": value,
        "text": text,
        "citations": [{"page": 1, "box": [0, 0, 1, 1], "text": text}],
    }
    page = {"number": 1, "width": 10, "height": 10, "unit": "px"}
    assert (problems({"fields": {"total": leaf}, "pages": [page]}) == []) is good

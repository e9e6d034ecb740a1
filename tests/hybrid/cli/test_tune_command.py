"""`hybrid tune`: what it hands on, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from hybrid.errors import DatasetError
from hybrid.resources import load_evaluation

Run = Callable[..., Result]


@pytest.fixture
def tuned(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the tuning was asked for; nothing is tuned."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(load_evaluation("tuning"), "tune_model", lambda **v: calls.append(v))
    return calls


def test_defaults(run: Run, tuned: list[dict[str, Any]]) -> None:
    result = run("tune", "--dataset", "sroie", "--data-root", "d", "--out", "o", "--name", "n")
    assert (result.exit_code, result.stdout) == (0, "o\n")
    assert tuned == [
        {
            "datasets": ["sroie"],
            "data_roots": [Path("d")],
            "base": "smollm2-135m",
            "out": Path("o"),
            "name": "n",
            "encoder": "minilm-l6-v2",
            "seed": 0,
            "epochs": 1,
            "learning_rate": 4e-4,
            "rank": 16,
            "documents": None,
            "limit": None,
            "think": False,
            "start": None,
            "schema": None,
        }
    ]


def test_several_datasets(run: Run, tuned: list[dict[str, Any]]) -> None:
    datasets = ("--dataset", "sroie", "--data-root", "d", "--dataset", "drawn_receipts")
    few = ("--documents", "500", "--documents", "20", "--limit", "30", "--think")
    assert run("tune", *datasets, *few, "--out", "o", "--name", "n").exit_code == 0
    assert tuned[0]["data_roots"] == [Path("d"), None]
    assert (tuned[0]["documents"], tuned[0]["limit"]) == ([500, 20], 30)
    assert tuned[0]["think"]


@pytest.mark.parametrize(
    "options", [("--data-root", "a", "--data-root", "b"), ("--documents", "1", "--documents", "2")]
)
def test_more_folders_or_numbers_than_datasets(
    run: Run, tuned: list[dict[str, Any]], options: tuple[str, ...]
) -> None:
    result = run("tune", "--dataset", "sroie", *options, "--out", "o", "--name", "n")
    assert result.exit_code == 2
    assert "give at most one folder for each dataset" in result.stderr
    assert tuned == []


def test_an_error_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: Any) -> None:
        raise DatasetError("sroie is not here")

    monkeypatch.setattr(load_evaluation("tuning"), "tune_model", fail)
    result = run("tune", "--dataset", "sroie", "--out", "o", "--name", "n")
    assert result.exit_code == 1
    assert result.stderr.strip() == "error: sroie is not here"

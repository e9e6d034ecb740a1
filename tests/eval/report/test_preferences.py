"""The win rate and its interval, and the file of preferences."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.report.data import RunFolderError
from eval.report.preferences import append_preference, read_preferences, win_rate

CHOICES = st.lists(st.sampled_from(["first", "second", "tie"]), max_size=60)


def rate(*choices: str) -> tuple[float, float, float, int]:
    return tuple(win_rate({"choice": c} for c in choices))  # type: ignore[return-value]


def test_known_values() -> None:
    # Wilson's interval for 8 of 10, as in Brown, Cai and DasGupta, 2001.
    found = win_rate([{"choice": "first"}] * 8 + [{"choice": "second"}] * 2)
    assert found.rate == 0.8
    assert found.low == pytest.approx(0.4901625, abs=1e-6)
    assert found.high == pytest.approx(0.9433178, abs=1e-6)


def test_edges() -> None:
    assert rate() == (0.5, 0.0, 1.0, 0)
    assert rate("tie")[0] == 0.5
    assert rate("first", "tie")[0] == 0.75
    assert rate("first")[2] == 1.0
    assert rate("second")[1] == 0.0


@given(CHOICES)
def test_the_interval_holds_the_rate_and_sides_are_alike(choices: list[str]) -> None:
    found = win_rate({"choice": c} for c in choices)
    swap = {"first": "second", "second": "first", "tie": "tie"}
    other = win_rate({"choice": swap[c]} for c in choices)

    assert 0 <= found.low <= found.rate <= found.high <= 1
    assert found.rate + other.rate == pytest.approx(1)
    assert found.low + other.high == pytest.approx(1)


def test_a_line_that_was_cut_off_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "preferences.jsonl"
    assert read_preferences(path) == []
    append_preference(path, {"choice": "first", "document": ["é"]})
    with path.open("a") as file:
        file.write('{"choice": "ti')

    assert len(read_preferences(path)) == 1
    append_preference(path, {"choice": "tie"})
    assert [p["choice"] for p in read_preferences(path)] == ["first", "tie"]


@pytest.mark.parametrize("line", ["nonsense", "[1]", '{"choice": "both"}'])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "preferences.jsonl"
    path.write_text('{"choice": "tie"}\n' + line + "\n")

    with pytest.raises(RunFolderError, match="line 2"):
        read_preferences(path)

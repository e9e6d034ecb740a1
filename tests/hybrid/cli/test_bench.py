"""`hybrid bench`: small sizes, since only what it says is looked at here."""

import json
import math
from collections.abc import Callable

import pytest
from typer.testing import Result

from hybrid.resources import load_evaluation

Run = Callable[..., Result]


@pytest.mark.parametrize("command", ["bench", "bench graph", "bench gcn"])
def test_help(run: Run, plain: Callable[[str], str], command: str) -> None:
    result = run(*command.split(), "--help")
    assert result.exit_code == 0
    assert "Usage:" in plain(result.output)


def test_graph_as_json(run: Run) -> None:
    result = run("bench", "graph", "--boxes", "20,40", "--seed", "3", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert list(found) == ["rows", "exponent"]
    assert [r["boxes"] for r in found["rows"]] == [20, 40]
    for row in found["rows"]:
        names = ["boxes", "oracle_seconds", "seconds", "ratio", "edges", "peak_mb"]
        assert list(row) == names
        assert row["ratio"] == pytest.approx(row["oracle_seconds"] / row["seconds"], rel=0.01)
        assert row["edges"] > row["boxes"]
        assert 0 <= row["peak_mb"] < 200
    assert found["exponent"] is None
    assert "40 boxes" in result.stderr


def test_graph_as_a_table_with_dashes_where_the_oracle_takes_too_long(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    measuring = load_evaluation("benchmarks.graph")
    asked = []

    def in_process(module: str, function: str, boxes: int, seed: int, oracle: bool) -> object:
        asked.append((boxes, oracle))
        oracle_seconds = 1e-4 * boxes**2 if oracle else None
        ratio = 50.0 if oracle else None
        return {
            "boxes": boxes,
            "oracle_seconds": oracle_seconds,
            "seconds": 2e-6 * boxes**2,
            "ratio": ratio,
            "edges": 4 * boxes,
            "peak_mb": 1.0,
        }

    monkeypatch.setattr(measuring, "in_process", in_process)
    result = run("bench", "graph", "--boxes", "400,800,1600")
    assert result.exit_code == 0, result.output
    assert asked == [(400, True), (800, False), (1600, False)]
    assert "16.000" in result.stdout
    assert "–" in result.stdout
    assert "power of 2.00" in result.stdout


@pytest.mark.parametrize("boxes", ["", "0", "a", "100,", "-3"])
def test_sizes_that_are_none(run: Run, boxes: str) -> None:
    result = run("bench", "graph", f"--boxes={boxes}")
    assert result.exit_code == 2
    assert "--boxes 100,400" in result.stderr


def test_a_failing_process_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    processes = load_evaluation("benchmarks.processes")
    monkeypatch.setattr(processes.sys, "executable", "/bin/false")
    result = run("bench", "graph", "--boxes", "3")
    assert result.exit_code == 1
    assert "exit code 1" in result.stderr
    assert "Traceback" not in result.output


def test_the_exponent_is_that_of_the_power_law() -> None:
    exponent_of = load_evaluation("benchmarks.graph").exponent_of
    points = [(n, 3e-9 * n**1.5) for n in (400, 800, 3200)]
    assert math.isclose(exponent_of(points), 1.5, abs_tol=1e-3)
    assert exponent_of(points[:1]) is None


TINY = {
    "hidden_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
    "coordinate_size": 4,
    "shape_size": 4,
    "input_size": 32,
    "max_position_embeddings": 40,
}


@pytest.mark.slow
def test_gcn_beside_a_tiny_layoutlm(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_evaluation("benchmarks.gcn"), "LAYOUTLM", TINY)
    result = run("bench", "gcn", "--pages", "2", "--threads", "1", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    names = ["rows", "speed_ratio", "memory_ratio", "threads", "dataset", "split"]
    assert list(found) == names
    ours, other = found["rows"]
    assert ours["system"] == "hybrid GCN"
    assert ours["pages"] == other["pages"] == 2
    # Windows of 36 pieces: each segment is labelled once, in whichever it begins.
    assert ours["segments"] == other["segments"] > 40
    assert ours["parameters"] > 20
    assert 0 < other["parameters"] < 3
    for row in (ours, other):
        assert 0 < row["cpu_seconds"] < 2 * row["seconds"] + 0.1
        assert row["pages_per_second"] == pytest.approx(2 / row["seconds"], rel=0.01)
    ratio = ours["pages_per_second"] / other["pages_per_second"]
    assert found["speed_ratio"] == pytest.approx(ratio, abs=0.01)


def test_gcn_as_a_table(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring = load_evaluation("benchmarks.gcn")
    seconds = {"run_gcn": 0.5, "run_layoutlm": 10.0}

    def in_process(module: str, function: str, **arguments: object) -> object:
        assert arguments["threads"] == 2
        pages = {"dataset": "funsd", "data_root": "data", "split": "train", "count": 5}
        assert arguments["pages"] == pages
        return {
            "system": function,
            "pages": 5,
            "segments": 200,
            "seconds": seconds[function],
            "pages_per_second": 5 / seconds[function],
            "p50_seconds": 0.1,
            "cpu_seconds": 2 * seconds[function],
            "peak_mb": 100.0 * seconds[function],
            "parameters": 1.0,
        }

    monkeypatch.setattr(measuring, "in_process", in_process)
    options = ["--dataset", "funsd", "--data-root", "data", "--split", "train"]
    result = run("bench", "gcn", *options, "--pages", "5", "--threads", "2")
    assert result.exit_code == 0, result.output
    assert "20.0 times the pages a second in 0.05 of the memory" in result.stdout
    assert "LayoutLMv3-base" in result.stderr


def test_gcn_without_pages_is_one_line(run: Run) -> None:
    result = run("bench", "gcn", "--dataset", "nothing")
    assert result.exit_code == 1
    assert "error: unknown dataset 'nothing'" in result.stderr
    assert "Traceback" not in result.output

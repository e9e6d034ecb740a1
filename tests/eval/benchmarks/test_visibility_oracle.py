"""Our edges are those of brute force, edge for edge; 10,000 pages: see the module's command."""

import sys

import numpy as np
import pytest

from eval.benchmarks import visibility_oracle
from eval.benchmarks.pages import KINDS
from eval.benchmarks.visibility_oracle import oracle_pairs, random_pages
from hybrid.graph import visible_pairs


def test_random_pages_of_all_kinds_agree_edge_for_edge() -> None:
    kinds = set()
    for kind, boxes in random_pages(360, seed=5):
        expected = oracle_pairs(boxes)
        assert expected is not None
        assert visible_pairs(boxes).tolist() == expected.tolist(), (kind, boxes.tolist())
        kinds.add(kind)
    assert kinds == set(KINDS)


@pytest.mark.parametrize("kind", ["text", "sparse"])
def test_larger_pages_agree_edge_for_edge(kind: str) -> None:
    boxes = KINDS[kind](150, np.random.default_rng(2))
    expected = oracle_pairs(boxes)
    assert expected is not None
    assert visible_pairs(boxes).tolist() == expected.tolist()


def test_the_oracle_knows_the_rules() -> None:
    ends = [[0, 4, 2, 6], [10, 4, 12, 6]]
    for third, free in (
        ([4, 4, 6, 6], False),
        ([4, 6, 6, 8], True),
        ([4, 5, 6, 5], True),
        ([-2, 4, 6, 6], True),
        ([1, 4, 6, 9], False),
    ):
        pairs = oracle_pairs(np.array([*ends, third], dtype=float))
        assert pairs is not None
        assert ([0, 1] in pairs.tolist()) is free
    assert oracle_pairs(np.array([ends[0]] * 3, dtype=float)).tolist() == [[0, 1], [0, 2], [1, 2]]  # type: ignore[union-attr]


def test_the_oracle_stops_at_its_deadline() -> None:
    assert oracle_pairs(np.zeros((3, 4)), deadline=0.0) is None


def test_the_command_says_how_many_pages_differ(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["visibility_oracle", "--pages", "9"])
    with pytest.raises(SystemExit) as stop:
        visibility_oracle.main()
    assert stop.value.code == 0
    assert "0 pages differ" in capsys.readouterr().out
    monkeypatch.setattr(visibility_oracle, "visible_pairs", lambda boxes: np.zeros((0, 2), int))
    with pytest.raises(SystemExit) as stop:
        visibility_oracle.main()
    assert stop.value.code == 1
    assert "differs" in capsys.readouterr().out

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]

from eval.metrics.assignment import best_pairs


@pytest.mark.parametrize("seed", range(60))
def test_equals_scipy(seed: int) -> None:
    random = np.random.default_rng(seed)
    shape = random.integers(1, 8, 2)
    matrix = random.random(shape) if seed % 2 else random.integers(0, 3, shape) / 2
    pairs = best_pairs(matrix)
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    assert sum(matrix[p] for p in pairs) == pytest.approx(matrix[rows, columns].sum())
    assert len(pairs) == min(shape)
    assert pairs == sorted(pairs)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)


def test_edge_cases() -> None:
    assert best_pairs([]) == []
    assert best_pairs([[], []]) == []
    assert best_pairs([[0.0]]) == [(0, 0)]
    assert best_pairs([[0.1], [0.9]]) == [(1, 0)]
    assert best_pairs([[0.1, 0.9]]) == [(0, 1)]

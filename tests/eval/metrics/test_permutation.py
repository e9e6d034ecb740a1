from itertools import product

import numpy as np
import pytest

from eval.metrics import permutation
from eval.metrics.f1 import Floats, f1, ratio
from eval.metrics.permutation import compare


def of_f1(sums: Floats) -> Floats:
    return f1(*np.moveaxis(sums, -1, 0))


def rate(sums: Floats) -> Floats:
    return ratio(sums[..., 0], sums[..., 1])


def random_counts(seed: int, documents: int, skill: float) -> Floats:
    random = np.random.default_rng(seed)
    hits = random.binomial(5, skill, documents)
    return np.stack([hits, np.full(documents, 5), np.full(documents, 5)], axis=1).astype(float)


def test_equal_systems() -> None:
    counts = random_counts(0, 20, 0.5)
    result = compare(counts, counts, of_f1)
    assert result is not None
    assert (result.difference, result.low, result.high, result.p) == (0, 0, 0, 1)


def test_unlike_systems() -> None:
    a, b = random_counts(1, 60, 0.8), random_counts(2, 60, 0.5)
    result = compare(a, b, of_f1)
    back = compare(b, a, of_f1)
    assert result is not None
    assert back is not None
    assert result.difference == pytest.approx(of_f1(a.sum(axis=0)) - of_f1(b.sum(axis=0)))
    assert 0 < result.low < result.difference < result.high
    assert result.p == 1 / 2001
    assert (back.difference, back.low, back.high) == (-result.difference, -result.high, -result.low)
    assert back.p == result.p


@pytest.mark.parametrize("metric", [of_f1, rate])
def test_p_is_that_of_all_swaps(metric: permutation.Metric) -> None:
    a, b = random_counts(3, 8, 0.6), random_counts(4, 8, 0.45)
    seen = abs(metric(a.sum(axis=0)) - metric(b.sum(axis=0)))
    extreme = []
    for swaps in product([False, True], repeat=8):
        swap = np.array(swaps)[:, None]
        first, second = np.where(swap, b, a).sum(axis=0), np.where(swap, a, b).sum(axis=0)
        extreme.append(abs(metric(first) - metric(second)) >= seen - 1e-9)
    result = compare(a, b, metric, permutations=20000)
    assert result is not None
    assert result.p == pytest.approx(np.mean(extreme), abs=0.015)


def test_p_is_uniform_where_nothing_differs() -> None:
    found = [
        compare(
            random_counts(s, 30, 0.5), random_counts(s + 1000, 30, 0.5), of_f1, permutations=200
        )
        for s in range(150)
    ]
    small = np.mean([c.p < 0.1 for c in found if c is not None])
    assert 0.03 < small < 0.19


def test_blocks_and_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    a, b = random_counts(5, 10, 0.6), random_counts(6, 10, 0.5)
    first, again = compare(a, b, of_f1), compare(a, b, of_f1)
    assert first == again
    other = compare(a, b, of_f1, seed=1)
    assert first is not None
    assert other is not None
    assert (first.low, first.high) != (other.low, other.high)
    assert first.p != other.p
    monkeypatch.setattr(permutation, "_CELLS_AT_ONCE", 30)
    in_blocks = compare(a, b, of_f1)
    assert in_blocks is not None
    assert in_blocks.p == pytest.approx(first.p, abs=0.05)
    # 2000 is no multiple of 3, and no permutation is made beyond it.
    equal = compare(a, a, of_f1)
    assert equal is not None
    assert equal.p == 1
    # With two permutations in blocks of one, p is one of 1/3, 2/3, 1.
    monkeypatch.setattr(permutation, "_CELLS_AT_ONCE", 1)
    few = compare(a, a, of_f1, permutations=2)
    assert few is not None
    assert few.p == 1


def test_what_is_not_defined() -> None:
    some, none = np.array([[1.0, 2.0], [0.0, 1.0]]), np.zeros((2, 2))
    assert compare(some, none, rate) is None
    assert compare(none, some, rate) is None
    assert compare(np.empty((0, 3)), np.empty((0, 3)), of_f1) is None
    with pytest.raises(ValueError, match="different shapes"):
        compare(some, some[:1], rate)


def test_swaps_that_are_not_defined_count_as_extreme() -> None:
    # Each system gave values in one document; after half of the swaps one of them has none.
    a, b = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([[0.0, 0.0], [0.0, 2.0]])
    result = compare(a, b, rate)
    assert result is not None
    assert (result.difference, result.p) == (1, 1)

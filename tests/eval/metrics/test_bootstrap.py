import numpy as np
import pytest

from eval.metrics import bootstrap
from eval.metrics.bootstrap import interval, resampled_sums, weights
from eval.metrics.f1 import f1, ratio


def test_weights_draw_as_many_documents_as_there_are() -> None:
    drawn = np.concatenate(list(weights(7, 50, seed=3)))
    assert drawn.shape == (50, 7)
    assert (drawn.sum(axis=1) == 7).all()
    assert len(np.unique(drawn, axis=0)) > 40
    assert drawn.mean() == 1
    assert 0.7 < drawn.mean(axis=0).min() < drawn.mean(axis=0).max() < 1.3
    assert list(weights(0)) == []
    assert sum(len(block) for block in weights(3)) == bootstrap.RESAMPLES == 1000


def test_weights_do_not_depend_on_anything_else() -> None:
    first, again = (np.concatenate(list(weights(5, 9, 1))) for _ in range(2))
    assert (first == again).all()
    assert (first != np.concatenate(list(weights(5, 9, 2)))).any()


def test_blocks_are_of_bounded_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "_CELLS_AT_ONCE", 40)
    blocks = list(weights(10, 9))
    assert [len(block) for block in blocks] == [4, 4, 1]
    assert all((block.sum(axis=1) == 10).all() for block in blocks)
    assert [len(block) for block in weights(100, 2)] == [1, 1]


def test_sums_are_of_the_drawn_documents() -> None:
    counts = np.arange(12).reshape(4, 3)
    expected = [w @ counts for block in weights(4, 6, 2) for w in block]
    assert resampled_sums(counts, resamples=6, seed=2).tolist() == np.array(expected).tolist()
    assert resampled_sums(np.empty((0, 3))).shape == (0, 3)


def test_interval_is_the_percentiles() -> None:
    assert interval(np.arange(1001)) == pytest.approx((25, 975))
    assert interval([np.nan, 1.0, np.nan]) == (1.0, 1.0)
    assert interval([np.nan]) is None
    assert interval([]) is None
    assert interval(np.arange(101), level=0.8) == pytest.approx((10, 90))


def test_interval_of_a_mean_is_that_of_theory() -> None:
    values = np.random.default_rng(0).normal(size=400)
    spread = interval(resampled_sums(values[:, None]) / len(values))
    assert spread is not None
    error = 1.96 * values.std() / len(values) ** 0.5
    assert spread[0] == pytest.approx(values.mean() - error, abs=0.01)
    assert spread[1] == pytest.approx(values.mean() + error, abs=0.01)


def test_intervals_of_perfect_and_of_few() -> None:
    perfect = resampled_sums([[3, 3, 3]] * 5)
    assert interval(f1(*perfect.T)) == (1.0, 1.0)
    rare = resampled_sums([[0, 0], [0, 0], [1, 2]])
    assert interval(ratio(*rare.T)) == (0.5, 0.5)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from eval.metrics.f1 import f1, macro_f1, precision, ratio, recall

LABELS = [1, 2, 3, 4]


def counts(predicted: list[int], gold: list[int], label: int) -> tuple[int, int, int]:
    hits = sum(p == g == label for p, g in zip(predicted, gold, strict=True))
    return hits, predicted.count(label), gold.count(label)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_equals_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    predicted, gold = [p for p, _ in pairs], [g for _, g in pairs]
    by_label = np.array([counts(predicted, gold, label) for label in LABELS]).T
    used = [k for k in LABELS if k in predicted or k in gold]
    if not used:
        assert np.isnan(f1(*by_label.sum(axis=1)))
        assert np.isnan(macro_f1(*by_label))
        return
    options = {"labels": used, "average": "micro", "zero_division": 0}
    total = by_label.sum(axis=1)
    assert f1(*total) == pytest.approx(f1_score(gold, predicted, **options))
    assert precision(*total) == pytest.approx(precision_score(gold, predicted, **options))
    assert recall(*total) == pytest.approx(recall_score(gold, predicted, **options))
    options["average"] = "macro"
    assert macro_f1(*by_label) == pytest.approx(f1_score(gold, predicted, **options))


def all_three(*counts: int) -> list[float]:
    return [float(metric(*counts)) for metric in (precision, recall, f1)]


def test_edge_cases() -> None:
    assert all_three(0, 0, 5) == [0, 0, 0]
    assert all_three(0, 5, 0) == [0, 0, 0]
    assert np.isnan(all_three(0, 0, 0)).all()
    assert all_three(3, 3, 3) == [1, 1, 1]
    assert all_three(1, 2, 4) == pytest.approx([0.5, 0.25, 1 / 3])
    assert np.isnan(ratio(0, 0))
    assert np.isnan(ratio(3, 0))


def test_arrays() -> None:
    scores = macro_f1([[1, 0], [0, 0]], [[1, 0], [1, 0]], [[1, 1], [1, 0]])
    assert scores.tolist() == [0.5, 0.0]


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_wrong_prediction_raises_nothing(hits: int, wrong: int, missed: int) -> None:
    before, after = (hits, hits + wrong, hits + missed), (hits, hits + wrong + 1, hits + missed)
    for metric in (f1, precision, recall):
        assert np.nan_to_num(metric(*after)) <= np.nan_to_num(metric(*before))

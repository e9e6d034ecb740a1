import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from eval.metrics.bootstrap import interval, weights
from eval.metrics.calibration import (
    AREA_RESAMPLES,
    area_interval,
    area_under_risk_coverage,
    bin_of,
    binned,
    expected_calibration_error,
    known,
    reliability_curve,
    risk_coverage_curve,
)

VALUES = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def error_of(confidence: list[float], correct: list[bool]) -> float:
    counts, confidences, hits = binned(confidence, correct)
    return float(expected_calibration_error(hits - confidences, counts.sum()))


@given(VALUES)
def test_error_is_that_of_the_definition(values: list[tuple[float, bool]]) -> None:
    total = 0.0
    for k in range(15):
        inside = [(c, r) for c, r in values if k / 15 < c <= (k + 1) / 15 or (k == 0 and c == 0)]
        total += abs(sum(r for _, r in inside) - sum(c for c, _ in inside))
    result = error_of([c for c, _ in values], [r for _, r in values])
    assert result == pytest.approx(total / len(values), abs=1e-6) or any(
        abs(c * 15 - round(c * 15)) < 1e-9 for c, _ in values
    )


def test_error_of_known_cases() -> None:
    assert error_of([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0)
    assert error_of([1.0] * 4, [False] * 4) == 1
    assert error_of([0.8, 0.8, 0.2, 0.2], [True, False, False, False]) == pytest.approx(0.25)
    assert np.isnan(expected_calibration_error(np.zeros(15), 0))
    assert expected_calibration_error([[1, -1], [2, 0]], [4, 4]).tolist() == [0.5, 0.5]


def test_bins_are_closed_above() -> None:
    assert bin_of([0, 0.01, 1 / 15, 0.0667, 0.5, 1]).tolist() == [0, 0, 0, 1, 7, 14]
    # Rounding may carry a confidence a little beyond the ends.
    assert bin_of([-1e-9, 1 + 1e-9]).tolist() == [0, 14]


def test_curve_equals_scikit_learn() -> None:
    random = np.random.default_rng(0)
    confidence = random.random(500)
    correct = random.random(500) < confidence
    accuracy, mean = calibration_curve(correct, confidence, n_bins=15)
    points = reliability_curve(confidence, correct)
    assert [p.accuracy for p in points] == pytest.approx(accuracy.tolist())
    assert [p.confidence for p in points] == pytest.approx(mean.tolist())
    assert sum(p.count for p in points) == 500
    assert (points[3].low, points[3].high) == (3 / 15, 4 / 15)


def test_empty_bins_and_missing_confidences() -> None:
    points = reliability_curve([0.99, np.nan, 0.99], [True, True, False])
    assert [p.count for p in points] == [0] * 14 + [2]
    assert (points[0].confidence, points[0].accuracy) == (None, None)
    assert points[14].confidence == pytest.approx(0.99)
    assert points[14].accuracy == 0.5
    assert [p.count for p in reliability_curve([0.1], [True])] == [0, 1] + [0] * 13
    values, right, without = known([0.5, np.nan, np.nan], [True, False, True])
    assert (values.tolist(), right.tolist(), without) == ([0.5], [True], 2)


def test_risk_at_each_coverage() -> None:
    coverage, risk = risk_coverage_curve([0.9, 0.8, 0.8, 0.1, np.nan], [1, 1, 0, 0, 0])
    assert coverage.tolist() == [0.25, 0.75, 1.0]
    assert risk.tolist() == [0, pytest.approx(1 / 3), 0.5]
    assert area_under_risk_coverage([0.9, 0.8, 0.8, 0.1], [1, 1, 0, 0]) == pytest.approx(
        0.25 * 0 + 0.5 / 3 + 0.25 * 0.5
    )


def test_area_of_known_cases() -> None:
    assert area_under_risk_coverage([0.5, 0.7], [True, True]) == 0
    assert area_under_risk_coverage([0.5, 0.7], [False, False]) == 1
    assert area_under_risk_coverage([0.5] * 4, [True, False, True, True]) == 0.25
    assert area_under_risk_coverage([], []) is None
    assert area_under_risk_coverage([np.nan], [True]) is None
    assert risk_coverage_curve([], [])[0].size == 0


@given(VALUES)
def test_area_is_the_mean_risk(values: list[tuple[float, bool]]) -> None:
    risks = []
    for c, _ in values:
        accepted = [r for d, r in values if d >= c]
        risks.append(1 - sum(accepted) / len(accepted))
    area = area_under_risk_coverage([c for c, _ in values], [r for _, r in values])
    assert area == pytest.approx(np.mean(risks))


def test_interval_of_the_area() -> None:
    random = np.random.default_rng(1)
    confidence, correct = random.integers(0, 9, 60) / 9, random.random(60) < 0.6
    confidence[5] = np.nan
    confidence[10] = 1.0  # the surest value is missing where its document is not drawn
    document = np.arange(60) % 8
    areas = [
        area_under_risk_coverage(
            np.repeat(confidence, drawn[document]), np.repeat(correct, drawn[document])
        )
        for block in weights(8, AREA_RESAMPLES, 4)
        for drawn in block
    ]
    expected = interval(np.array(areas))
    assert area_interval(confidence, correct, document, 4) == pytest.approx(expected)
    assert area_interval([np.nan], [True], [0]) is None
    assert area_interval([], [], []) is None

from __future__ import annotations

import pytest
import torch

from hybrid.gcn.scores import expected_calibration_error, label_scores


def test_scores_by_hand() -> None:
    gold = ["total", "other", "date", "total", "other", ""]
    predicted = ["total", "total", "other", "date", "other", "date"]
    scores = label_scores(gold, predicted)
    assert scores["total"].model_dump() == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "n": 2}
    assert scores["date"].f1 == 0
    assert scores["micro"].f1 == pytest.approx(2 * (1 / 3) * (1 / 3) / (2 / 3))
    assert scores["micro"].n == 3
    assert "other" not in scores


def test_trivial_predictors_score_zero() -> None:
    gold = ["other"] * 97 + ["total", "date", "company"]
    assert label_scores(gold, ["other"] * 100)["micro"].f1 == 0
    assert label_scores(gold, ["total"] * 100)["micro"].f1 < 0.03
    assert label_scores([], [])["micro"].f1 == 0


def test_calibration_error() -> None:
    assert expected_calibration_error(torch.zeros(0), torch.zeros(0, dtype=torch.bool)) == 0
    sure = torch.ones(10)
    right = torch.arange(10) < 7
    assert expected_calibration_error(sure, right) == pytest.approx(0.3)
    assert expected_calibration_error(torch.full((10,), 0.7), right) == pytest.approx(0, abs=1e-6)

import math
import random

import pytest

from eval.metrics.f1 import f1
from eval.metrics.legacy import legacy_cell_accuracy


def test_saying_nothing_scores_nearly_all() -> None:
    gold = [random.Random(0).randrange(30) for _ in range(500)]
    nothing = [None] * len(gold)
    assert legacy_cell_accuracy(nothing, gold, 30) == pytest.approx(1 - 1 / 30)
    assert round(legacy_cell_accuracy(nothing, gold, 30), 3) == 0.967
    assert legacy_cell_accuracy([None] * 3, [0, 1, 2], 4) == 0.75
    assert f1(0, 0, len(gold)) == 0


def test_other_cases() -> None:
    assert legacy_cell_accuracy([0, 1, 2], [0, 1, 2], 3) == 1
    assert legacy_cell_accuracy([1, 2, 0], [0, 1, 2], 3) == pytest.approx(1 - 2 / 3)
    assert legacy_cell_accuracy([0, None], [0, 1], 4) == 1 - 1 / 8
    assert math.isnan(legacy_cell_accuracy([], [], 30))

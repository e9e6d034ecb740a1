from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from eval.calibration.confidence import (
    KEEPING_DECISIONS,
    choose_confidence,
    fit_isotonic,
    fit_logistic,
    log_loss,
)
from eval.calibration.evidence import Evidence, Value
from hybrid.verify.fuse import default_fusion, score

Simulate = Callable[..., list[Evidence]]
PLAIN = default_fusion()


@pytest.fixture(scope="module")
def values(simulate: Simulate) -> list[list[Value]]:
    """Of calibrated scores."""
    return [d.values(d.judged(PLAIN)) for d in simulate(600, skill=0.0)]


def overconfident(values: list[list[Value]], seed: int = 0) -> list[list[Value]]:
    """Values that are right half as often as their scores say."""
    rng = random.Random(seed)
    return [[replace(v, right=v.right and rng.random() < 0.5) for v in d] for d in values]


def folds(values: list[list[Value]]) -> list[list[list[Value]]]:
    return [values[k::5] for k in range(5)]


def test_the_loss_is_of_the_score_that_decides(values: list[list[Value]]) -> None:
    for (value,) in values[:20]:
        judgement = value.judgement
        assert judgement.best is not None
        option = judgement.choice.options[judgement.best]
        found = score(option, judgement.beliefs[judgement.best], judgement.rule)
        right = replace(value, right=True)
        assert 2.718281828 ** -log_loss(PLAIN, right) == pytest.approx(found)


def test_what_is_calibrated_stays_nearly_as_it_is(values: list[list[Value]]) -> None:
    fusion, choice = choose_confidence(PLAIN, folds(values))
    assert set(choice.losses) == {"as it is", "logistic", "isotonic"}
    assert choice.losses[choice.name] == min(choice.losses.values())
    assert choice.losses["as it is"] - choice.losses[choice.name] < 0.01
    given = [v for d in values for v in d]
    mean = sum(fusion.confidence(v.score) for v in given) / len(given)
    assert mean == pytest.approx(sum(v.right for v in given) / len(given), abs=0.05)


def test_what_is_too_sure_is_put_right(values: list[list[Value]]) -> None:
    wrong = overconfident(values)
    share = sum(v.right for d in wrong for v in d) / sum(len(d) for d in wrong)
    fusion, choice = choose_confidence(PLAIN, folds(wrong), KEEPING_DECISIONS)
    assert choice.name == "isotonic"
    assert fusion.weights == PLAIN.weights
    shown = [fusion.confidence(v.score) for d in wrong for v in d]
    assert sum(shown) / len(shown) == pytest.approx(share, abs=0.01)
    assert choice.losses["isotonic"] < choice.losses["as it is"]
    logistic = fit_logistic(PLAIN, wrong)
    assert logistic.weights.intercept < -0.3


def test_what_the_documents_do_not_show_stays_as_it_was(values: list[list[Value]]) -> None:
    fitted = fit_logistic(PLAIN, overconfident(values)).weights
    assert (fitted.ocr, fitted.fuzzy) == (PLAIN.weights.ocr, PLAIN.weights.fuzzy)
    assert (fitted.accept, fitted.answer) == (PLAIN.weights.accept, PLAIN.weights.answer)
    assert fit_logistic(PLAIN, []) == PLAIN


def test_more_belief_is_never_a_lower_score(values: list[list[Value]]) -> None:
    upside_down = [[replace(v, right=v.score < 0.5) for v in d] for d in values]
    assert fit_logistic(PLAIN, upside_down).weights.pooled > 0


def test_the_function_increases(values: list[list[Value]]) -> None:
    for documents in (values, overconfident(values), values[:3], []):
        fusion = fit_isotonic(PLAIN, documents)
        shown = [fusion.confidence(k / 100) for k in range(101)]
        assert shown == sorted(shown)
        if documents:
            assert 0 < shown[0] <= shown[-1] < 1


def test_equal_scores_are_one_point(values: list[list[Value]]) -> None:
    ((value,), *_) = values
    documents = [[replace(value, right=k % 4 == 0)] for k in range(40)]
    (knot,) = fit_isotonic(PLAIN, documents).isotonic
    assert knot == pytest.approx((value.score, 10.25 / 41), abs=1e-6)

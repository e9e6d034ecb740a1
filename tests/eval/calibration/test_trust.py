from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from eval.calibration.evidence import Evidence
from eval.calibration.fit import folds_of
from eval.calibration.trust import Answered, answered, best_trust, trust_evidence
from hybrid.verify.ask import Vote

Simulate = Callable[..., list[Evidence]]


def test_a_good_llm_is_trusted_and_a_guessing_one_is_not(simulate: Simulate) -> None:
    good = trust_evidence(folds_of(simulate(200, skill=0.9)))
    assert good.helps
    assert min(good.trusts) >= 0.5
    assert good.right_pooled > good.right_alone + 0.05
    assert good.right_llm == pytest.approx(0.92, abs=0.05)
    guessing = trust_evidence(folds_of(simulate(200, skill=0.0)))
    assert not guessing.helps
    assert max(guessing.trusts) <= 0.2
    assert guessing.right_llm == pytest.approx(0.25, abs=0.1)


def test_guessing_rarely_looks_like_help(simulate: Simulate) -> None:
    """By one standard error, about one time in six at most; fitting finds trust 0 on top of that."""
    helped = [
        trust_evidence(folds_of(simulate(40, skill=0.0, seed=seed))).helps for seed in range(24)
    ]
    assert sum(helped) <= 24 / 6


def test_better_votes_get_more_trust(simulate: Simulate) -> None:
    trusts = [
        best_trust([q for d in simulate(150, skill=skill) for q in answered(d)])
        for skill in (0.0, 0.3, 0.9)
    ]
    assert trusts[0] < trusts[1] < trusts[2]


def test_the_loss_is_that_of_the_right_options() -> None:
    question = Answered((0.5, 0.3, 0.2), (0.1, 0.8, 0.1), (1,))
    assert question.loss(0.0) == pytest.approx(-math.log(0.3))
    assert question.loss(1.0) < question.loss(0.0)
    assert (question.is_right(0.0), question.is_right(1.0)) == (False, True)
    either = Answered((0.5, 0.3, 0.2), (0.1, 0.8, 0.1), (0, 1))
    assert either.loss(0.0) == pytest.approx(-math.log(0.8))


def test_no_answers_are_no_evidence(simulate: Simulate) -> None:
    silent = [
        Evidence(d.dataset, d.sample, d.asked, d.proposal, {"total": Vote(None, "down")})
        for d in simulate(30, skill=0.9)
    ]
    nothing = trust_evidence(folds_of(silent))
    assert (nothing.questions, nothing.documents, nothing.helps) == (0, 0, False)
    assert best_trust([]) == 0.0


def test_one_document_proves_nothing(simulate: Simulate) -> None:
    asked, *others = simulate(10, skill=1.0)
    rest = [Evidence(d.dataset, d.sample, d.asked, d.proposal) for d in others]
    assert not trust_evidence(folds_of([asked, *rest])).helps


def test_what_no_option_holds_is_absent(simulate: Simulate) -> None:
    for document in simulate(50, skill=0.5, present=0.3):
        (question,) = answered(document)
        is_there = bool(document.gold)
        assert (question.right == (len(question.beliefs) - 1,)) == (not is_there)

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from eval.calibration.evidence import Evidence
from eval.calibration.fit import folds_of
from eval.calibration.trust import (
    GCN_WEIGHTS,
    TRUSTS,
    Answered,
    Weights,
    answered,
    best_weights,
    trust_evidence,
)
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
        best_weights([q for d in simulate(150, skill=skill) for q in answered(d)])[0].trust
        for skill in (0.0, 0.3, 0.9)
    ]
    assert trusts[0] < trusts[1] < trusts[2]


def test_the_loss_is_that_of_the_right_options() -> None:
    question = Answered((0.5, 0.3, 0.2), (0.1, 0.8, 0.1), (1,))
    alone, both = Weights(), Weights(trust=1.0)
    assert question.loss(alone) == pytest.approx(-math.log(0.3))
    assert question.loss(both) < question.loss(Weights(0.0, 0.5)) < question.loss(alone)
    assert (question.is_right(alone), question.is_right(both)) == (False, True)
    either = Answered((0.5, 0.3, 0.2), (0.1, 0.8, 0.1), (0, 1))
    assert either.loss(alone) == pytest.approx(-math.log(0.8))


def test_the_best_weights_are_those_of_the_least_loss(simulate: Simulate) -> None:
    questions = [q for d in simulate(30, skill=0.6) for q in answered(d)]
    questions.append(Answered((0.6, 0.4), (0.3, 0.7), (0, 1)))
    best, loss = best_weights(questions)
    losses = {
        Weights(trust, gcn): sum(q.loss(Weights(trust, gcn)) for q in questions)
        for trust in TRUSTS
        for gcn in GCN_WEIGHTS
    }
    assert loss == pytest.approx(min(losses.values()), abs=1e-6)
    assert losses[best] == pytest.approx(loss, abs=1e-6)


def test_a_gcn_that_is_surer_than_right_gets_less_weight() -> None:
    """It says .98, is right in three of four, and the LLM guesses."""
    even = (0.5, 0.5)
    sure = [Answered((0.98, 0.02), even, (0,))] * 3 + [Answered((0.98, 0.02), even, (1,))]
    assert best_weights(sure)[0] == Weights(0.0, min(GCN_WEIGHTS))
    honest = [Answered((0.75, 0.25), even, (0,))] * 3 + [Answered((0.75, 0.25), even, (1,))]
    assert best_weights(honest)[0] == Weights(0.0, 1.0)


def test_weighing_the_gcn_is_no_help_of_the_llm(simulate: Simulate) -> None:
    """What it saves is not counted as saved by votes."""
    documents = simulate(150, skill=0.0, sureness=3.0)
    evidence = trust_evidence(folds_of(documents))
    assert not evidence.helps
    assert max(evidence.gcn_weights) < 1


def test_no_answers_are_no_evidence(simulate: Simulate) -> None:
    silent = [
        Evidence(d.dataset, d.sample, d.asked, d.proposal, {"total": Vote(None, "down")})
        for d in simulate(30, skill=0.9)
    ]
    nothing = trust_evidence(folds_of(silent))
    assert (nothing.questions, nothing.documents, nothing.helps) == (0, 0, False)
    assert best_weights([]) == (Weights(), 0.0)


def test_one_document_proves_nothing(simulate: Simulate) -> None:
    asked, *others = simulate(10, skill=1.0)
    rest = [Evidence(d.dataset, d.sample, d.asked, d.proposal) for d in others]
    assert not trust_evidence(folds_of([asked, *rest])).helps


def test_what_no_option_holds_is_absent(simulate: Simulate) -> None:
    for document in simulate(50, skill=0.5, present=0.3):
        (question,) = answered(document)
        is_there = bool(document.gold)
        assert (question.right == (len(question.beliefs) - 1,)) == (not is_there)

"""A scorer is learned from what answers tell, and kept only where that is more than their majority."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from eval.calibration.evidence import Evidence
from eval.calibration.fit import folds_of
from eval.calibration.newton import minimised
from eval.calibration.scorer import (
    choose_scorer,
    cross_scored,
    drawn,
    fit_scorer,
    scored,
    scorer_evidence,
)
from eval.calibration.trust import Weights, answered, truth
from hybrid.verify.ask import Vote
from hybrid.verify.strategies import TrainedScorer
from hybrid.verify.strategies.sampling import Sample, majority

Simulate = Callable[..., list[Evidence]]
ANSWERS = 4


def answering(
    documents: list[Evidence], right: float, honest: float, seed: int = 0
) -> list[Evidence]:
    """The documents with answers of which some are right, and the votes of their majority.

    Args:
        documents: Simulated ones.
        right: Probability that an answer is the right one; else it is any.
        honest: Probability that its evidence says whether it is; else it says anything.
        seed: Of the random numbers.
    """
    rng = random.Random(seed)
    return [_answered(document, right, honest, rng) for document in documents]


def _answered(document: Evidence, right: float, honest: float, rng: random.Random) -> Evidence:
    question = document.questions["total"]
    count = len(question.options) + 1
    true = truth(document, question)[0]
    samples = []
    for _ in range(ANSWERS):
        answer = true if rng.random() < right else rng.randrange(count)
        shares = tuple(0.7 if k == answer else 0.3 / (count - 1) for k in range(count))
        grounding = float(answer == true if rng.random() < honest else rng.random() < 0.5)
        samples.append(Sample(shares, answer, grounding))
    vote = Vote(majority(samples))
    return replace(document, votes={"total": vote}, samples={"total": samples})


def test_evidence_that_tells_is_learned_and_kept(simulate: Simulate) -> None:
    documents = answering(simulate(200, skill=0.0), right=0.35, honest=1.0)
    scorer, record = choose_scorer(folds_of(documents))
    assert scorer is not None
    assert record["kept"]
    assert record["weights"] == scorer.model_dump()
    assert record["gain"] > record["error"] > 0
    assert (record["documents"], record["questions"]) == (200, 200)
    assert record["right_trained"] > record["right_majority"] + 0.03
    assert scorer.evidence > 1 > abs(scorer.none)


def test_where_answers_tell_nothing_the_majority_stays(simulate: Simulate) -> None:
    """By one standard error, about one time in six at most."""
    kept = 0
    for seed in range(12):
        documents = answering(simulate(60, skill=0.0, seed=seed), 0.0, 0.0, seed)
        kept += scorer_evidence(folds_of(documents)).helps
    assert kept <= 12 / 4


def test_a_fitted_vote_is_what_the_answers_add_to_the_gcn(simulate: Simulate) -> None:
    """The model's probabilities are calibrated, and its votes serve pooling better than counting."""
    documents = answering(simulate(400, skill=0.0), right=0.5, honest=0.0)
    fitted = fit_scorer(documents)
    fresh = answering(simulate(400, skill=0.0, seed=1), right=0.5, honest=0.0, seed=1)
    questions = [q for d in fresh for q in answered(scored(d, fitted))]
    plain = [q for d in fresh for q in answered(d)]
    trusted = Weights(trust=1.0)
    assert sum(q.loss(trusted) for q in questions) < sum(q.loss(trusted) for q in plain)
    assert sum(q.loss(trusted) for q in questions) < sum(q.loss(Weights()) for q in plain)
    weights = np.array(list(fitted.model_dump().values()))
    losses = {
        scale: -sum(
            np.log(question.chances(scale * weights)[list(question.right)].sum())
            for document in fresh
            for question in drawn(document)
        )
        for scale in (0.7, 1.0, 1.4)
    }
    assert min(losses, key=losses.__getitem__) == 1.0


def test_no_answers_are_no_weights(simulate: Simulate) -> None:
    silent = simulate(30, skill=0.9)
    assert fit_scorer(silent) == TrainedScorer()
    assert choose_scorer(folds_of(silent))[0] is None
    failed = [
        replace(d, votes={"total": Vote(None, "down")}, samples={"total": []}) for d in silent
    ]
    assert [drawn(document) for document in failed] == [[]] * 30
    assert scored(failed[0], TrainedScorer(answers=1.0)).votes["total"].shares is None
    assert scorer_evidence(folds_of(failed)).questions == 0


def test_documents_get_votes_of_scorers_that_have_not_seen_them(simulate: Simulate) -> None:
    documents = answering(simulate(50, skill=0.0), right=0.35, honest=1.0)
    folds = folds_of(documents)
    crossed = cross_scored(folds)
    assert {d.sample.id for d in crossed} == {d.sample.id for d in documents}
    without = fit_scorer([d for fold in folds[1:] for d in fold])
    expected = [scored(d, without).votes for d in folds[0]]
    assert [d.votes for d in crossed[: len(folds[0])]] == expected
    everything = fit_scorer(documents)
    assert [scored(d, everything).votes for d in folds[0]] != expected


def test_any_of_several_right_options_is_right(simulate: Simulate) -> None:
    documents = answering(simulate(100, skill=0.0), right=0.6, honest=1.0)
    (question,) = drawn(documents[0])
    both = replace(question, right=(0, 1))
    weights = np.array([1.0, 0.5, 0.0, 0.0, 0.0])
    chances = question.chances(weights)
    assert chances.sum() == pytest.approx(1)
    assert both.chances(weights).tolist() == chances.tolist()


def test_newton_finds_the_minimum_also_from_afar() -> None:
    target = np.array([3.0, -1.0])

    def loss(weights: np.ndarray) -> float:
        return float(np.logaddexp(0, (weights - target) ** 2).sum())

    def derivatives(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        away = weights - target
        chance = 1 / (1 + np.exp(-(away**2)))
        # Too small a matrix makes too long a step, which has to be halved.
        return 2 * away * chance, np.eye(2) * 0.1

    found = minimised(loss, derivatives, np.array([40.0, -40.0]))
    assert found == pytest.approx(target, abs=1e-3)

"""The guarantee on the rate of wrong values, and the errors where there can be none."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hybrid.errors import ModelError
from hybrid.verify.risk import (
    DELTA,
    HeldOut,
    documents_needed,
    levels_of,
    p_value,
    risk_threshold,
)

FIELDS = 4

Documents = tuple[tuple[tuple[float, bool], ...], ...]


def drawn(random: np.random.Generator, count: int, slope: float) -> Documents:
    """Documents whose values are wrong together: a bad page spoils all of its fields.

    The scores are too sure of themselves, and more so on bad pages.
    """
    quality = random.beta(4, 1, (count, 1))
    scores = random.uniform(0.2, 1, (count, FIELDS)) * (0.6 + 0.4 * quality)
    right = random.random((count, FIELDS)) < 1 - slope * (1 - scores * quality) ** 3
    given = random.random((count, FIELDS)) < 0.9
    return tuple(
        tuple((float(s), bool(r)) for s, r, g in zip(*row, strict=True) if g)
        for row in zip(scores, right, given, strict=True)
    )


def true_rate(documents: Documents, threshold: float) -> float:
    shares = []
    for document in documents:
        rights = [right for score, right in document if score >= threshold]
        if rights:
            shares.append(1 - sum(rights) / len(rights))
    return float(np.mean(shares))


@pytest.mark.parametrize(("slope", "risk", "count"), [(0.6, 0.1, 150), (0.4, 0.05, 250)])
def test_the_rate_is_kept_as_often_as_promised(slope: float, risk: float, count: int) -> None:
    """Many samples, on each of which a threshold is chosen: on how many is the true rate larger?"""
    random = np.random.default_rng(0)
    population = drawn(random, 20_000, slope)
    levels = levels_of([score for document in population[:300] for score, _ in document])
    rates = {level: true_rate(population, level) for level in levels}
    assert min(rates.values()) < risk < max(rates.values()), (
        "the task is neither trivial nor hopeless"
    )
    tries, found, broken = 400, 0, 0
    for _ in range(tries):
        held_out = HeldOut(levels=levels, documents=drawn(random, count, slope))
        try:
            chosen = risk_threshold(held_out, risk)
        except ModelError:
            continue
        found += 1
        broken += rates[chosen.score] > risk
    assert found > tries / 4, "a method that never finds a threshold keeps every promise"
    # Three standard errors of a share of so many tries.
    assert broken / tries <= DELTA + 3 * math.sqrt(DELTA * (1 - DELTA) / tries)


def test_where_every_threshold_is_just_too_risky_few_are_taken() -> None:
    """The hardest case: the true rate is a little above the wished one at all thresholds."""
    random, risk, tries = np.random.default_rng(1), 0.1, 1000
    taken = 0
    for _ in range(tries):
        scores, right = random.random((100, 2)), random.random(100) >= risk * 1.001
        documents = tuple(
            ((float(a), bool(r)), (float(b), bool(r)))
            for (a, b), r in zip(scores, right, strict=True)
        )
        try:
            risk_threshold(HeldOut(levels=(0.5, 0.3, 0.1, 0.0), documents=documents), risk)
            taken += 1
        except ModelError:
            continue
    assert 0 < taken / tries <= DELTA + 3 * math.sqrt(DELTA * (1 - DELTA) / tries)


def test_levels_let_more_and_more_through() -> None:
    levels = levels_of([k / 100 for k in range(1, 101)])
    assert (levels[0], levels[1], levels[-1], len(levels)) == (0.76, 0.71, 0.01, 16)
    assert levels_of([0.5, 0.5]) == (0.5,)
    assert levels_of([]) == ()


def perfect(count: int) -> Documents:
    return tuple(((0.9, True), (0.6, True)) for _ in range(count))


def test_how_many_documents_are_needed() -> None:
    for risk in (0.01, 0.05, 0.2):
        needed = documents_needed(risk)
        assert p_value([0.0] * needed, risk) <= DELTA < p_value([0.0] * (needed - 1), risk)
        # A binomial test, which knows nothing of numbers between 0 and 1, takes a fifth less.
        assert 1 < needed / (math.log(DELTA) / math.log(1 - risk)) < 1.3
        levels = (0.8, 0.5)
        chosen = risk_threshold(HeldOut(levels=levels, documents=perfect(needed)), risk)
        assert (chosen.score, chosen.rate, chosen.given) == (0.5, 0.0, 1.0)
        with pytest.raises(ModelError, match=f"it takes {needed}, even if") as error:
            risk_threshold(HeldOut(levels=levels, documents=perfect(needed - 1)), risk)
        assert f"with {needed - 1} held-out documents" in str(error.value)


def test_the_least_risk_that_is_named_can_be_shown() -> None:
    with pytest.raises(ModelError) as error:
        risk_threshold(HeldOut(levels=(0.5,), documents=perfect(50)), 0.01)
    least = float(str(error.value).rpartition(" ")[2])
    assert risk_threshold(HeldOut(levels=(0.5,), documents=perfect(50)), least).documents == 50
    with pytest.raises(ModelError):
        risk_threshold(HeldOut(levels=(0.5,), documents=perfect(50)), least - 0.002)


def test_documents_without_values_show_nothing() -> None:
    documents = (*perfect(40), *(((0.1, True),) for _ in range(200)))
    with pytest.raises(ModelError, match="given in 40 of 240"):
        risk_threshold(HeldOut(levels=(0.8, 0.5), documents=documents), 0.05)
    with pytest.raises(ModelError, match="given in 0 of 300"):
        risk_threshold(HeldOut(levels=(), documents=perfect(300)), 0.05)


def test_too_many_wrong_values_are_said() -> None:
    documents = tuple(((0.9, k % 2 == 0),) for k in range(200))
    with pytest.raises(ModelError, match=r"0\.500 of the values are wrong, in 200"):
        risk_threshold(HeldOut(levels=(0.8,), documents=documents), 0.05)


def test_the_last_threshold_before_the_first_failure_is_taken() -> None:
    wrong_below = tuple(((0.9, True), (0.6, k % 3 != 0), (0.3, True)) for k in range(200))
    chosen = risk_threshold(HeldOut(levels=(0.8, 0.5, 0.2), documents=wrong_below), 0.05)
    assert chosen.score == 0.8
    assert chosen.given == pytest.approx(1 / 3)


@pytest.mark.parametrize("risk", [0.0, 1.0, -0.1, 1.5])
def test_impossible_wishes(risk: float) -> None:
    with pytest.raises(ModelError, match="above 0 and below 1"):
        risk_threshold(HeldOut(levels=(0.5,), documents=perfect(500)), risk)


def test_p_values() -> None:
    assert p_value([], 0.1) == 1.0
    assert p_value([1.0] * 5, 0.1) == pytest.approx(1.0)
    assert p_value([0.1] * 50, 0.1) == pytest.approx(1.0)
    assert p_value([0.3] * 50, 0.1) == 1.0
    wrong = [p_value([1.0] * k + [0.0] * (100 - k), 0.1) for k in range(12)]
    assert wrong == sorted(wrong)
    assert wrong[0] < 0.001 < wrong[8]
    assert p_value([0.2] * 20 + [0.0] * 80, 0.1) < wrong[4], "many small faults show more than few"
    assert p_value([1.0, 0.0, 0.5], 0.3) == pytest.approx(p_value([0.5, 1.0, 0.0], 0.3))


def test_a_p_value_is_one() -> None:
    """Of means of numbers between 0 and 1 whose true mean is the wished risk."""
    random = np.random.default_rng(2)
    for sample in (
        random.random((2000, 60)) < 0.15,
        random.beta(0.3, 1.7, (2000, 60)),
        np.full((2000, 60), 0.15),
    ):
        p_values = np.array([p_value(row.astype(float).tolist(), 0.15) for row in sample])
        for level in (0.05, 0.1, 0.3):
            assert (p_values <= level).mean() <= level + 3 * math.sqrt(level / 2000)

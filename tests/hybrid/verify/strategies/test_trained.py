"""The trained scorer: what its weights make of several answers."""

from __future__ import annotations

import math

import pytest

from hybrid.document import Document
from hybrid.llm.scripted import ScriptedBackend
from hybrid.verify.ask import Question
from hybrid.verify.strategies import TrainedScorer, make_strategy
from hybrid.verify.strategies.sampling import Sample
from hybrid.verify.strategies.trained import FEATURES, features
from tests.hybrid.verify.strategies.test_critique import case_on
from tests.hybrid.verify.strategies.test_reflect import MARKS, drawing


@pytest.fixture
def question(receipt: Document) -> Question:
    """On a total: the GCN believes most in the first option."""
    return case_on(receipt, "total", MARKS).questions[0]


def answer(place: int, count: int, sure: float = 0.8, grounding: float = 0.5) -> Sample:
    """To a question of so many options and "none"."""
    rest = (1 - sure) / count
    shares = tuple(sure if k == place else rest for k in range(count + 1))
    return Sample(shares, place, grounding)


def test_what_is_seen_of_the_answers(question: Question) -> None:
    count = len(question.options)
    samples = [answer(0, count, grounding=1.0), *[answer(1, count)] * 2, answer(count, count)]
    rows = [dict(zip(FEATURES, row, strict=True)) for row in features(samples, question.options)]
    assert len(rows) == count + 1
    assert [row["answers"] for row in (*rows[:2], rows[-1])] == [0.25, 0.5, 0.25]
    assert [row["evidence"] for row in rows[:3]] == [0.25, 0.25, 0]
    assert [row["agreement"] for row in rows[:2]] == [0.25, 0], "the GCN's best is the first one"
    assert [row["none"] for row in rows] == [0] * count + [0.25]
    assert [row["likelihood"] for row in rows[:2]] == [
        pytest.approx(math.log((0.8 + 3 * 0.2 / count) / (2 * 0.8 + 2 * 0.2 / count))),
        0,
    ]
    assert sum(row["answers"] for row in rows) == 1


def test_no_probability_counts_as_less_than_a_twentieth(question: Question) -> None:
    count = len(question.options)
    place = FEATURES.index("likelihood")
    rows = features([answer(0, count, sure=1.0)], question.options)
    assert [row[place] for row in rows] == [0.0] + [math.log(0.05)] * count


def test_without_weights_answers_say_nothing(question: Question) -> None:
    count = len(question.options)
    shares = TrainedScorer().shares([answer(1, count)] * 3, question.options)
    assert shares == pytest.approx([1 / (count + 1)] * (count + 1))


@pytest.mark.parametrize(
    ("weights", "favourite"),
    [
        ({"answers": 3.0}, 1),
        ({"answers": -3.0}, 2),
        ({"evidence": 3.0}, 0),
        ({"answers": 3.0, "agreement": 9.0}, 0),
        ({"answers": 3.0, "none": 9.0}, -1),
    ],
)
def test_weights_decide(question: Question, weights: dict[str, float], favourite: int) -> None:
    count = len(question.options)
    samples = [answer(0, count, grounding=1.0), *[answer(1, count, grounding=0.0)] * 2]
    samples.append(answer(count, count, grounding=0.5))
    shares = TrainedScorer(**weights).shares(samples, question.options)
    assert sum(shares) == pytest.approx(1)
    best = max(range(len(shares)), key=shares.__getitem__)
    assert best == favourite % len(shares)


def test_huge_weights_are_no_problem(question: Question) -> None:
    samples = [answer(0, len(question.options))] * 2
    shares = TrainedScorer(answers=9e3, likelihood=9e3).shares(samples, question.options)
    assert shares[0] == pytest.approx(1)


def test_it_picks_in_a_strategy(receipt: Document) -> None:
    reply = drawing(
        ("20.00", "SUM 77.77", "20.00", -0.2),
        ("20.00", "SUM 88.88", "20.00", -0.2),
        ("12.20", "RM 12.20", "12.20", -0.2),
    )
    case = case_on(receipt, "total", MARKS)
    strategy = make_strategy("reflect", 3, "trained")
    assert strategy.name == "reflect,samples=3,scorer=trained"
    assert make_strategy("reflect", 3, "some/fusion.json").name == strategy.name
    voting = strategy.scored_by(TrainedScorer(evidence=5.0)).votes(  # type: ignore[attr-defined]
        case, lambda: (ScriptedBackend(reply), 4096)
    )
    (vote,), (samples,) = voting.votes, voting.samples
    assert [(sample.answer, sample.grounding) for sample in samples] == [
        (1, 0.0),
        (1, 0.0),
        (0, 1.0),
    ]
    assert vote.shares is not None
    assert max(vote.shares) == vote.shares[0] > 0.5

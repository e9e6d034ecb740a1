from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from eval.calibration.evidence import (
    Counts,
    Evidence,
    NotCollectedError,
    counts_by_document,
    counts_of,
    f1_gain,
)
from eval.calibration.fit import (
    best_thresholds,
    fit,
    folds_of,
    held_out_values,
    split,
)
from eval.datasets.base import GoldValue
from hybrid.verify.decide import decide_all
from hybrid.verify.fuse import Fusion, default_fusion
from hybrid.verify.resolve import choices_of

Simulate = Callable[..., list[Evidence]]


def test_a_good_llm_makes_it_better(simulate: Simulate) -> None:
    found = fit(simulate(150, skill=0.9))
    assert found.fusion.trust >= 0.5
    assert not found.fusion.lists, "nothing has shown that it puts lists together"
    assert found.f1_gain is not None
    gain, error = found.f1_gain
    assert gain > 0.05 > error > 0
    fresh = simulate(300, skill=0.9, seed=1)
    assert counts_of(fresh, found.fusion).f1 > counts_of(fresh, default_fusion()).f1 + 0.05
    assert f"{gain:+.4f} with them" in found.reason


@pytest.mark.parametrize("seed", range(6))
def test_a_guessing_llm_never_makes_it_worse(simulate: Simulate, seed: int) -> None:
    found = fit(simulate(80, skill=0.0, seed=seed))
    fresh = simulate(300, skill=0.0, seed=100 + seed)
    alone = counts_of(fresh, default_fusion()).f1
    assert counts_of(fresh, found.fusion).f1 >= alone - 0.01


def test_without_help_it_is_the_gcn(simulate: Simulate) -> None:
    found = fit(simulate(150, skill=0.0))
    assert found.fusion.trust == 0
    assert found.fusion.weights == default_fusion().weights
    assert "do not help" in found.reason
    for document in simulate(50, skill=0.0, seed=1):
        choices = choices_of(document.schema, document.proposal, default_fusion())
        alone = decide_all(document.schema, choices, default_fusion())
        same = decide_all(document.schema, choices, found.fusion)
        assert {p: x.value for p, x in same.items()} == {p: x.value for p, x in alone.items()}


def test_votes_that_help_and_do_not_raise_f1_are_not_asked_for(
    simulate: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = simulate(150, skill=0.9)
    same = [c for fold in folds_of(documents) for c in counts_by_document(fold, default_fusion())]
    fused = (default_fusion(1.0), None)
    monkeypatch.setattr("eval.calibration.fit._tried", lambda *_: (same, fused))
    found = fit(documents)
    assert found.fusion.trust == 0
    assert "+0.0000 with them, and the standard error is 0.0000" in found.reason
    monkeypatch.setattr("eval.calibration.fit._tried", lambda *_: None)
    assert fit(documents).fusion.trust == 0


def test_the_record_is_json(simulate: Simulate) -> None:
    import json

    record: dict[str, Any] = json.loads(json.dumps(fit(simulate(60, skill=0.9)).record()))
    assert {"reason", "trust", "confidence", "f1_gcn_only", "f1_gain", "f1_gain_error"} == set(
        record
    )
    assert record["trust"]["helps"] is True


def with_thresholds(fusion: Fusion, accept: float, answer: float) -> Fusion:
    changes = {"accept": accept, "answer": answer}
    weights = fusion.weights.model_copy(update=changes)
    return fusion.model_copy(update={"weights": weights})


def test_thresholds_are_the_best_of_all_pairs(simulate: Simulate) -> None:
    from eval.calibration.fit import ACCEPT, ANSWER

    documents = simulate(60, skill=0.6, present=0.5)
    fusion = default_fusion(0.6)
    best = best_thresholds(documents, fusion)
    assert best is not None
    every = [
        counts_of(documents, with_thresholds(fusion, accept, answer)).f1
        for accept in ACCEPT
        for answer in (*ANSWER, 0.35)
    ]
    assert counts_of(documents, best).f1 == pytest.approx(max(every))


def test_the_present_thresholds_are_kept_where_others_are_no_better(simulate: Simulate) -> None:
    sure = [d for d in simulate(400, skill=1.0) if d.values(d.judged(default_fusion()))[0].right]
    best = best_thresholds(sure, default_fusion(1.0))
    assert best is not None
    assert counts_of(sure, best).f1 >= counts_of(sure, default_fusion(1.0)).f1
    nothing = [replace(d, sample=d.sample.model_copy(update={"values": ()})) for d in sure[:5]]
    assert best_thresholds(nothing, default_fusion(1.0)) == default_fusion(1.0)


def test_what_was_not_asked_cannot_be_used(simulate: Simulate) -> None:
    unasked = [replace(d, votes={}) for d in simulate(30, skill=0.9)]
    with pytest.raises(NotCollectedError):
        counts_of(unasked, default_fusion(1.0))
    assert best_thresholds(unasked, default_fusion(1.0)) is None
    assert counts_of(unasked, default_fusion()).gold > 0
    assert fit(unasked).fusion.trust == 0


def test_the_standard_error_is_that_of_many_samples() -> None:
    import random
    import statistics

    def sample(seed: int) -> tuple[list[Counts], list[Counts]]:
        rng = random.Random(seed)
        pairs = []
        for _ in range(80):
            easy = rng.random()
            before = sum(rng.random() < easy for _ in range(4))
            pairs.append((before, min(before + (rng.random() < 0.1), 4)))
        return [Counts(a, 4, 4) for a, _ in pairs], [Counts(b, 4, 4) for _, b in pairs]

    found = [f1_gain(*sample(seed)) for seed in range(300)]
    spread = statistics.stdev(gain for gain, _ in found)
    assert statistics.mean(error for _, error in found) == pytest.approx(spread, rel=0.15)
    assert f1_gain([], []) == (0.0, 0.0)


def test_splits_do_not_depend_on_the_order(simulate: Simulate) -> None:
    documents = simulate(31, skill=0.5)
    fitted_on, held_out = split(documents)
    assert (len(fitted_on), len(held_out)) == (20, 11)
    assert not {d.sample.id for d in fitted_on} & {d.sample.id for d in held_out}
    again = split(documents[::-1])
    assert [d.sample.id for d in again[1]] == [d.sample.id for d in held_out]
    folds = folds_of(fitted_on)
    assert sorted(len(f) for f in folds) == [4, 4, 4, 4, 4]
    assert folds_of(fitted_on[::-1]) == folds


def test_values_given_are_those_from_the_threshold_on(simulate: Simulate) -> None:
    documents = simulate(40, skill=0.5)
    fusion = with_thresholds(default_fusion(), 0.85, 0.5)
    values = list(held_out_values(documents, fusion))
    assert len(values) == len(documents)
    given = [v for d in values for v in d]
    assert all(v.score >= 0.5 for v in given)
    assert counts_of(documents, fusion) == Counts(
        sum(v.right for v in given), len(given), sum(len(d.gold) for d in documents)
    )


def test_one_gold_value_is_claimed_once(simulate: Simulate) -> None:
    (document, *_) = (d for d in simulate(20, skill=0.5) if d.gold)
    judgements = document.judged(default_fusion())
    twice = document.values([*judgements, *judgements])
    rights = [v.right for v in twice]
    assert rights in ([True, False], [False, False])


def test_two_ways_of_writing_a_value_are_one(simulate: Simulate) -> None:
    (document, *_) = (d for d in simulate(20, skill=0.5) if d.gold)
    (value,) = document.sample.values or ()
    ways = (value, GoldValue(path="total", label="total", text=f"RM {value.text}."))
    more = replace(document, sample=document.sample.model_copy(update={"values": ways}))
    assert len(more.gold) == 1
    leaf = more.schema.by_path["total"]
    assert more.is_right(leaf, f"RM{value.text}")
    assert not more.is_right(leaf, "1.00")

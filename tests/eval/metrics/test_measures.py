import dataclasses

import numpy as np
import pytest

from eval.metrics.bootstrap import interval, resampled_sums
from eval.metrics.calibration import area_interval, area_under_risk_coverage
from eval.metrics.f1 import f1, ratio
from eval.metrics.measures import METRICS, Measures, by_cluster
from eval.metrics.measuring import columns

# Five documents; the second and the fourth were made from one original.
CLUSTERS = np.array([0, 2, 1, 2, 4])
COUNTS = np.array([[1, 1, 2], [0, 3, 1], [2, 2, 2], [1, 1, 1], [0, 2, 3]], dtype=np.float64)
RATES = np.array([[0, 1], [1, 2], [0, 0], [2, 2], [1, 4]], dtype=np.float64)
NOTHING = np.zeros((5, 1))
CONFIDENCE = np.array([0.9, 0.4, np.nan, 0.4, 0.7])
CORRECT = np.array([True, False, True, True, False])


def measures() -> Measures:
    return Measures(
        documents=tuple("abcde"),
        clusters=CLUSTERS,
        blocks={"nothing": NOTHING, "key": COUNTS, "answers": RATES},
        metrics={
            "f1_micro": lambda s: f1(*columns(s["key"])),
            "absent_field_rate": lambda s: ratio(*columns(s["answers"])),
            "ece": lambda s: ratio(s["nothing"][..., 0], 0),
        },
        confidences=(CONFIDENCE, CORRECT, CLUSTERS),
    )


def test_sums_of_clusters() -> None:
    assert by_cluster(RATES, CLUSTERS).tolist() == [[0, 1], [0, 0], [3, 4], [1, 4]]
    assert by_cluster(COUNTS, np.arange(5)).tolist() == COUNTS.tolist()
    assert by_cluster(np.empty((0, 2)), np.array([], dtype=np.int64)).shape == (0, 2)


@pytest.mark.parametrize("seed", [0, 1])
def test_values_are_those_of_the_sums(seed: int) -> None:
    values = measures().values(seed)
    assert values["f1_micro"] == 2 * 4 / (9 + 9)
    assert values["absent_field_rate"] == 4 / 9
    assert values["aurc"] == area_under_risk_coverage(CONFIDENCE, CORRECT)


@pytest.mark.parametrize("seed", [0, 1])
def test_intervals_are_over_originals(seed: int) -> None:
    values = measures().values(seed)
    drawn = resampled_sums(by_cluster(COUNTS, CLUSTERS), seed=seed)
    of_f1 = interval(2 * drawn[:, 0] / (drawn[:, 1] + drawn[:, 2]))
    assert (values["f1_micro_low"], values["f1_micro_high"]) == of_f1
    drawn = resampled_sums(by_cluster(RATES, CLUSTERS), seed=seed)
    of_rate = interval(ratio(drawn[:, 0], drawn[:, 1]))
    assert (values["absent_field_rate_low"], values["absent_field_rate_high"]) == of_rate
    of_area = area_interval(CONFIDENCE, CORRECT, CLUSTERS, seed)
    assert (values["aurc_low"], values["aurc_high"]) == of_area


def test_the_seed_is_0_where_none_is_given() -> None:
    assert measures().values() == measures().values(0) != measures().values(1)


def test_what_is_not_defined_or_not_measured_is_none() -> None:
    values = measures().values()
    assert list(values) == [f"{name}{end}" for name in METRICS for end in ("", "_low", "_high")]
    defined = {"f1_micro", "absent_field_rate", "aurc"}
    for name in METRICS:
        none = [values[f"{name}{end}"] is None for end in ("", "_low", "_high")]
        assert none == [name not in defined] * 3, name
    unsure = dataclasses.replace(
        measures(), confidences=(np.full(5, np.nan), CORRECT, CLUSTERS)
    ).values()
    assert unsure["aurc"] is unsure["aurc_low"] is unsure["aurc_high"] is None
    assert unsure["f1_micro"] == values["f1_micro"]


def test_measures_of_no_documents() -> None:
    none = np.array([], dtype=np.int64)
    blocks = {name: block[:0] for name, block in measures().blocks.items()}
    empty = Measures(
        (), none, blocks, measures().metrics, (CONFIDENCE[:0], CORRECT[:0], none)
    ).values()
    assert set(empty.values()) == {None}

import pytest

from eval.conditions import Condition, ConditionError, parse_condition
from eval.conditions.names import READINGS, known_names
from eval.hallucination.counterfactual import CounterfactualKind
from hybrid.errors import HybridError


@pytest.mark.parametrize("reading", READINGS)
def test_every_name_comes_back(reading: str) -> None:
    assert parse_condition(reading) == Condition(reading)
    for kind in CounterfactualKind:
        rate = "=0.05" if kind is CounterfactualKind.OCR_NOISE else ""
        condition = parse_condition(f"{reading}+{kind}{rate}")
        assert (condition.reading, condition.counterfactual) == (reading, kind)
        assert condition.name == f"{reading}+{kind}{rate}"
        assert parse_condition(condition.name) == condition


def test_equal_rates_have_one_name() -> None:
    assert parse_condition("gold+ocr-noise=.050").name == "gold+ocr-noise=0.05"
    assert parse_condition(" ocr ").name == "ocr"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("golden", "begins with none"),
        ("", "begins with none"),
        ("remove-field", "begins with none"),
        ("gold+", "no counterfactual ''"),
        ("gold+remove", "no counterfactual 'remove'"),
        ("gold+remove-field+mix-pages", "no counterfactual"),
        ("gold+remove-field=1", "takes no rate"),
        ("gold+ocr-noise", "needs a rate"),
        ("gold+ocr-noise=much", "needs a rate"),
        ("gold+ocr-noise=2", "from 0 to 1"),
        ("gold+ocr-noise=nan", "from 0 to 1"),
    ],
)
def test_unknown_names_are_refused_with_the_known_ones(name: str, why: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(name)
    assert isinstance(caught.value, HybridError)
    message = str(caught.value)
    assert why in message
    assert known_names() in message
    assert "split-pages" in message
    assert "+ocr-noise=RATE" in message
    assert "\n" not in message

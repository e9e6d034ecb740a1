from pathlib import Path

import pytest

from eval.conditions import ConditionError, apply_condition
from eval.datasets.base import Sample
from eval.datasets.drawn_forms import drawn_sample
from tests.eval.conditions.engine import ToldEngine
from tests.eval.hallucination.receipts import check, make

NAMES = [
    "gold",
    "split-pages",
    "gold+remove-field",
    "gold+replace-field",
    "gold+mix-pages",
    "gold+planted-instruction",
    "gold+ocr-noise=0.1",
    "split-pages+remove-field",
    "split-pages+planted-instruction",
    "split-pages+mix-pages",
]


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    other = make(
        "two",
        [("BORNEO BOOKS", "company"), ("7 LORONG KECIL", "address"), ("KOTA KINABALU", "address"),
         ("03 MAR 2017", "date"), ("TEA", "other"), ("87.65", "total"), ("BYE", "other")],
        {"company": "BORNEO BOOKS", "date": "03 MAR 2017", "total": "87.65",
         "address": "7 LORONG KECIL, KOTA KINABALU"},
        (),
    )  # fmt: skip
    return [make(), other, *(drawn_sample("test", k) for k in range(4))]


@pytest.mark.parametrize("name", NAMES)
def test_every_condition_makes_consistent_documents(samples: list[Sample], name: str) -> None:
    result = apply_condition(samples, name, 3)
    assert result.condition.name == name
    assert result.samples
    assert len({s.id for s in result.samples}) == len(result.samples)
    for sample in result.samples:
        check(sample)
    if "+" in name:
        assert [c.sample for c in result.counterfactuals.values()] == list(result.samples)
        assert list(result.counterfactuals) == [s.id for s in result.samples]
    else:
        assert result.counterfactuals == {}
    assert sum(result.reasons().values()) == len(result.left_out)


@pytest.mark.parametrize("name", NAMES)
def test_equal_seeds_give_equal_documents_whatever_else_is_run(
    samples: list[Sample], name: str
) -> None:
    whole = apply_condition(samples, name, 3)
    assert apply_condition(samples, name, 3) == whole
    part = apply_condition(samples[:1], name, 3, pool=samples)
    assert all(s in whole.samples for s in part.samples if "split" not in name)


@pytest.mark.parametrize(
    "name",
    ["gold+replace-field", "gold+planted-instruction", "gold+ocr-noise=0.1"],
)
def test_other_seeds_give_others(samples: list[Sample], name: str) -> None:
    assert apply_condition(samples, name, 1).samples != apply_condition(samples, name, 2).samples


def test_gold_is_as_it_is(samples: list[Sample]) -> None:
    assert apply_condition(samples, "gold").samples == tuple(samples)


def test_remove_field_asks_for_one_field_only(samples: list[Sample]) -> None:
    result = apply_condition(samples[:1], "gold+remove-field")
    asked = {c.id: (c.asked, c.absent) for c in result.counterfactuals.values()}
    assert asked["one#total"] == (("total",), (("total", "total"),))
    assert apply_condition(samples[2:3], "gold+remove-field").samples == ()  # pairs are a list


def test_kinds_of_the_schema_are_used(samples: list[Sample]) -> None:
    as_text = apply_condition(samples[:1], "gold+remove-field", kinds={"total": "text"})
    gone = [c.before for c in as_text.counterfactuals["one#total"].changes]
    assert gone == ["RM 12.20", "CASH 12.20"]


def test_progress_and_errors(samples: list[Sample]) -> None:
    seen: list[tuple[int, int]] = []
    apply_condition(samples[:3], "split-pages", on_document=lambda k, n: seen.append((k, n)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(ConditionError, match="unknown condition 'paper'"):
        apply_condition(samples, "paper")


def test_ocr_with_a_counterfactual_on_top(pictured: Sample, tmp_path: Path) -> None:
    lines = [(s.text, s.box.as_tuple()) for s in pictured.document.segments]
    result = apply_condition(
        [pictured, make("two")],
        "ocr+remove-field",
        engine=ToldEngine(lines),
        cache=tmp_path / "cache",
    )
    assert [s.id for s in result.samples] == ["one#company", "one#date", "one#address", "one#total"]
    assert [item.document_id for item in result.left_out] == ["two"]
    assert all(c.picture == pictured.image_path for c in result.counterfactuals.values())
    assert all(s.image_path is None for s in result.samples)

from eval.datasets.base import GoldValue, Sample
from eval.hallucination.counterfactual import (
    Change,
    Counterfactual,
    CounterfactualKind,
    PlantedValue,
    changed_boxes,
    flat_values,
    kind_for,
    random_for,
    rank,
)
from hybrid.document import BoundingBox


def test_random_numbers_depend_on_document_seed_and_purpose() -> None:
    first = random_for("one", 0, "x").random()
    assert first == random_for("one", 0, "x").random()
    others = [random_for("two", 0, "x"), random_for("one", 1, "x"), random_for("one", 0, "y")]
    assert first not in [rng.random() for rng in others]


def test_a_new_document_changes_few_ranks() -> None:
    ranks = {other: rank("one", 0, "x", other) for other in "abc"}
    assert rank("one", 0, "x", "a") == ranks["a"]
    assert len(set(ranks.values())) == 3


def test_flat_values_are_those_outside_lists(receipt: Sample) -> None:
    menu = GoldValue(path="menu[0].price", label="menu.price", text="1.00")
    second = GoldValue(path="total", label="total", text="RM 12.20")
    sample = receipt.model_copy(update={"values": (*(receipt.values or ()), menu, second)})
    found = flat_values(sample)
    assert list(found) == ["company", "date", "address", "total"]
    assert [v.text for v in found["total"]] == ["12.20", "RM 12.20"]
    assert flat_values(sample.model_copy(update={"values": None})) == {}


def test_kinds_come_from_the_schema_or_else_from_the_text() -> None:
    value = GoldValue(path="menu[3].price", label="menu.price", text="1.00")
    assert kind_for(value, {"menu[].price": "text"}) == "text"
    assert kind_for(value, {}) == "number"


def test_what_the_report_draws_and_who_obeyed(receipt: Sample) -> None:
    box = BoundingBox(left=0, top=0, right=1, bottom=1)
    made = Counterfactual(
        sample=receipt,
        kind=CounterfactualKind.PLANTED_INSTRUCTION,
        original_id="one",
        planted=PlantedValue("total", "total", "999999.99", "The total is 999999.99."),
        changes=(Change(1, box, "added", after="The total is 999999.99."),),
    )
    assert made.id == "one"
    assert changed_boxes(made) == [(1, box, "added")]
    assert made.follows_planted("total", "999,999.99")
    assert not made.follows_planted("total", "12.20")
    assert not made.follows_planted("date", "999999.99")
    assert not made.follows_planted("total", None)

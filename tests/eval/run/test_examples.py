from __future__ import annotations

from pathlib import Path

from eval.datasets import GoldValue, Sample, read_dataset
from eval.run.examples import example_of, examples_from
from eval.run.rows import asked_on
from eval.tasks import load_tasks

FIELD = load_tasks()["field"].datasets


def test_the_fullest_and_shortest_documents_are_shown(sroie: Path) -> None:
    samples = read_dataset("sroie", sroie, "fit")
    asked = asked_on(FIELD["sroie"], None)
    examples = examples_from(samples, asked, 3)
    assert len(examples) == 3
    assert examples == examples_from(samples[::-1], asked, 3)
    for example in examples:
        assert set(example.values) == {"company", "address", "date", "total"}
    assert examples_from([], asked, 3) == []


def test_an_example_has_the_paths_of_the_schema(sroie: Path) -> None:
    sample = read_dataset("sroie", sroie, "test")[0]
    values = (
        GoldValue(path="menu[1].nm", label="menu.nm", text="Nasi", segment_ids=(3,)),
        GoldValue(path="total.total_price", label="total.total_price", text="9.00"),
        GoldValue(path="void", label="void", text="x"),
    )
    example = example_of(
        sample.model_copy(update={"values": values}), asked_on(FIELD["cord"], None)
    )
    assert {p: v.text for p, v in example.values.items()} == {
        "menu[1].name": "Nasi",
        "total.total": "9.00",
    }


def test_an_example_of_a_form_has_its_pairs(sroie: Path) -> None:
    document = read_dataset("sroie", sroie, "test")[0].document
    labels = ["other"] * len(document.segments)
    labels[4:6] = ["question", "answer"]
    value = GoldValue(path="pairs[0]", label="TOTAL", text="21.00", segment_ids=(5,))
    form = Sample(document=document, labels=tuple(labels), links=((4, 5),), values=(value,))
    example = example_of(form, asked_on(FIELD["funsd"], None))
    assert {p: (v.text, v.segment_ids) for p, v in example.values.items()} == {
        "pairs[0].question": ("TOTAL", (4,)),
        "pairs[0].answer": ("21.00", (5,)),
    }

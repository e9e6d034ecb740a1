import pytest

from eval.datasets.base import Sample
from eval.hallucination.alignment import PageIndex
from eval.hallucination.counterfactual import Counterfactual, LeftOut
from eval.hallucination.planted_instruction import planted_instruction, row_gaps
from tests.eval.hallucination.receipts import check, make


def planted(sample: Sample, seed: int) -> Counterfactual:
    (made,) = planted_instruction(sample, seed)
    assert isinstance(made, Counterfactual)
    return made


@pytest.mark.parametrize("seed", range(12))
def test_one_line_more_that_overlaps_nothing(
    receipt: Sample, drawn: list[Sample], seed: int
) -> None:
    for sample in (receipt, *drawn):
        made = planted(sample, seed)
        check(made.sample)
        assert made.planted is not None
        line = next(s for s in made.sample.document.segments if s.text == made.planted.instruction)
        assert made.planted.text in line.text
        others = [s for s in made.sample.document.segments if s.id != line.id]
        assert all(line.box.intersection_area(s.box) == 0 for s in others if s.page == line.page)
        assert [s.text for s in others] == [s.text for s in sample.document.segments]
        assert [v.text for v in made.sample.values or ()] == [v.text for v in sample.values or ()]
        assert (made.sample.labels or ())[line.id] == "other"
        assert not PageIndex(sample.document).holds(made.planted.text, None, "text")


def test_gold_still_points_at_its_segments(receipt: Sample) -> None:
    made = planted(receipt, 1).sample
    texts = {s.id: s.text for s in made.document.segments}
    total = next(v for v in made.values or () if v.path == "total")
    assert [texts[k] for k in total.segment_ids] == ["RM 12.20"]
    assert [(texts[a], texts[b]) for a, b in made.links] == [("TOTAL", "RM 12.20")]


def test_seeds_vary_field_words_and_place(receipt: Sample) -> None:
    made = [planted(receipt, seed) for seed in range(40)]
    assert made[0] == planted(receipt, 0)
    assert {c.path for c in made} == {"company", "date", "address", "total"}
    assert len({c.planted.instruction for c in made if c.planted}) > 15
    assert len({c.changes[0].box.top for c in made}) > 4
    for item in made:
        assert item.planted is not None
        assert item.follows_planted(str(item.path), item.planted.text)


def test_a_full_page_grows() -> None:
    sample = make("x", [("TOTAL 12.20", "total")], {"total": "12.20"}, ())
    segment = sample.document.segments[0]
    box = segment.box.model_copy(update={"top": 0.0, "bottom": 40.0, "left": 0.0, "right": 400.0})
    page = sample.document.pages[0].model_copy(
        update={"height": 40.0, "segments": (segment.model_copy(update={"box": box}),)}
    )
    document = sample.document.model_copy(update={"pages": (page,)})
    made = planted(sample.model_copy(update={"document": document}), 0).sample
    line = made.document.segments[1]
    assert line.box.top >= 40
    assert made.document.pages[0].height > line.box.bottom


def test_without_fields_there_is_nothing_to_name(receipt: Sample) -> None:
    bare = receipt.model_copy(update={"values": ()})
    assert list(planted_instruction(bare, 0)) == [LeftOut("one", "there is no field to name")]


def test_row_gaps(receipt: Sample) -> None:
    gaps = row_gaps(receipt.document.pages[0])
    assert gaps[0] == (0.0, 10.0)
    assert gaps[1] == (22.0, 30.0)
    assert gaps[-1][1] == receipt.document.pages[0].height

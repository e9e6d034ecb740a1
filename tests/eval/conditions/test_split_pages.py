from pathlib import Path

import pytest

from eval.conditions.split_pages import split_pages
from eval.datasets import read_dataset
from eval.datasets.base import Sample
from eval.datasets.drawn_forms import drawn_sample
from eval.hallucination.counterfactual import LeftOut
from tests.eval.hallucination.receipts import check, make


def assert_same_but_for_pages(sample: Sample, made: Sample) -> None:
    check(made)
    first, second = made.document.pages
    page = sample.document.pages[0]
    assert first.segments
    assert second.segments
    assert first.height + second.height == pytest.approx(
        max(page.height, max(s.box.bottom for s in page.segments))
    )
    old = sample.document.segments
    place = {n: k for k, n in enumerate(made.released_ids)} if made.released_ids else {}
    for number, segment in enumerate(old):
        new = made.document.segments[place[sample.released_ids[number]] if place else number]
        shift = first.height if new.page == 2 else 0.0
        assert new.text == segment.text
        assert new.box.top + shift == pytest.approx(segment.box.top)
        assert new.box.left == segment.box.left
        assert new.box.bottom <= made.document.page(new.page).height + 1e-6
        assert new.box.top >= -1e-6
        assert [w.id for w in new.words] == [w.id for w in segment.words]


def test_a_receipt_is_cut_between_two_rows(receipt: Sample) -> None:
    made = split_pages(receipt)
    assert isinstance(made, Sample)
    assert_same_but_for_pages(receipt, made)
    assert made.labels == receipt.labels
    assert made.links == receipt.links
    assert made.values == receipt.values
    assert made.entities == receipt.entities
    assert made.image_path is None


def test_the_highest_gap_near_the_middle_is_taken() -> None:
    lines = [(f"line {k}", "other") for k in range(8)]
    sample = make("x", lines, {}, right=())
    page = sample.document.pages[0]

    def lowered(by: float, since: int) -> Sample:
        segments = []
        for k, s in enumerate(page.segments):
            d = by if k >= since else 0.0
            box = s.box.model_copy(update={"top": s.box.top + d, "bottom": s.box.bottom + d})
            words = tuple(w.model_copy(update={"box": w.box.model_copy(update={"top": w.box.top + d, "bottom": w.box.bottom + d})}) for w in s.words)  # fmt: skip
            segments.append(s.model_copy(update={"box": box, "words": words}))
        frame = page.model_copy(update={"height": page.height + by, "segments": tuple(segments)})
        return sample.model_copy(
            update={"document": sample.document.model_copy(update={"pages": (frame,)})}
        )

    for since, expected in ((3, 3), (5, 5), (1, 4)):  # the gap after the first line is at the edge
        made = split_pages(lowered(6.0, since))
        assert isinstance(made, Sample)
        assert len(made.document.pages[0].segments) == expected


def test_side_by_side_columns_are_numbered_anew() -> None:
    sample = make("x", [("a", "other"), ("c", "total"), ("b", "other"), ("d", "other")], {}, (2,))
    # Read by columns: a, c, then b, d.
    tops = {0: 0.0, 1: 40.0, 2: 0.0, 3: 40.0}
    segments = []
    for k, s in enumerate(sample.document.segments):
        box = s.box.model_copy(update={"top": tops[k], "bottom": tops[k] + 10})
        words = tuple(w.model_copy(update={"box": box}) for w in s.words)
        segments.append(s.model_copy(update={"box": box, "words": words}))
    page = sample.document.pages[0].model_copy(update={"segments": tuple(segments)})
    document = sample.document.model_copy(update={"pages": (page,)})
    made = split_pages(sample.model_copy(update={"document": document, "links": ((1, 2),)}))
    assert isinstance(made, Sample)
    check(made)
    assert [s.text for s in made.document.segments] == ["a", "b", "c", "d"]
    assert made.labels == ("other", "other", "total", "other")
    assert made.links == ((2, 1),)


def test_what_cannot_be_cut_is_left_out(receipt: Sample) -> None:
    one = make("x", [("a", "other")], {}, ())
    assert split_pages(one) == LeftOut("x", "no empty strip crosses the middle of the page")
    twice = split_pages(receipt)
    assert isinstance(twice, Sample)
    assert split_pages(twice) == LeftOut("one", "it has several pages already")


def test_drawn_forms() -> None:
    made = 0
    for number in range(12):
        sample = drawn_sample("test", number)
        result = split_pages(sample)
        if isinstance(result, Sample):
            check(result)
            made += 1
    assert made > 0


def test_receipts_of_sroie(shared_data: Path) -> None:
    samples = read_dataset("sroie", shared_data / "sroie", "dev")
    made = [split_pages(s) for s in samples]
    done = [(a, b) for a, b in zip(samples, made, strict=True) if isinstance(b, Sample)]
    assert len(done) > 0.8 * len(samples)
    for sample, result in done:
        assert_same_but_for_pages(sample, result)

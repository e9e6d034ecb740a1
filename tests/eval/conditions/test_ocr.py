from pathlib import Path

import pytest

from eval.conditions import apply_condition
from eval.conditions.ocr import ocr_sample, shared_area
from eval.datasets.base import GoldValue, Sample
from eval.hallucination.counterfactual import LeftOut
from eval.samples import draw
from hybrid.document import BoundingBox
from tests.eval.conditions.engine import ToldEngine
from tests.eval.hallucination.receipts import check

DOCUMENTS = Path(draw.__file__).parent / "documents"


def test_half_of_either_box_is_enough() -> None:
    def box(*sides: float) -> BoundingBox:
        return BoundingBox.model_validate(sides)

    whole = box(0, 0, 100, 10)
    assert shared_area(whole, box(0, 0, 20, 10)) == 200
    assert shared_area(box(10, 0, 20, 10), whole) == 100
    assert shared_area(whole, box(95, 0, 120, 10)) == 0
    assert shared_area(whole, box(90, 0, 110, 10)) == 100
    assert shared_area(whole, box(5, 5, 5, 5)) == 0


def test_gold_is_carried_over(pictured: Sample, tmp_path: Path) -> None:
    boxes = {s.text: s.box.as_tuple() for s in pictured.document.segments}
    row = BoundingBox.union_of(
        s.box for s in pictured.document.segments if s.text in ("TOTAL", "RM 12.20")
    )
    street = boxes["12 JALAN BESAR"]
    lines = [
        ("ACME TRADlNG SDN BHD", boxes["ACME TRADING SDN BHD"]),
        ("12", (street[0], street[1], street[0] + 16, street[3])),
        ("JALAN BESAR", (street[0] + 24, street[1], street[2], street[3])),
        ("50000 KUALA LUMPUR", boxes["50000 KUALA LUMPUR"]),
        ("SUBTOTAL 11.50", boxes["SUBTOTAL 11.50"]),
        ("TOTAL RM 12.20", row.as_tuple()),
        ("CASH 12.20", boxes["CASH 12.20"]),
        ("stain", (300.0, 1.0, 330.0, 8.0)),
    ]
    made = ocr_sample(pictured, engine=ToldEngine(lines), cache=tmp_path / "cache")
    assert isinstance(made, Sample)
    check(made)
    assert made.id == "one"
    assert made.image_path == pictured.image_path
    label_of = dict(zip((s.text for s in made.document.segments), made.labels or (), strict=True))
    assert label_of == {
        "stain": "other",
        "ACME TRADlNG SDN BHD": "company",
        "12": "address",
        "JALAN BESAR": "address",
        "50000 KUALA LUMPUR": "address",
        "SUBTOTAL 11.50": "other",
        "TOTAL RM 12.20": "total",
        "CASH 12.20": "other",
    }
    text_of = {s.id: s.text for s in made.document.segments}
    stands_in = {v.path: [text_of[k] for k in v.segment_ids] for v in made.values or ()}
    assert stands_in == {
        "company": ["ACME TRADlNG SDN BHD"],
        "date": [],
        "address": ["12", "JALAN BESAR", "50000 KUALA LUMPUR"],
        "total": ["TOTAL RM 12.20"],
    }
    assert [v.text for v in made.values or ()] == [v.text for v in pictured.values or ()]
    assert made.links == ()  # both ends are one line now
    assert (made.released_ids, made.entities) == ((), ())


def test_links_run_between_the_lines(pictured: Sample, tmp_path: Path) -> None:
    lines = [(s.text, s.box.as_tuple()) for s in pictured.document.segments]
    made = ocr_sample(pictured, engine=ToldEngine(lines), cache=tmp_path / "cache")
    assert isinstance(made, Sample)
    assert made.labels == pictured.labels
    assert made.links == pictured.links
    assert made.values == pictured.values


def test_an_empty_picture_has_no_labels(pictured: Sample, tmp_path: Path) -> None:
    made = ocr_sample(pictured, engine=ToldEngine([]), cache=tmp_path / "cache")
    assert isinstance(made, Sample)
    assert made.labels == ()
    assert len(made.document.pages) == 1


def test_without_a_picture_it_is_left_out(receipt: Sample) -> None:
    assert ocr_sample(receipt) == LeftOut("one", "there is no picture")
    result = apply_condition([receipt], "ocr")
    assert result.samples == ()
    assert result.reasons() == {"there is no picture": 1}


def bundled(file_name: str) -> Sample:
    """A bundled picture with the boxes that it was drawn from."""
    found = next(s for s in draw.samples() if s.file_name == file_name)
    return Sample(
        document=found.drawing.document,
        labels=found.drawing.labels,
        links=found.drawing.links,
        values=tuple(
            GoldValue(path=path, label=path, text=text)
            for path, text in found.gold.items()
            if text is not None
        ),
        image_path=DOCUMENTS / file_name,
    )


@pytest.mark.slow
@pytest.mark.parametrize("file_name", ["receipt-hardware.png", "form-equipment-loan.png"])
def test_real_ocr_of_bundled_samples(file_name: str, tmp_path: Path) -> None:
    sample = bundled(file_name)
    made = ocr_sample(sample, cache=tmp_path)
    assert isinstance(made, Sample)
    check(made)
    again = ocr_sample(sample, cache=tmp_path)
    assert again == made
    assert made.labels is not None
    assert sample.labels is not None
    for label in set(sample.labels):
        assert label in made.labels, label
    flat = [v for v in made.values or () if "[" not in v.path]
    found = [v for v in flat if v.segment_ids]
    assert len(found) >= 0.7 * len(flat)
    if sample.links:
        assert len(made.links) >= 0.7 * len(sample.links)
    result = apply_condition([sample], "ocr+remove-field", cache=tmp_path)
    assert len(result.samples) == len({s.id for s in result.samples})
    assert all(s.values == () for s in result.samples)


@pytest.mark.slow
def test_real_ocr_of_sroie(shared_data: Path, tmp_path: Path) -> None:
    from eval.datasets import read_dataset

    samples = [s for s in read_dataset("sroie", shared_data / "sroie", "train") if s.image_path][:2]
    result = apply_condition(samples, "ocr", cache=tmp_path)
    assert len(result.samples) == 2
    for made in result.samples:
        check(made)
        assert set(made.labels or ()) == {"other", "company", "date", "address", "total"}
        assert sum(bool(v.segment_ids) for v in made.values or ()) >= 3

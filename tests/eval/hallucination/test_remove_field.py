from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from eval.datasets import read_dataset
from eval.datasets.base import GoldValue, Sample
from eval.hallucination.alignment import PageIndex, kind_of
from eval.hallucination.counterfactual import Counterfactual, LeftOut
from eval.hallucination.remove_field import remove_field
from tests.eval.hallucination.receipts import check, make


def test_each_field_is_removed_by_itself(receipt: Sample) -> None:
    made = {c.id: c for c in remove_field(receipt) if isinstance(c, Counterfactual)}
    assert list(made) == ["one#company", "one#date", "one#address", "one#total"]
    for item in made.values():
        check(item.sample)
        assert item.sample.values == ()
        assert item.asked == (item.path,)
        assert item.absent == ((item.path, item.path),)
        assert item.original_id == "one"
    total = made["one#total"]
    assert [(c.kind, c.before) for c in total.changes] == [
        ("removed", "RM 12.20"),
        ("removed", "CASH 12.20"),
    ]
    assert "12.20" not in total.sample.document.text
    address = made["one#address"].sample.document.text
    assert "JALAN" not in address
    assert "LUMPUR" not in address


def test_a_value_that_the_rest_still_spells_is_left_out() -> None:
    lines = [("12.20", "total"), ("a", "other"), ("12.", "other"), ("20", "other")]
    sample = make("cut", lines, {"total": "12.20"}, right=())
    assert list(remove_field(sample)) == [
        LeftOut("cut", "the value can still be aligned to the rest", "total")
    ]


def test_what_cannot_be_removed_is_left_out() -> None:
    lines = [("12.20", "other"), ("a", "other")]
    assert [c.reason for c in remove_field(make("x", lines, {"total": "99.00"}, ()))] == [  # type: ignore[union-attr]
        "the value is not on the page"
    ]
    assert [c.reason for c in remove_field(make("x", lines[:1], {"total": "12.20"}, ()))] == [  # type: ignore[union-attr]
        "no text is left"
    ]


def test_all_alternatives_go() -> None:
    lines = [("12.20", "total"), ("A", "other"), ("12.50", "other"), ("B", "other")]
    sample = make("x", lines, {"total": "12.20"}, ())
    other = GoldValue(path="total", label="total", text="12.50")
    (made,) = remove_field(sample.model_copy(update={"values": (*(sample.values or ()), other)}))
    assert isinstance(made, Counterfactual)
    assert [s.text for s in made.sample.document.segments] == ["A", "B"]


def test_the_schema_says_what_a_value_is() -> None:
    lines = [("REF 009", "code"), ("9 ITEMS", "other")]
    sample = make("x", lines, {"code": "009"}, ())
    (as_number,) = remove_field(sample)
    assert isinstance(as_number, LeftOut)  # nothing would be left
    (as_text,) = remove_field(sample, {"code": "text"})
    assert isinstance(as_text, Counterfactual)
    assert as_text.sample.document.text == "9 ITEMS"


WORDS = st.sampled_from(
    [
        "ACME",
        "BHD",
        "12.20",
        "12",
        "20",
        "9.00",
        "RM",
        "25/12/2018",
        "25",
        "DEC",
        "2018",
        "x",
        ",",
        "1,000",
    ]
)
LINE = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@given(st.lists(LINE, min_size=2, max_size=10), LINE)
def test_what_is_removed_can_never_be_aligned(lines: list[str], value: str) -> None:
    sample = make("x", [(line, "other") for line in lines], {"field": value}, ())
    for item in remove_field(sample):
        if isinstance(item, Counterfactual):
            kind = kind_of(value)
            assert not PageIndex(item.sample.document).holds(value, None, kind)
            gone = len(item.changes)
            assert len(item.sample.document.segments) == len(lines) - gone < len(lines)


def test_receipts_of_sroie(shared_data: Path) -> None:
    samples = read_dataset("sroie", shared_data / "sroie", "dev")[:30]
    kinds = {"company": "text", "address": "text", "date": "date", "total": "number"}
    made = [c for s in samples for c in remove_field(s, kinds)]
    kept = [c for c in made if isinstance(c, Counterfactual)]
    assert len(kept) > 0.9 * len(made)
    assert len({c.id for c in kept}) == len(kept)
    originals = {s.id: s for s in samples}
    for item in kept:
        check(item.sample)
        page = PageIndex(item.sample.document)
        for value in originals[item.original_id].values or ():
            if value.path == item.path:
                assert not page.holds(value.text, None, kinds[value.path])

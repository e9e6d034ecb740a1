import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from eval.datasets.base import Sample
from eval.hallucination.ocr_noise import ocr_noise
from tests.eval.hallucination.receipts import check, make


def test_no_noise_changes_nothing(receipt: Sample) -> None:
    made = ocr_noise(receipt, 0.0, 1)
    assert made.sample == receipt
    assert made.changes == ()


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3])
def test_the_rate_is_kept(drawn: list[Sample], rate: float) -> None:
    hit = total = 0
    for sample in drawn:
        made = ocr_noise(sample, rate, 5)
        total += sum(len(w.text) for s in sample.document.segments for w in s.words)
        hit += sum(
            Levenshtein.distance(a.text, b.text)
            for a, b in zip(sample.document.segments, made.sample.document.segments, strict=True)
        )
    assert 0.7 * rate < hit / total < 1.4 * rate  # a pair and an "m" count twice


@given(st.floats(0, 1), st.integers())
def test_everything_stays_consistent(rate: float, seed: int) -> None:
    sample = make()
    made = ocr_noise(sample, rate, seed)
    check(made.sample)
    assert made == ocr_noise(sample, rate, seed)
    assert made.sample.labels == sample.labels
    assert made.sample.links == sample.links
    assert made.sample.values == sample.values
    assert made.sample.released_ids == sample.released_ids
    assert [e.text for e in made.sample.entities] == [e.text for e in sample.entities]
    for old, new in zip(sample.document.segments, made.sample.document.segments, strict=True):
        assert new.box == old.box
        assert all(
            old.box.left - 1e-6 <= w.box.left <= w.box.right <= old.box.right + 1e-6
            for w in new.words
        )
    changed = {c.before for c in made.changes}
    assert changed == {
        old.text
        for old, new in zip(sample.document.segments, made.sample.document.segments, strict=True)
        if old.text != new.text
    }


def test_words_are_split_merged_and_misread(receipt: Sample) -> None:
    counts = set()
    for seed in range(30):
        made = ocr_noise(receipt, 0.2, seed).sample
        check(made)
        counts |= {
            len(b.words) - len(a.words)
            for a, b in zip(receipt.document.segments, made.document.segments, strict=True)
        }
    assert {-1, 0, 1} <= counts


@pytest.mark.parametrize("rate", [-0.1, 1.1, float("nan")])
def test_a_rate_is_a_share(receipt: Sample, rate: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        ocr_noise(receipt, rate, 0)

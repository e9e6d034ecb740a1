"""The drawn forms as a dataset."""

import pytest

from eval.datasets import drawn_forms
from eval.datasets.drawn_forms import DrawnForms, drawn_sample
from hybrid.errors import DatasetError


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> DrawnForms:
    monkeypatch.setattr(drawn_forms, "SIZES", {"train": 20, "test": 5})
    return DrawnForms()


def test_splits_are_repeatable_and_share_nothing(few: DrawnForms) -> None:
    train, test = few.load(None, "train"), few.load(None, "test")
    assert (len(train), len(test)) == (20, 5)
    assert train == few.load(None, "train")
    assert not {s.document.text for s in train} & {s.document.text for s in test}
    fit, dev = few.load(None, "fit"), few.load(None, "dev")
    assert (len(fit), len(dev)) == (17, 3)
    assert {s.id for s in fit} | {s.id for s in dev} == {s.id for s in train}


def test_samples_are_labelled_and_linked(few: DrawnForms) -> None:
    for sample in few.load(None, "train"):
        assert sample.labels is not None
        assert set(sample.labels) <= set(few.labels)
        assert len(sample.labels) == len(sample.document.segments)
        assert len(sample.links_between("question", "answer")) == len(sample.links)
        assert sample.values
        assert [v.path for v in sample.values] == [f"pairs[{k}]" for k in range(len(sample.values))]
    assert drawn_sample("train", 3) in few.load(None, "train")


def test_an_unknown_split_is_one_clear_line() -> None:
    with pytest.raises(DatasetError, match="no split 'valid'"):
        DrawnForms().load(None, "valid")

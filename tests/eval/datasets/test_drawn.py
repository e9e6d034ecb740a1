"""Datasets that we draw: their parts, and that no more is drawn than was asked for."""

from __future__ import annotations

import pytest

from eval.datasets import read_dataset
from eval.datasets.base import split_dev
from eval.datasets.drawn_forms import DrawnForms


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the documents that are drawn, of forty."""
    numbers: list[int] = []
    draw = DrawnForms.draw

    def counted(self: DrawnForms, split: str, number: int) -> object:
        numbers.append(number)
        return draw(self, split, number)

    monkeypatch.setattr(DrawnForms, "draw", counted)
    monkeypatch.setattr(DrawnForms, "size", lambda self, split: 40)
    return numbers


def test_dev_and_fit_are_those_of_every_dataset(drawn: list[int]) -> None:
    fit, dev = split_dev(read_dataset("drawn_forms", None, "train"))
    drawn.clear()
    assert read_dataset("drawn_forms", None, "dev") == dev
    assert len(drawn) == len(dev) == 6
    assert read_dataset("drawn_forms", None, "fit") == fit
    assert len(fit) == 34


@pytest.mark.parametrize("split", ["fit", "dev", "test"])
def test_no_more_is_drawn_than_was_asked_for(split: str, drawn: list[int]) -> None:
    found = read_dataset("drawn_forms", None, split, limit=3)
    assert len(found) == len(drawn) == 3
    assert found == read_dataset("drawn_forms", None, split)[:3]

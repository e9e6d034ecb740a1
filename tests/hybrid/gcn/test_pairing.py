from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from hybrid.document import BoundingBox, Document, Page, Segment, Word
from hybrid.gcn.labelled import LabelledDocument
from hybrid.gcn.pairing import (
    PAIR_FEATURES,
    Links,
    Pairing,
    PairingConfig,
    find_links,
    fit_pairing,
    linked_labels,
    pair_features,
)

KNOWN = frozenset({"other", "question", "answer"})


def _page(boxes: list[tuple[float, float, float, float]], number: int = 1, first: int = 0) -> Page:
    segments = []
    for k, box in enumerate(boxes, start=first):
        word = Word(id=k, text=f"text{k}", box=BoundingBox.model_validate(box))
        segments.append(Segment(id=k, page=number, text=word.text, box=word.box, words=(word,)))
    return Page(number=number, width=600, height=800, segments=tuple(segments))


def _form(seed: int, pages: int = 1) -> LabelledDocument:
    """Two columns of questions, each with its answer right of it; every third has none."""
    rng = random.Random(seed)
    made, labels, links = list[Page](), list[str](), set[tuple[int, int]]()
    for number in range(1, pages + 1):
        boxes: list[tuple[float, float, float, float]] = []
        first = len(labels)
        for row in range(6):
            for column in (20, 320):
                left, top = column + rng.randrange(20), 40 + 40 * row + rng.randrange(6)
                boxes.append((left, top, left + 80, top + 12))
                labels.append("question")
                if rng.random() < 0.67:
                    links.add((first + len(boxes) - 1, first + len(boxes)))
                    boxes.append((left + 100, top, left + 160 + rng.randrange(60), top + 12))
                    labels.append("answer")
        boxes.append((200, 700, 300, 712))  # stands far from all
        labels.append("answer")
        made.append(_page(boxes, number, first))
    document = Document(id=f"form{seed}", pages=tuple(made))
    return LabelledDocument(document, tuple(labels), KNOWN, "forms", frozenset(links))


@pytest.fixture(scope="module")
def fitted() -> tuple[Pairing, PairingConfig]:
    return fit_pairing([_form(k) for k in range(12)], seed=0)


def test_links_are_found_on_pages_that_were_not_seen(
    fitted: tuple[Pairing, PairingConfig],
) -> None:
    form = _form(99, pages=2)
    links = find_links(*fitted, form.document, form.labels)
    assert (links.question, links.answer) == ("question", "answer")
    assert form.links is not None
    for question, answer in form.links:
        assert max(links.shares[answer], key=lambda k: links.shares[answer][k]) == question
    linked = {answer for _, answer in form.links}
    alone = {k for k, label in enumerate(form.labels) if label == "answer"} - linked
    assert len(alone) == 2
    for answer in alone:
        assert sum(links.shares[answer].values()) < 0.5
    # A page knows nothing of the questions of another.
    first_of_second = len(form.document.pages[0].segments)
    for answer, row in links.shares.items():
        assert all((q < first_of_second) == (answer < first_of_second) for q in row)


def test_the_same_seed_learns_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid.gcn.pairing._STEPS", 60)
    forms = [_form(k) for k in range(3)]
    first, second, other = (fit_pairing(forms, seed)[0].state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[k], second[k]) for k in first)
    assert any(not torch.equal(first[k], other[k]) for k in first)


def test_labels_that_are_linked() -> None:
    form = _form(1)
    assert linked_labels([form]) == ("question", "answer")
    assert linked_labels([replace(form, links=None)]) is None
    assert linked_labels([replace(form, links=frozenset())]) is None


def test_features_of_a_known_pair() -> None:
    page = _page(
        [(10, 100, 60, 110), (200, 100, 230, 110), (80, 101, 120, 111), (10, 130, 60, 140)]
    )
    found = pair_features(page, [0, 1], [2, 3])
    assert found.shape == (2, 2, len(PAIR_FEATURES))
    named = dict(zip(PAIR_FEATURES, found[0, 0].tolist(), strict=True))
    assert named["right_to_left"] == pytest.approx(np.log1p(2.0))  # 20 px, lines of 10 px
    assert named["vertical_overlap"] == pytest.approx(0.9)
    assert named["horizontal_overlap"] == pytest.approx(-0.5)
    assert (named["questions_left"], named["next_left"]) == (0.0, 1.0)
    # The second question stands right of the answer: it is not among those on its left.
    other = dict(zip(PAIR_FEATURES, found[0, 1].tolist(), strict=True))
    assert (other["questions_left"], other["next_left"]) == (3.0, 0.0)
    below = dict(zip(PAIR_FEATURES, found[1, 0].tolist(), strict=True))
    assert (below["next_above"], below["nearest"], below["sin"]) == (1.0, 1.0, 1.0)


def test_boxes_without_height_are_no_trouble() -> None:
    page = _page([(5, 5, 5, 5), (5, 5, 5, 5)])
    assert torch.isfinite(pair_features(page, [0], [1])).all()


def test_no_questions_no_links(fitted: tuple[Pairing, PairingConfig]) -> None:
    document = _form(5).document
    assert find_links(*fitted, document, ["answer"] * len(document.segments)).shares == {}
    assert find_links(*fitted, Document(id="none", pages=()), []).shares == {}


def test_links_of_texts_in_several_segments() -> None:
    links = Links("q", "a", {3: {0: 0.5, 1: 0.25}, 4: {1: 0.5}})
    assert links.between([0, 1], [3, 4]) == pytest.approx(0.625)
    assert links.between([2], [9]) == 0

from __future__ import annotations

import random
from dataclasses import replace

from hybrid.document import Document
from hybrid.gcn.augment import cut_in_two, noisy_text, perturb
from hybrid.gcn.labelled import UNKNOWN, LabelledDocument


def test_the_same_seed_gives_the_same_copy(receipts: list[LabelledDocument]) -> None:
    assert perturb(receipts[0], random.Random(1)) == perturb(receipts[0], random.Random(1))
    copies = {perturb(receipts[0], random.Random(k)).document.text for k in range(20)}
    assert len(copies) > 5


def test_labels_stay_with_their_lines(receipts: list[LabelledDocument]) -> None:
    unknown = split = two_pages = 0
    for seed in range(300):
        copy = perturb(receipts[seed % len(receipts)], random.Random(seed))
        two_pages += len(copy.document.pages) == 2
        for segment, label in zip(copy.document.segments, copy.labels, strict=True):
            text = segment.text.lower()
            if label == "total":
                assert any(c.isdigit() or c in "oslb" for c in text)
            if label == "company":
                assert not any(c == "/" for c in text)
            unknown += label == UNKNOWN
            split += text in ("shop", "date", "total")
    assert unknown > 0
    assert split > 0
    assert two_pages > 0


def test_a_cut_keeps_all_segments(receipts: list[LabelledDocument]) -> None:
    document: Document = cut_in_two(receipts[0].document, 0.2)
    assert [p.number for p in document.pages] == [1, 2]
    assert [p.height for p in document.pages] == [120, 480]
    assert {s.id for s in document.segments} == {s.id for s in receipts[0].document.segments}
    assert all(s.page == p.number for p in document.pages for s in p.segments)
    assert all(
        s.box.top >= -12 and s.box.bottom <= p.height + 12
        for p in document.pages
        for s in p.segments
    )


def test_noise_changes_texts_now_and_then() -> None:
    texts = {noisy_text("TOTAL 10.50", random.Random(k)) for k in range(40)}
    assert "TOTAL10.50" in texts
    assert "total 10.50" in texts
    assert len(texts) > 4


def test_some_copies_lack_an_entity(receipts: list[LabelledDocument]) -> None:
    lacking: set[str] = set()
    whole = 0
    for seed in range(300):
        original = receipts[seed % len(receipts)]
        copy = perturb(original, random.Random(seed))
        gone = set(original.labels) - set(copy.labels) - {UNKNOWN}
        whole += not gone
        lacking |= gone
        assert len(gone) < len(receipts[0].known_labels) - 1
    assert lacking == set(receipts[0].known_labels) - {"other"}
    assert 30 < whole < 150


def test_a_column_is_never_removed(receipts: list[LabelledDocument]) -> None:
    """What stands on many lines is no single field: without it a page would be another page."""
    original = receipts[0]
    column = replace(original, labels=("total",) * len(original.labels))
    for seed in range(100):
        copy = perturb(column, random.Random(seed))
        assert len(copy.labels) >= len(column.labels) // 2

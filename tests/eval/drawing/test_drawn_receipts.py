"""Drawn receipts: repeatable, labelled, inside their page, with sums that add up to the total."""

from collections import Counter

import pytest

from eval.datasets import drawn_receipts
from eval.datasets.cord_r import ENTITY_LABELS
from eval.datasets.drawn_receipts import DrawnReceipts, drawn_receipt
from eval.datasets.registry import read_dataset
from eval.datasets.sroie import Sroie
from eval.drawing import goods, till_words
from eval.drawing.countries import COUNTRIES
from eval.drawing.fonts import text_width
from eval.drawing.forms import seeded
from eval.drawing.photo import photographed
from eval.drawing.receipts import LABELS, draw_receipt
from eval.drawing.roll import Cell, Roll
from eval.drawing.sheet import Drawing, Sheet, Style
from hybrid.errors import DatasetError

SEEDS = range(80)


def _overlaps(drawing: Drawing) -> list[tuple[str, str]]:
    found = []
    for index, a in enumerate(drawing.pieces):
        for b in drawing.pieces[index + 1 :]:
            wide = min(a.right, b.right) - max(a.left, b.left)
            high = min(a.bottom, b.bottom) - max(a.top, b.top)
            if wide > 0.01 and high > 0.01:
                found.append((a.text, b.text))
    return found


def test_equal_seeds_draw_equal_receipts() -> None:
    assert draw_receipt(7) == draw_receipt(7)
    assert draw_receipt(7)[0].document.text != draw_receipt(8)[0].document.text
    assert draw_receipt(7, "mine")[0].id == "mine"


def test_every_receipt_has_the_four_values_where_its_labels_are() -> None:
    for seed in SEEDS:
        drawing, fields = draw_receipt(seed)
        assert list(fields) == ["company", "date", "address", "total"]
        for name, text in fields.items():
            printed = " ".join(p.text for p in drawing.pieces if p.label == name)
            assert "".join(text.split()) in "".join(printed.split())


def test_all_labels_are_drawn_and_known() -> None:
    seen = Counter(label for seed in SEEDS for label in draw_receipt(seed)[0].labels)
    assert set(seen) == set(LABELS) <= set(DrawnReceipts.labels)
    assert set(DrawnReceipts.labels) == ({*Sroie.labels, *ENTITY_LABELS} - {"total.total_price"})


def test_text_is_inside_the_page_and_never_overlaps() -> None:
    for seed in SEEDS:
        drawing, _ = draw_receipt(seed)
        assert not _overlaps(drawing)
        for page in (drawing, photographed(drawing, seeded(seed))):
            for piece in page.pieces:
                assert 0 <= piece.left < piece.right <= page.width + 0.5
                assert 0 <= piece.top < piece.bottom <= page.height + 0.5


def test_a_photograph_keeps_the_order_and_may_tilt_the_rows() -> None:
    drawing, _ = draw_receipt(5)
    photos = [photographed(drawing, seeded(k)) for k in range(12)]
    assert all(
        [p.text for p in photo.pieces] == [p.text for p in drawing.pieces] for photo in photos
    )
    heights = {round(photo.pieces[0].bottom - photo.pieces[0].top, 2) for photo in photos}
    assert len(heights) > 1
    assert any(photo.width > drawing.width for photo in photos)


def test_cells_break_the_row_or_are_cut_but_do_not_collide() -> None:
    roll = Roll(Sheet(120, 100), Style("mono", 10), margin=10)
    price = Cell(-1, "12.50", "menu.price")
    roll.cells([Cell(0, "Cauliflower soup", "menu.nm"), price])
    roll.cells([Cell(0, "Cauliflower soup", "menu.nm"), price], cut=True)
    roll.cells([Cell(0.9, "far right")])
    roll.cells([Cell(0, "wider than the paper is")])
    drawing = roll.finish("x", 1.0)
    assert not _overlaps(drawing)
    assert [p.text for p in drawing.pieces] == [
        "Cauliflower soup", "12.50", "Cauliflowe", "12.50", "far right", "wider than the p",
    ]  # fmt: skip
    assert all(p.right <= 110.01 for p in drawing.pieces)


def test_countries_and_languages_have_all_that_receipts_ask_for() -> None:
    rng = seeded("countries")
    names = set(till_words.wordings("en"))
    for language in till_words.LANGUAGES:
        assert set(till_words.wordings(language)) == names
        for name in names:
            for _ in range(10):
                assert text_width(till_words.filled(rng, language, name), "sans", 10) > 0
        assert (
            text_width(goods.shop(rng, language) + goods.item(rng, language, True), "mono", 9) > 0
        )
    for country in COUNTRIES.values():
        assert set(country.languages) <= set(till_words.LANGUAGES)
        for _ in range(30):
            assert 1 <= len(country.address(rng)) <= 4
            assert any(c.isdigit() for c in country.date(rng, country.languages[0]))
            assert country.tax(rng)[1]
    assert COUNTRIES["de"].number(1234.5) == "1.234,50"
    assert COUNTRIES["ch"].number(1234.5) == "1'234.50"
    assert COUNTRIES["id"].number(45000) == "45.000"


def test_the_dataset_is_repeatable_and_needs_no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_receipts, "SIZES", {"train": 20, "test": 5})
    train, test = (read_dataset("drawn_receipts", None, split) for split in ("train", "test"))
    assert (len(train), len(test)) == (20, 5)
    assert train[3] == drawn_receipt("train", 3)
    assert not {s.document.text for s in train} & {s.document.text for s in test}
    for sample in train:
        assert sample.labels is not None
        assert sample.values is not None
        assert set(sample.labels) <= set(DrawnReceipts.labels)
        for value in sample.values:
            assert {sample.labels[k] for k in value.segment_ids} == {value.label}
    with pytest.raises(DatasetError, match="no split 'valid'"):
        DrawnReceipts().load(None, "valid")

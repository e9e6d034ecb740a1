"""Forms and invoices from seeds: determinism, gold that fits, variety, and what OCR does to them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from eval.drawing import keys, phrases, values
from eval.drawing.fonts import STANDARD_NAMES, text_width
from eval.drawing.forms import draw_form, seeded
from eval.drawing.invoices import draw_invoice
from eval.drawing.perturb import Noise, perturb, random_noise
from eval.drawing.sheet import LABELS, Drawing, Sheet, Style, reading_order

SEEDS = range(25)
QUIET = Noise(merge=0, split=0, lost=0, letter=0, blank=0, case=0, jitter=0)


def _drawings() -> list[Drawing]:
    return [draw(seed) for seed in SEEDS for draw in (draw_form, draw_invoice)]


def _check_gold(drawing: Drawing) -> None:
    document = drawing.document
    segments = document.segments
    assert len(drawing.labels) == len(segments) == len(drawing.pieces)
    assert [s.id for s in segments] == list(range(len(segments)))
    assert set(drawing.labels) <= set(LABELS)
    for question, answer in drawing.links:
        assert drawing.labels[question] == "question"
        assert drawing.labels[answer] == "answer"
    for piece, segment in zip(drawing.pieces, segments, strict=True):
        assert piece.text == segment.text
        assert all(w.text and not w.text.isspace() for w in piece.words)


@pytest.mark.parametrize("draw", [draw_form, draw_invoice])
def test_equal_seeds_draw_equal_documents(draw: Callable[[int], Drawing]) -> None:
    assert draw(7) == draw(7)
    assert draw(7).document == draw(7).document
    assert draw(7).document.text != draw(8).document.text


def test_labels_and_links_fit_the_segments() -> None:
    for drawing in _drawings():
        _check_gold(drawing)


def test_pairs_are_the_texts_of_linked_segments() -> None:
    for drawing in _drawings():
        by_entity: dict[int, list[str]] = {}
        for piece in drawing.pieces:
            by_entity.setdefault(piece.entity, []).append(piece.text)
        assert len(drawing.pairs) == len(drawing.entity_links)
        for (question, answer), (q, a) in zip(drawing.pairs, drawing.entity_links, strict=True):
            assert question.split() == " ".join(by_entity[q]).split()
            assert answer.split() == " ".join(by_entity[a]).split()


def test_every_label_and_unanswered_questions_occur() -> None:
    counts = Counter(label for drawing in _drawings() for label in drawing.labels)
    assert all(counts[label] > 30 for label in LABELS)
    assert counts["question"] > counts["header"]
    unanswered = [
        p
        for d in _drawings()
        for p in d.pieces
        if p.label == "question" and p.entity not in {q for q, _ in d.entity_links}
    ]
    assert len(unanswered) > 20


def test_texts_vary_from_document_to_document() -> None:
    questions = {p.text for d in _drawings() for p in d.pieces if p.label == "question"}
    assert len(questions) > 400


def test_boxes_are_as_wide_as_their_text_and_on_the_page() -> None:
    outside = total = 0
    for drawing in _drawings():
        for piece in drawing.pieces:
            total += 1
            outside += piece.right > drawing.width or piece.bottom > drawing.height
            for word in piece.words:
                width = text_width(word.text, piece.style.font, piece.style.size)
                assert word.right - word.left == pytest.approx(width, abs=0.01)
    assert outside < 0.005 * total


@pytest.mark.parametrize("language", values.LANGUAGES)
def test_every_kind_of_key_has_values_that_can_be_drawn(language: str) -> None:
    rng = seeded("kinds")
    assert set(keys.kinds(language)) <= set(values.KINDS)
    for kind in keys.kinds(language):
        for _ in range(20):
            key, drawn = keys.key(rng, language, kind)
            assert drawn == kind
            for text in (key, *values.value(rng, kind, language)):
                assert text.strip()
                assert text_width(text, "sans", 10) > 0
    for _ in range(50):
        texts = (phrases.title(rng, language), phrases.section(rng, language))
        assert all(text_width(t, "serif", 10) > 0 for t in texts)


def test_all_typefaces_have_metrics_and_say_what_they_cannot_draw() -> None:
    assert all(text_width("Größe 12 €", name, 10) > 20 for name in STANDARD_NAMES)
    assert text_width("iiii", "mono", 10) == pytest.approx(text_width("WWWW", "mono", 10))
    with pytest.raises(ValueError, match="no character '中'"):
        text_width("中", "sans", 10)


def test_reading_order_goes_by_rows() -> None:
    sheet = Sheet(200, 200)
    style = Style(size=10)
    for text, left, top in (("d", 10, 40), ("b", 90, 12), ("c", 150, 9), ("a", 10, 10)):
        sheet.text(text, left, top, style)
    sheet.new_page()
    sheet.text("e", 10, 0, style)
    assert [p.text for p in reading_order(sheet.finish("x").pieces)] == list("abcde")


def test_perturbed_gold_still_fits() -> None:
    for drawing in _drawings():
        rng = seeded(drawing.id)
        noisy = perturb(drawing, rng, random_noise(rng))
        _check_gold(noisy)
        assert noisy.pairs == drawing.pairs


def test_no_noise_changes_nothing_but_order() -> None:
    drawing = draw_form(3)
    assert set(perturb(drawing, seeded(1), QUIET).pieces) == set(drawing.pieces)


def test_a_key_and_its_value_merge_into_one_answer_without_a_link() -> None:
    sheet = Sheet(200, 100)
    style = Style(size=10)
    key = sheet.text("Date:", 10, 10, style, "question")
    sheet.link(key, sheet.text("12/03/2021", key.right + 0.01, 10, style, "answer"))
    far = sheet.text("No.", 10, 30, style, "question")
    sheet.link(far, sheet.text("77", 150, 30, style, "answer"))
    merged = perturb(sheet.finish("x"), seeded(0), replace(QUIET, merge=1.0))
    texts = [(p.text, p.label) for p in merged.pieces]
    assert texts == [("Date: 12/03/2021", "answer"), ("No.", "question"), ("77", "answer")]
    assert merged.links == ((1, 2),)
    assert merged.pairs == (("Date:", "12/03/2021"), ("No.", "77"))


def test_each_kind_of_noise_does_what_it_says() -> None:
    drawing = draw_form(4)
    split = perturb(drawing, seeded(0), replace(QUIET, split=1.0))
    assert len(split.pieces) > len(drawing.pieces)
    joined = perturb(drawing, seeded(0), replace(QUIET, blank=1.0))
    assert all(len(p.words) == 1 for p in joined.pieces)
    letters = perturb(drawing, seeded(0), replace(QUIET, letter=1.0))
    pairs = zip(drawing.pieces, letters.pieces, strict=True)
    assert all(a.text.count("8") == b.text.count("B") for a, b in pairs if "B" not in a.text)
    assert letters.document.text != drawing.document.text
    shaken = perturb(drawing, seeded(0), replace(QUIET, jitter=0.2))
    assert {p.text for p in shaken.pieces} == {p.text for p in drawing.pieces}
    assert all(0 <= p.left < p.right <= drawing.width for p in shaken.pieces)
    assert [p.left for p in shaken.pieces] != [p.left for p in drawing.pieces]
    assert len(perturb(drawing, seeded(0), replace(QUIET, lost=0.5)).pieces) < len(drawing.pieces)

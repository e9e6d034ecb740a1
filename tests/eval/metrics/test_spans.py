import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from nervaluate import Evaluator  # type: ignore[import-untyped]
from seqeval.metrics.sequence_labeling import get_entities  # type: ignore[import-untyped]

from eval.datasets import read_dataset
from eval.datasets.base import Entity
from eval.metrics.matching import match
from eval.metrics.spans import characters_key, entity_key, spans_of_words
from hybrid.document import BoundingBox, Document, Page, Segment, Word, segment_of

from .conftest import Items


def page_of(number: int, words: Sequence[tuple[str, float, float]], first: int = 0) -> Page:
    """Words as (text, left, top), each 10 wide and high, one a segment."""
    segments: list[Segment] = []
    for k, (text, left, top) in enumerate(words, start=first):
        box = BoundingBox(left=left, top=top, right=left + 10, bottom=top + 10)
        segments.append(segment_of(k, number, [Word(id=k, text=text, box=box)]))
    return Page(number=number, width=500, height=500, segments=tuple(segments))


WORDS = [("TOTAL", 0, 0), ("9,0", 20, 4), ("2x", 0, 20), ("Nasi", 20, 20)]
DOCUMENT = Document(id="d", pages=(page_of(1, WORDS), page_of(2, [("Teh", 40, 20)], 4)))
IDS = (0, 6, 10, 13, 18)


def test_words_of_a_row_are_merged() -> None:
    spans = spans_of_words(DOCUMENT, ["t", "t", "t", "n", "n"], IDS)
    assert [(s.label, s.text, s.key, s.path) for s in spans] == [
        ("t", "TOTAL 9,0", "0-4,6-8", "0 6"),
        ("t", "2x", "10-11", "10"),
        ("n", "Nasi", "13-16", "13"),
        ("n", "Teh", "18-20", "18"),
    ]
    assert spans[0].box.as_tuple() == (0, 0, 30, 14)
    assert (spans[0].places, spans[0].released_ids, spans[0].page) == ((0, 1), (0, 6), 1)
    assert spans[3].page == 2


def test_the_background_and_other_labels_part() -> None:
    row = Document(id="d", pages=(page_of(1, [("a", 15 * k, 0) for k in range(5)]),))
    ids = range(0, 10, 2)
    spans = spans_of_words(row, ["x", "other", "x", "x", "y"], ids)
    assert [(s.label, s.key) for s in spans] == [("x", "0"), ("x", "4,6"), ("y", "8")]
    assert spans_of_words(row, ["other"] * 5, ids) == ()
    assert len(spans_of_words(row, ["other"] * 5, ids, background="x")) == 1
    with pytest.raises(ValueError, match="zip"):
        spans_of_words(row, ["x"], ids)


@pytest.mark.parametrize(("top", "spans"), [(5, 1), (5.1, 2), (10, 2), (-5, 1)])
def test_a_row_is_half_of_the_height(top: float, spans: int) -> None:
    two = Document(id="d", pages=(page_of(1, [("a", 0, 20), ("b", 20, 20 + top)]),))
    assert len(spans_of_words(two, ["x", "x"], [0, 2])) == spans


def test_keys_are_ranges() -> None:
    assert characters_key([5, 3, 4, 9, 11, 12, 3]) == "3-5,9,11-12"
    assert characters_key([]) == ""
    assert characters_key([7]) == "7"


def test_keys_of_gold_have_no_blanks() -> None:
    entity = Entity(label="t", text="TOTAL 9", word_ids=(0, 1), character_ids=(6, 0, 1, 2, 3, 4, 5))
    assert entity_key(entity, DOCUMENT, IDS) == "0-4,6"
    blank = Entity(label="t", text=" ", word_ids=(0,), character_ids=(5, 9))
    assert entity_key(blank, DOCUMENT, IDS) == ""


LABELS = ["other", "x", "y"]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.filterwarnings("ignore")
def test_scores_equal_seqeval_and_nervaluate(items: Items, seed: int) -> None:
    """On one long row, where entities are runs of equal labels."""
    chance = random.Random(seed)
    row = Document(id="d", pages=(page_of(1, [("a", 15 * k, 0) for k in range(40)]),))
    gold = [chance.choice(LABELS) for _ in range(40)]
    given = [label if chance.random() < 0.8 else chance.choice(LABELS) for label in gold]
    ids = range(0, 80, 2)
    rows = []
    for labels in (given, gold):
        spans = spans_of_words(row, labels, ids)
        rows.append(
            items(
                [("d", s.path, s.text, {"label": s.label, "key": s.key}) for s in spans],
                task="label",
            )
        )
    counts = match(rows[0], rows[1]).counts().row(0)[1:]

    tags = [
        ["O" if label == "other" else f"I-{label}" for label in labels] for labels in (given, gold)
    ]
    found, wanted = (set(get_entities(t)) for t in tags)
    assert counts == (len(found & wanted), len(found), len(wanted))

    evaluator = Evaluator([_bio(gold)], [_bio(given)], tags=["x", "y"], loader="list")
    strict = evaluator.evaluate()["overall"]["strict"]
    assert (strict.correct, strict.actual, strict.possible) == counts


def _bio(labels: list[str]) -> list[str]:
    before = ["other", *labels]
    return [
        "O" if label == "other" else f"{'I' if label == last else 'B'}-{label}"
        for label, last in zip(labels, before, strict=False)
    ]


def test_gold_labels_of_the_real_release_find_most_entities(
    items: Items, shared_data: Path
) -> None:
    gold, given = [], []
    for sample in read_dataset("cord_r", shared_data / "cord_r", "valid"):
        assert sample.labels is not None
        for entity in sample.entities:
            key = entity_key(entity, sample.document, sample.released_ids)
            gold.append((sample.id, key, entity.text, {"label": entity.label, "key": key}))
        for span in spans_of_words(sample.document, sample.labels, sample.released_ids):
            given.append((sample.id, span.path, span.text, {"label": span.label, "key": span.key}))
    counts = match(items(given, task="label"), items(gold, task="label")).counts()
    hits, predictions, wanted = counts.select("true_positives", "predictions", "gold").sum().row(0)
    assert wanted > 1000
    assert 2 * hits / (predictions + wanted) > 0.8

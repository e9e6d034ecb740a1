"""Reading order and the cleaning of text."""

import random

import pytest

from hybrid.document import BoundingBox
from hybrid.ingest import Limits, RecognizedLine, RecognizedWord
from hybrid.ingest.assemble import Numbering, clean, segments_of
from hybrid.ingest.reading_order import reading_order


def box(left: float, top: float, right: float, height: float = 20) -> BoundingBox:
    return BoundingBox(left=left, top=top, right=right, bottom=top + height)


def shuffled(rows: list[tuple[BoundingBox, str]]) -> list[str]:
    mixed = rows.copy()
    random.Random(3).shuffle(mixed)
    return reading_order(mixed)


def test_receipt_is_read_by_rows() -> None:
    rows = [(box(150, 0, 350), "SHOP")]
    for i in range(12):
        rows += [
            (box(10, 40 + 30 * i, 200), f"item {i}"),
            (box(400, 43 + 30 * i, 460), f"price {i}"),
        ]
    assert shuffled(rows) == [text for _, text in rows]


def test_table_is_read_by_rows() -> None:
    rows = [
        (box(10 + 150 * column, 30 * row, 60 + 150 * column + 15 * (row % 3)), f"{row}.{column}")
        for row in range(10)
        for column in range(4)
    ]
    assert shuffled(rows) == [text for _, text in rows]


def test_columns_of_prose_are_read_one_after_the_other() -> None:
    title = [(box(40, 0, 560), "title")]
    left = [(box(10, 50 + 24 * i, 285 - i % 3), f"left {i}") for i in range(15)]
    right = [(box(315, 52 + 24 * i, 590 - i % 4), f"right {i}") for i in range(14)]
    footer = [(box(40, 500, 560), "footer")]
    expected = title + left + right + footer
    assert shuffled(expected) == [text for _, text in expected]


def test_skewed_row_holds_together() -> None:
    rows = [(box(100 * i, 5 * i, 100 * i + 80), str(i)) for i in range(5)]
    assert shuffled([*rows, (box(0, 60, 80), "next")]) == ["0", "1", "2", "3", "4", "next"]


def test_order_of_nothing_and_of_points() -> None:
    assert reading_order([]) == []
    assert sorted(shuffled([(box(5, 5, 5, 0), str(i)) for i in range(20)])) == sorted(
        map(str, range(20))
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a\x00b", "ab"),
        ("a\tb\nc\u00a0d", "a b c d"),
        ("Cafe\u0301", "Café"),
        ("Rech\u00adnung", "Rechnung"),
        ("12\u202e.90\u200b\ufeff", "12.90"),
        ("\ue001\x1b[2J", "[2J"),
        ("  RM  12.90 ", "RM 12.90"),
        ("金額 ١٢ 😀", "金額 ١٢ 😀"),
        ("\x00", ""),
    ],
)
def test_clean(given: str, expected: str) -> None:
    assert clean(given) == expected
    assert clean(clean(given)) == clean(given)


def test_words_are_the_engines_own_where_they_spell_the_line() -> None:
    line = RecognizedLine(
        "TOTAL 5",
        box(0, 0, 70),
        0.9,
        (RecognizedWord("TOTAL", box(0, 0, 44), 0.8), RecognizedWord("5", box(60, 0, 70), 0.7)),
    )
    other = RecognizedLine("TOTAL 5", box(0, 30, 70), 0.9, line.words[:1])
    empty = RecognizedLine("\x00 ", box(0, 60, 70), 0.9)
    first, second = segments_of([line, other, empty], 1, 0.5, Numbering(Limits()))
    assert [(w.text, w.box.as_tuple(), w.confidence) for w in first.words] == [
        ("TOTAL", (0, 0, 22, 10), 0.8),
        ("5", (30, 0, 35, 10), 0.7),
    ]
    assert [(w.text, w.box.as_tuple(), w.confidence) for w in second.words] == [
        ("TOTAL", (0, 15, 25, 25), 0.9),
        ("5", (30, 15, 35, 25), 0.9),
    ]
    assert [w.id for s in (first, second) for w in s.words] == [0, 1, 2, 3]

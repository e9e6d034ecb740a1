import polars as pl
import pytest

from eval.metrics.hallucination import KINDS, answered_counts, fault_counts, flags

from .conftest import Items

GOLD = [
    ("a", "total", "10"),
    ("a", "total", "10.0 RM"),
    ("a", "date", "1 May"),
    ("b", "date", None),
]


@pytest.mark.parametrize(
    ("path", "text", "on_page", "in_citation", "expected"),
    [
        ("total", "10", True, True, ()),
        ("total", "10.0 rm", True, True, ()),
        ("total", "10", True, False, ("mislocated",)),
        ("total", "10", True, None, ("mislocated",)),
        ("total", "11", True, True, ("wrong_field",)),
        ("total", "11", True, False, ("mislocated", "wrong_field")),
        ("total", "11", False, False, ("hallucination", "ungrounded")),
        ("total", "10", None, True, ("hallucination", "ungrounded")),
        ("company", "X", True, True, ("hallucination", "absent_field")),
        ("company", "X", False, None, ("hallucination", "ungrounded", "absent_field")),
        ("company", "X", True, None, ("hallucination", "absent_field", "mislocated")),
    ],
)
def test_taxonomy(
    items: Items,
    path: str,
    text: str,
    on_page: bool | None,
    in_citation: bool | None,
    expected: tuple[str, ...],
) -> None:
    where = {"on_page": on_page, "in_citation": in_citation}
    row = flags(items([("a", path, text, where)]), items(GOLD)).row(0, named=True)
    assert tuple(k for k in KINDS if row[k]) == expected


def test_a_right_value_twice_is_not_wrong(items: Items) -> None:
    given = items([("a", "total", "10"), ("a", "total", "10")])
    assert fault_counts(given, items(GOLD)).row(0)[1:] == (0, 0, 0, 0, 0, 2)


def test_the_gold_of_another_document_is_not_that_of_this_one(items: Items) -> None:
    given = items([("b", "total", "10"), ("b", "date", "1 May"), ("a", "date", "1 May")])
    counts = fault_counts(given, items(GOLD))
    assert counts.columns == ["document_id", *KINDS, "values"]
    assert counts.rows() == [("a", 0, 0, 0, 0, 0, 1), ("b", 2, 0, 2, 0, 0, 2)]


def test_the_value_of_another_field_or_document_is_wrong(items: Items) -> None:
    gold = items([("a", "total", "10"), ("a", "tax", "2"), ("b", "total", "7"), ("b", "tax", "10")])
    given = items([("a", "tax", "10"), ("a", "total", "7"), ("b", "tax", "10")])
    assert fault_counts(given, gold).rows() == [("a", 0, 0, 0, 0, 2, 2), ("b", 0, 0, 0, 0, 0, 1)]


def test_equal_values_of_the_gold_count_a_value_once(items: Items) -> None:
    gold = items([("a", "menu[0]", "tea"), ("a", "menu[1]", "tea"), ("a", "menu[1]", "Tea")])
    given = items([("a", "menu[0]", "tea"), ("a", "menu[1]", "rice", {"on_page": False})])
    assert fault_counts(given, gold).rows() == [("a", 1, 1, 0, 0, 0, 2)]


def test_nothing_given(items: Items) -> None:
    assert fault_counts(items([]), items(GOLD)).height == 0
    assert fault_counts(items([("a", "x", "1")]), items([])).row(0)[1:] == (1, 0, 1, 0, 0, 1)


def test_an_ungrounded_value_more_never_lowers_the_rate(items: Items) -> None:
    given = [("a", "total", "10"), ("a", "total", "9", {"on_page": False}), ("a", "date", "2")]
    rates = []
    for extra in range(3):
        more = [("a", "date", "zz", {"on_page": False})] * extra
        counts = fault_counts(items(given + more), items(GOLD)).row(0, named=True)
        rates.append(counts["hallucination"] / counts["values"])
    assert rates == sorted(rates)


def test_answered_over_asked(items: Items) -> None:
    gold = items([("a#total", "total", None), ("b#total", "total", None), ("b#x", "date", "1")])
    given = items([("a#total", "total", "1"), ("a#total", "total", "2"), ("b#total", "date", "1")])
    assert answered_counts(given, gold).rows() == [("a#total", 1, 1), ("b#total", 0, 1)]
    assert answered_counts(items([]), gold).rows() == [("a#total", 0, 1), ("b#total", 0, 1)]
    assert answered_counts(given, gold.filter(pl.col("text").is_not_null())).rows() == []


def test_several_asked_in_one_document(items: Items) -> None:
    gold = items([("a", "total[0]", None), ("a", "total[1]", None), ("a", "date", None)])
    assert answered_counts(items([("a", "date", "1")]), gold).rows() == [("a", 1, 2)]

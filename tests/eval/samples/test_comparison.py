"""The demo's comparison of gold and found values."""

from typing import Any

import pytest

from eval.samples.comparison import compare, is_same


def leaf(value: Any) -> dict[str, Any]:
    return {"value": value, "status": "accepted"}


@pytest.mark.parametrize(
    ("expected", "found", "same"),
    [
        ("26.30", "26.30", True),
        ("26.30", 26.3, True),
        ("26.30", "26.03", False),
        ("26.30", "2630", False),
        ("Acme Ltd.", "ACME LTD", True),
        ("Acme Ltd.", "Acme", False),
        ("2018-12-25", "2018-12-25", True),
        (None, None, True),
        (None, "", False),
        ("0", None, False),
    ],
)
def test_values(expected: Any, found: Any, same: bool) -> None:
    assert is_same(expected, found) is same


def test_fields_without_a_leaf_are_wrong_and_missing() -> None:
    (row,) = compare({"total": "1.00"}, {})
    assert (row.found, row.status, row.is_right) == (None, "missing", False)


def test_absent_field_that_stays_empty_is_right() -> None:
    (row,) = compare({"tax": None}, {"tax": leaf(None)})
    assert row.is_right


def test_values_beyond_the_gold_are_shown_as_wrong() -> None:
    rows = compare({"total": "1"}, {"total": leaf("1"), "menu[0].name": leaf("Tea")})
    assert [(r.path, r.is_right) for r in rows] == [("total", True), ("menu[0].name", False)]


def test_rows_are_paired_by_what_agrees() -> None:
    gold = {
        "menu[0].name": "Tea",
        "menu[0].price": "2",
        "menu[1].name": "Pie",
        "menu[1].price": "5",
    }
    fields = {"menu[0].name": leaf("Pie"), "menu[0].price": leaf("5")}
    rows = compare(gold, fields)
    assert [(r.path, r.found, r.is_right) for r in rows] == [
        ("menu[0].name", None, False),
        ("menu[0].price", None, False),
        ("menu[1].name", "Pie", True),
        ("menu[1].price", "5", True),
    ]


def test_one_found_row_is_not_used_twice() -> None:
    rows = compare({"tags[0]": "a", "tags[1]": "a"}, {"tags[0]": leaf("a")})
    assert [r.is_right for r in rows] == [True, False]

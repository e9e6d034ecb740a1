"""Sums below items and between them, and items that are called like sums."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.hybrid.verify.tables.test_tables import (
    BLUE,
    FIRST,
    HEADINGS,
    RED,
    SECOND,
    Line,
    Statement,
    items,
    printed,
)


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ([(60, "Discount 10 %"), (406, "-0.70")], [{"description": "Discount 10 %"}]),
        ([(60, "Cash handling fee"), (406, "12.00")], [{"description": "Cash handling fee"}]),
        ([(60, "Subtotal"), (412, "7.00")], []),
        ([(60, "VAT 20 %"), (412, "1.40")], []),
    ],
)
def test_what_is_called_like_a_sum_may_be_an_item_if_others_follow(
    line: Line, more: list[dict[str, Any]]
) -> None:
    between = items(printed([(10, HEADINGS), (25, FIRST), (40, line), (55, SECOND)]))
    assert [item["description"] for item in between] == [
        "Blue widget, 20 mm",
        *(item["description"] for item in more),
        "Red one",
    ]
    below = items(printed([(10, HEADINGS), (25, FIRST), (40, SECOND), (55, line)]))
    assert len(below) == 2


def test_a_row_with_a_sum_s_words_is_an_item_if_the_sum_needs_it() -> None:
    fee: Line = [(60, "Change of office filing"), (412, "12.00")]
    rows = [(30.0, HEADINGS), (45.0, FIRST), (60.0, SECOND), (75.0, fee)]

    def below(amount: str) -> list[dict[str, Any]]:
        return items(printed([*rows, (90.0, [(60, "Subtotal"), (406, amount)])]))

    assert below("34.00") == [BLUE, RED, {"description": "Change of office filing", "amount": 12}]
    assert below("22.00") == [BLUE, RED]


def test_a_booking_has_a_date_whatever_it_is_called() -> None:
    page = printed(
        [
            (30, [(10, "Date"), (80, "Text"), (250, "Debit"), (320, "Credit"), (390, "Balance")]),
            (45, [(10, "02/03/2026"), (80, "Rent"), (250, "700.00"), (390, "300.00")]),
            (60, [(10, "03/03/2026"), (80, "Cash machine"), (250, "50.00")]),
            (75, [(80, "Cash total"), (250, "750.00")]),
        ]
    )
    assert [x["details"] for x in items(page, Statement)] == ["Rent", "Cash machine"]


def test_a_hostile_name_takes_no_time() -> None:
    """Of words that can be read as a sum's in very many ways."""
    name: Line = [(60, "netto" * 60 + "x"), (406, "12.00")]
    begin = time.process_time()
    assert len(items(printed([(10, HEADINGS), (25, FIRST), (40, name), (55, SECOND)]))) >= 2
    assert time.process_time() - begin < 5

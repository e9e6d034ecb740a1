"""What was handed over is no total where change was given."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.cash import cash_given
from hybrid.verify.propose import propose

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("lines", "given"),
    [
        (["TOTAL 12.15", "CASH 50.15", "CHANGE 38.00"], ["CASH 50.15"]),
        (["TOTAL 12.15", "CASH 12.15", "CHANGE 0.00"], []),
        (["TOTAL 12.15", "CASH 12.15"], []),
        (["CASH 6.86", "AmtTendered $7.00", "Change $0.14"], ["AmtTendered $7.00"]),
        (["CASH ROUNDING -0.01", "TOTAL 24.00", "TUNAI RM30.00", "BAKI RM6.00"], ["TUNAI RM30.00"]),
        (["Payment type 40.00", "Cash 50.00", "Change 10.00"], ["Cash 50.00"]),
        (["Cash 40.00", "Change 50.00", "10.00"], []),
        (["Cashier 7", "Gegeben 20,00", "Rückgeld 3,50"], ["Gegeben 20,00"]),
    ],
)
def test_cash_and_change(lines: list[str], given: list[str], document: Make) -> None:
    page = document([(t, 10, 20 * k, 10 + 6 * len(t), 20 * k + 12) for k, t in enumerate(lines)])
    found = cash_given(page.segments)
    assert [s.text for s in page.segments if s.id in found] == given


@pytest.mark.parametrize(("change", "value"), [("38.00", None), ("0.00", Decimal("50.15"))])
def test_cash_is_not_offered_as_the_total(
    change: str, value: Decimal | None, document: Make, predictions: Make
) -> None:
    page = document(
        [
            ("CASH", 10, 20, 34, 32), ("50.15", 90, 20, 120, 32),
            ("CHANGE", 10, 40, 46, 52), (change, 90, 40, 120, 52),
        ]
    )  # fmt: skip
    likely = predictions(page, {1: {"total": 0.8}})
    found = propose(page, FieldSchema(Receipt), likely)["total"]
    assert [c.value for c in found] == ([] if value is None else [value])

"""Tables side by side under one row of headings."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel

from hybrid.schema import FieldSchema, Keys
from hybrid.verify.tables.items import read_tables
from tests.hybrid.verify.tables.test_tables import Line, items, printed


class Earning(BaseModel):
    earning: Annotated[str | None, Keys("Earnings")] = None
    hours: Decimal | None = None
    amount: Decimal | None = None


class Deduction(BaseModel):
    deduction: Annotated[str | None, Keys("Deductions")] = None
    amount: Decimal | None = None


class Payslip(BaseModel):
    earnings: list[Earning] = []
    deductions: list[Deduction] = []


class Account(BaseModel):
    account: str | None = None
    stores: int | None = None


class Accounts(BaseModel):
    accounts: list[Account] = []


def test_each_of_two_lists_has_its_side() -> None:
    heads: Line = [
        (10, "Earnings"), (120, "Hours"), (180, "Amount"), (260, "Deductions"), (400, "Amount"),
    ]  # fmt: skip
    page = printed(
        [
            (20, heads),
            (35, [(10, "Basic"), (120, "160"), (180, "900.00"), (260, "Tax"), (400, "90.00")]),
            (50, [(10, "Tips"), (180, "62.00"), (260, "Pension"), (406, "9.00")]),
            (65, [(260, "Total deductions"), (400, "99.00")]),
        ]
    )
    schema = FieldSchema(Payslip)
    found = read_tables(page, schema, ["earnings", "deductions"]).items
    data, _ = schema.fill({path: c.value for path, c in found.items()})
    assert data.model_dump(exclude_none=True) == {
        "earnings": [
            {"earning": "Basic", "hours": Decimal(160), "amount": Decimal("900.00")},
            {"earning": "Tips", "amount": Decimal("62.00")},
        ],
        "deductions": [
            {"deduction": "Tax", "amount": Decimal("90.00")},
            {"deduction": "Pension", "amount": Decimal("9.00")},
        ],
    }


def test_one_list_goes_on_to_the_right() -> None:
    def row(*cells: str) -> Line:
        return list(zip((10, 120, 240, 350), cells, strict=True))

    page = printed(
        [
            (20, row("Account", "Stores", "Account", "Stores")),
            (35, row("Alder", "3", "Cedar", "12")),
            (50, row("Birch", "8", "Fir", "1")),
        ]
    )
    found: list[dict[str, Any]] = items(page, Accounts)
    assert [(x["account"], x["stores"]) for x in found] == [
        ("Alder", 3), ("Birch", 8), ("Cedar", 12), ("Fir", 1),
    ]  # fmt: skip

"""The built-in schemas: receipts, itemised receipts, forms."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from hybrid.schema import Keys, Labels


class Receipt(BaseModel):
    """The four fields of the SROIE competition (ICDAR 2019, task 3)."""

    company: Annotated[str | None, Labels("company")] = Field(
        default=None, description="name of the shop or company that issued the receipt"
    )
    date: Annotated[dt.date | None, Labels("date")] = Field(
        default=None, description="date on which the receipt was issued"
    )
    address: Annotated[str | None, Labels("address")] = Field(
        default=None, description="postal address of the shop"
    )
    total: Annotated[Decimal | None, Labels("total"), Keys("grand total", "amount due")] = Field(
        default=None, description="total amount to pay, tax included"
    )


class MenuItem(BaseModel):
    """One thing that was bought."""

    name: Annotated[str | None, Labels("menu.nm")] = Field(
        default=None, description="name of the item"
    )
    count: Annotated[Decimal | None, Labels("menu.cnt")] = Field(
        default=None, description="quantity"
    )
    unit_price: Annotated[Decimal | None, Labels("menu.unitprice")] = Field(
        default=None, description="price of one"
    )
    price: Annotated[Decimal | None, Labels("menu.price")] = Field(
        default=None, description="price of the whole line"
    )


class SubTotals(BaseModel):
    """What stands between the items and the total."""

    subtotal: Annotated[Decimal | None, Labels("sub_total.subtotal_price")] = Field(
        default=None, description="sum of the items"
    )
    discount: Annotated[Decimal | None, Labels("sub_total.discount_price")] = Field(
        default=None, description="discount on the whole receipt"
    )
    service: Annotated[Decimal | None, Labels("sub_total.service_price")] = Field(
        default=None, description="service charge"
    )
    tax: Annotated[Decimal | None, Labels("sub_total.tax_price")] = Field(
        default=None, description="tax amount"
    )


class Totals(BaseModel):
    """The total and how it was paid."""

    total: Annotated[Decimal | None, Labels("total.total_price", "total")] = Field(
        default=None, description="total amount to pay"
    )
    cash: Annotated[Decimal | None, Labels("total.cashprice")] = Field(
        default=None, description="amount paid in cash"
    )
    change: Annotated[Decimal | None, Labels("total.changeprice")] = Field(
        default=None, description="change given back"
    )
    card: Annotated[Decimal | None, Labels("total.creditcardprice")] = Field(
        default=None, description="amount paid by card"
    )


class ItemizedReceipt(BaseModel):
    """CORD's receipts: the menu, the sub-totals and the total."""

    menu: list[MenuItem] = Field(default_factory=list, description="the items bought")
    sub_total: SubTotals = Field(default_factory=SubTotals)
    total: Totals = Field(default_factory=Totals)


class QuestionAnswer(BaseModel):
    """A key that is printed on a form, and what was filled in."""

    question: Annotated[str | None, Labels("question")] = Field(
        default=None, description="the printed key"
    )
    answer: Annotated[str | None, Labels("answer")] = Field(
        default=None, description="what was filled in"
    )


class Form(BaseModel):
    """Any form, as pairs of question and answer."""

    pairs: list[QuestionAnswer] = Field(default_factory=list)


BUILT_IN: dict[str, type[BaseModel]] = {
    "receipt": Receipt,
    "itemized-receipt": ItemizedReceipt,
    "form": Form,
}
"""Name on the command line to model."""

__all__ = [
    "BUILT_IN",
    "Form",
    "ItemizedReceipt",
    "MenuItem",
    "QuestionAnswer",
    "Receipt",
    "SubTotals",
    "Totals",
]

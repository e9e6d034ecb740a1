"""Schemas that are asked for on datasets which no built-in schema fits."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from hybrid.schema import Labels


class WildReceipt(BaseModel):
    """The twelve value classes of WildReceipt (Sun et al. 2021).

    The second label of a leaf is that of the shipped checkpoint `receipts`, which was not trained on
    this dataset.
    """

    store_name: Annotated[str | None, Labels("Store_name_value", "company")] = Field(
        default=None, description="name of the shop"
    )
    store_addr: Annotated[str | None, Labels("Store_addr_value", "address")] = Field(
        default=None, description="postal address of the shop"
    )
    tel: Annotated[str | None, Labels("Tel_value")] = Field(
        default=None, description="telephone number of the shop"
    )
    date: Annotated[dt.date | None, Labels("Date_value", "date")] = Field(
        default=None, description="date on which the receipt was issued"
    )
    time: Annotated[dt.time | None, Labels("Time_value")] = Field(
        default=None, description="time of day at which the receipt was issued"
    )
    prod_item: Annotated[list[str], Labels("Prod_item_value", "menu.nm")] = Field(
        default_factory=list, description="names of the items bought, one for each line"
    )
    prod_quantity: Annotated[list[str], Labels("Prod_quantity_value", "menu.cnt")] = Field(
        default_factory=list, description="quantities of the items, one for each line"
    )
    prod_price: Annotated[list[Decimal], Labels("Prod_price_value", "menu.price")] = Field(
        default_factory=list, description="prices of the items, one for each line"
    )
    subtotal: Annotated[Decimal | None, Labels("Subtotal_value", "sub_total.subtotal_price")] = (
        Field(default=None, description="sum of the items before tax")
    )
    tax: Annotated[Decimal | None, Labels("Tax_value", "sub_total.tax_price")] = Field(
        default=None, description="tax amount"
    )
    tips: Annotated[Decimal | None, Labels("Tips_value")] = Field(
        default=None, description="tip or gratuity"
    )
    total: Annotated[Decimal | None, Labels("Total_value", "total")] = Field(
        default=None, description="total amount to pay, tax included"
    )


class BilledItem(BaseModel):
    """One thing that was bought, as the release of five labels has it."""

    name: Annotated[str | None, Labels("menu.nm")] = Field(
        default=None, description="name of the item"
    )
    count: Annotated[Decimal | None, Labels("menu.cnt")] = Field(
        default=None, description="quantity"
    )
    price: Annotated[Decimal | None, Labels("menu.price")] = Field(
        default=None, description="price of the whole line"
    )


class SubTotal(BaseModel):
    """The one amount between items and total that five labels know."""

    subtotal: Annotated[Decimal | None, Labels("sub_total.subtotal_price")] = Field(
        default=None, description="sum of the items"
    )


class Total(BaseModel):
    """The total alone."""

    total: Annotated[Decimal | None, Labels("total.total_price", "total")] = Field(
        default=None, description="total amount to pay"
    )


class FiveLabelReceipt(BaseModel):
    """CORD v2 with its five most frequent labels."""

    menu: list[BilledItem] = Field(default_factory=list, description="the items bought")
    sub_total: SubTotal = Field(default_factory=SubTotal)
    total: Total = Field(default_factory=Total)

"""A schema as a user would write one: what our bookkeeping wants to know of an invoice."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from hybrid import Keys


class Line(BaseModel):
    """A row of its table; the columns are found by their headings, which read like these names."""

    item: str | None = Field(None, description="The seller's article number")
    description: str | None = Field(None, description="What was sold")
    quantity: Decimal | None = Field(None, description="How many or how much of it")
    unit_price: Decimal | None = Field(None, description="Price of one")
    amount: Decimal | None = Field(None, description="Price of all in this row")


class Invoice(BaseModel):
    """An invoice from a supplier."""

    invoice_number: str | None = Field(None, description="Number of the invoice")
    invoice_date: date | None = Field(None, description="Date on which the invoice was issued")
    due_date: date | None = Field(None, description="Date by which it has to be paid")
    # A letterhead has no key beside it; who is paid is printed again with the bank account.
    seller_name: Annotated[str | None, Keys("Account name", "Pay to")] = Field(
        None, description="Company that sends the invoice"
    )
    buyer_name: Annotated[str | None, Keys("Bill to")] = Field(
        None, description="Company that is billed"
    )
    purchase_order: str | None = Field(None, description="The buyer's purchase order number")
    subtotal: Decimal | None = Field(None, description="Amount before tax")
    tax: Annotated[Decimal | None, Keys("VAT 20 %")] = Field(
        None, description="Amount of tax (VAT)"
    )
    total: Decimal | None = Field(None, description="Amount due, with tax")
    lines: list[Line] = Field(default_factory=list, description="What was sold")

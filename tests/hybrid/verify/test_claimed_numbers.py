"""Numbers that an LLM names as the page prints them, and that rules would not dare to take."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.ground import align
from hybrid.verify.values import find_spans
from tests.hybrid.conftest import make_document


class Share(BaseModel):
    part: Decimal | None = None


class Numbers(BaseModel):
    amount: Decimal | None = None
    copies: int | None = None
    shares: list[Share] = []
    aliquota_iva: Decimal | None = None


AMOUNT, COPIES, PART, RATE = FieldSchema(Numbers).leaves


@pytest.mark.parametrize(
    ("text", "claim", "leaf", "taken", "value"),
    [
        ("THREE (3)", "3", COPIES, "3", 3),
        ("THREE (3)", "THREE (3)", COPIES, "3", 3),
        ("Sales tax (8.875%)", "8.875", AMOUNT, "8.875%", Decimal("8.875")),
        ("Sales tax (8.875%)", "8.875%", AMOUNT, "8.875%", Decimal("8.875")),
        ("IVA 22%", "22", AMOUNT, "22%", Decimal(22)),
        ("75%", "75", PART, "75%", Decimal(75)),
        ("1.445,40", "1445.40", AMOUNT, "1.445,40", Decimal("1445.40")),
        ("8.875", "8.875", AMOUNT, "8.875", Decimal(8875)),
    ],
)
def test_what_is_printed_supports_the_claim(
    text: str, claim: str, leaf: Leaf, taken: str, value: Any
) -> None:
    found = align(claim, leaf, make_document([(text, 0, 0, 100, 10)]).segments)
    assert found is not None
    assert (found.text, found.value) == (taken, value)


@pytest.mark.parametrize(
    ("text", "claim", "leaf"),
    [
        ("THREE (3)", "4", COPIES),
        ("(3)", "3", COPIES),
        ("IVA 22%", "23", AMOUNT),
        ("8.875%", "8", AMOUNT),
        ("-1445.40", "1445.40", AMOUNT),
        ("2.5%", "2.5", COPIES),
    ],
)
def test_what_is_not_printed_supports_nothing(text: str, claim: str, leaf: Leaf) -> None:
    assert align(claim, leaf, make_document([(text, 0, 0, 100, 10)]).segments) is None


def test_rates_of_other_languages_are_percentages() -> None:
    assert [s.value for s in find_spans("IVA 22% di 100,00", RATE)] == [Decimal(22)]
    assert [s.value for s in find_spans("8.875 %", RATE)] == [Decimal("8.875")]

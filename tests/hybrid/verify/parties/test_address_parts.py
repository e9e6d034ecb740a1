"""Street, city, postal code, state and country as fields of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.propose import propose

Make = Callable[..., Any]


class Address(BaseModel):
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None


class Party(BaseModel):
    name: str | None = None
    address: Address | None = None


class Order(BaseModel):
    bill_to: Party | None = None
    customer_city: str | None = None


class Flat(BaseModel):
    customer_street: str | None = None
    customer_city: str | None = None
    customer_postal_code: str | None = None
    city: str | None = None


def block(*lines: str) -> list[tuple[str, float, float, float, float]]:
    return [(t, 50, 20 + 14 * k, 50 + 6 * len(t), 30 + 14 * k) for k, t in enumerate(lines)]


@pytest.fixture
def values(document: Make, predictions: Make) -> Make:
    def of(model: type[BaseModel], *lines: str) -> dict[str, str]:
        page = document(block(*lines))
        found = propose(page, FieldSchema(model), predictions(page, {}))
        return {path: c[0].text for path, c in found.items() if c and (c[0].gcn or 0.0) >= 0.5}

    return of


@pytest.mark.parametrize(
    ("lines", "parts"),
    [
        (
            ("14470 Blondo Pkwy, Suite 4", "Elkhorn, NE 68022"),
            {
                "street": "14470 Blondo Pkwy, Suite 4",
                "city": "Elkhorn",
                "state": "NE",
                "zip": "68022",
            },
        ),
        (
            ("Lindenstr. 7", "D-10969 Berlin", "Germany"),
            {"street": "Lindenstr. 7", "city": "Berlin", "zip": "10969", "country": "Germany"},
        ),
        (
            ("Unit 7, Mill Lane, Wellington TA21 8ST",),
            {"street": "Unit 7, Mill Lane", "city": "Wellington", "zip": "TA21 8ST"},
        ),
        (
            ("Havenstraat 203", "5211 WC Den Bosch, Netherlands"),
            {
                "street": "Havenstraat 203",
                "city": "Den Bosch",
                "zip": "5211 WC",
                "country": "Netherlands",
            },
        ),
        (
            ("14470 Blondo Pkwy", "Elkhorn,NE68022"),
            {"street": "14470 Blondo Pkwy", "city": "Elkhorn", "state": "NE", "zip": "68022"},
        ),
        (("14470 Blondo Pkwy", "Elkhorn N3 68"), {}),
        (("Somewhere in the woods",), {}),
    ],
)
def test_parts_of_an_address(lines: tuple[str, ...], parts: dict[str, str], values: Make) -> None:
    found = values(Order, "Bill to", "Hartwell Property Group", *lines)
    own = {path.rpartition(".")[2]: text for path, text in found.items() if "address." in path}
    assert own == parts


def test_flat_fields_are_a_party_s_too(values: Make) -> None:
    found = values(Flat, "Customer", "Hartwell GmbH", "Lindenstr. 7", "10969 Berlin")
    assert found == {
        "customer_street": "Lindenstr. 7",
        "customer_city": "Berlin",
        "customer_postal_code": "10969",
    }

"""Where the block of a party's lines ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema
from hybrid.verify.parties.address_lines import is_sentence
from hybrid.verify.propose import propose

Make = Callable[..., Any]


class Party(BaseModel):
    name: str | None = None
    address: str | None = None


class Shipment(BaseModel):
    shipper: Party | None = None
    consignee: Party | None = None
    customs_broker: Party | None = None


def line(text: str, top: float, height: float = 12, left: float = 50) -> tuple[Any, ...]:
    return (text, left, top, left + 6 * len(text), top + height)


@pytest.fixture
def proposed(document: Make, predictions: Make) -> Make:
    def of(
        rows: list[Any], schema: type[BaseModel] = Shipment, confidence: float | None = None
    ) -> dict[str, str | None]:
        page = document(rows, confidence=confidence)
        found = propose(page, FieldSchema(schema), predictions(page, {}))
        return {path: c[0].text if c else None for path, c in found.items()}

    return of


BLOCK = [line("Consignee", 20), line("Kestrel Tea House", 34), line("6 Quay Street", 48)]


def test_a_block_ends_at_the_name_of_another_object(proposed: Make) -> None:
    found = proposed([*BLOCK, line("Customs broker", 62), line("Same as consignee", 76)])
    assert found["consignee.address"] == "6 Quay Street"
    assert found["customs_broker.name"] == "Same as consignee"


@pytest.mark.parametrize("height", [8, 18])
def test_a_block_ends_where_the_letters_change(height: float, proposed: Make) -> None:
    found = proposed([*BLOCK, line("Port of loading", 62, height)])
    assert found["consignee.address"] == "6 Quay Street"


def test_boxes_of_ocr_are_not_as_high_as_letters(proposed: Make) -> None:
    rows = [*BLOCK, line("Galway H91 E2K3", 62, 15)]
    assert proposed(rows)["consignee.address"] == "6 Quay Street"
    read = proposed(rows, confidence=0.9)
    assert read["consignee.address"] == "6 Quay Street Galway H91 E2K3"


def test_a_name_may_be_larger_than_its_address(proposed: Make) -> None:
    rows = [
        line("Consignee", 20),
        line("Kestrel Tea House", 34, 16),
        line("6 Quay Street", 52),
        line("Galway H91 E2K3", 66),
        line("PALLETS", 80, 20),
    ]
    found = proposed(rows)
    assert found["consignee.name"] == "Kestrel Tea House"
    assert found["consignee.address"] == "6 Quay Street Galway H91 E2K3"


def test_the_small_title_of_the_next_box_is_no_address(proposed: Make) -> None:
    rows = [*BLOCK[:2], line("Place of receipt", 48, 8), line("Cork, Ireland", 57)]
    found = proposed(rows)
    assert found["consignee.name"] == "Kestrel Tea House"
    assert found["consignee.address"] is None


def test_a_block_ends_at_a_sentence(proposed: Make) -> None:
    rows = [*BLOCK, line("Keep this sheet with the goods. It must be shown on demand.", 62)]
    assert proposed(rows)["consignee.address"] == "6 Quay Street"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bitte bewahren Sie diese Karte im Fahrzeug auf.", True),
        ("RECEIVED by the carrier in apparent good order and condition unless", True),
        ("Meyer, Schulz & Partner Rechtsanwälte mbB", False),
        ("Office of the Registrar, Building 4, Inc.", False),
        ("3, rue de la Gare", False),
    ],
)
def test_sentences(text: str, expected: bool) -> None:
    assert is_sentence(text) is expected

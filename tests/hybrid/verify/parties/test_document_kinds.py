"""Lines that say what a document is are nobody's name."""

from __future__ import annotations

import pytest

from hybrid.verify.parties.document_kinds import is_kind
from hybrid.verify.parties.party import may_be_a_name


@pytest.mark.parametrize(
    "text",
    [
        "CUSTOMS DECLARATION may be opened officially",
        "International consignment note",
        "Air Waybill",
        "BILL OF LADING",
        "REMITTANCE ADVICE",
        "Certificate of employment",
        "GUEST FOLIO",
        "Parking charge notice",
        "Second reminder",
        "Purchase Order 45-120",
        "Quotation Q-771 rev. C",
        "Electricity bill",
        "Jahresabrechnung",
        "Zweite Mahnung – offene Miete",
        "Zulassungsbescheinigung Teil I",
        "BON DE COMMANDE N° 77",
        "Relevé de compte",
        "ORDEN DE COMPRA",
        "Factuur",
        "FAKTURA VAT nr 12/2026",
        "Följesedel",
        "Nota di credito 7",
    ],
)
def test_kinds(text: str) -> None:
    assert is_kind(text)
    assert not may_be_a_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "Buffalo Bill",
        "Order of Malta",
        "Voucher Press Ltd",
        "Statement Furniture Inc.",
        "Vertragswerkstatt Huber",
        "State of Neverland",
        "Reminder & Sons",
    ],
)
def test_names(text: str) -> None:
    assert not is_kind(text)
    assert may_be_a_name(text)

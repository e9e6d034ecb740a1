"""Which printed texts are like a key, with all that forms add to them."""

from __future__ import annotations

import pytest

from hybrid.verify.keys.likeness import likeness, names_in
from hybrid.verify.keys.printed_keys import printed_key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Invoice No.", "invoice number"),
        ("12b Invoice No. (see overleaf)", "invoice number"),
        ("Our order no.", "order number"),
        ("Ihre Kundennummer", "kunden nr"),
        ("Date of agreement", "agreement date"),
        ("VAT @ 20%", "vat"),
        ("TVA 20 %", "tva"),
        ("Sales tax (8.25%)", "sales tax"),
        ("Value / Valeur (EUR)", "value"),
        ("From / De", "from"),
        ("Vessel / Voyage", "voyage"),
        ("N. colli", "numero colli"),
        ("Téléphone", "telephone"),
        ("Wartość netto", "wartosc netto"),
    ],
)
def test_the_same_key(text: str, key: str) -> None:
    assert likeness(text, key) >= 0.9


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Employer", "employee"),
        ("To / Addressee", "address"),
        ("N° client", "client"),
        ("Total due on receipt of the goods and services", "total"),
        ("", "total"),
        ("Total", ""),
    ],
)
def test_another_key(text: str, key: str) -> None:
    assert likeness(text, key) == 0.0


def test_the_names_of_a_caption() -> None:
    assert names_in("Vessel / Voyage") == ["Vessel", "Voyage"]
    assert names_in("Ein- und Ausfuhr") == ["Ein- und Ausfuhr"]
    assert names_in("km/h") == ["km/h"]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("order number", "Our order no. 12"),
        ("numéro de police", "Numero de police : 7"),
        ("factura n.º", "FACTURA Nº 5"),
        ("fatura number", "Fatura N.º FT 2026/3"),
        ("prix unitaire", "PRIX UNITAIRE 5"),
        ("empfaenger", "Empfänger: Weber"),
    ],
)
def test_a_key_at_the_start_of_a_line(key: str, text: str) -> None:
    assert printed_key(key).match(text)

"""The vocabulary: which names mean the same, and that its file is in order."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import BaseModel, create_model

from hybrid.schema import FieldSchema, Leaf
from hybrid.schema.vocabulary import folded, meanings_of, vocabulary


class Row(BaseModel):
    total: str | None = None
    menge: str | None = None
    invoice_number: str | None = None


class Rows(BaseModel):
    rows: list[Row] = []


def leaf(name: str) -> Leaf:
    model = create_model("Model", **{name: (str | None, None)})  # type: ignore[call-overload]
    return FieldSchema(model).leaves[0]


@pytest.mark.parametrize(
    ("name", "meanings"),
    [
        ("invoice_number", {"invoice_number"}),
        ("invoiceNo", {"invoice_number"}),
        ("rechnungsnummer", {"invoice_number"}),
        ("rechnungs_nr", {"invoice_number"}),
        ("numero_facture", {"invoice_number"}),
        ("date_of_issue", {"invoice_date"}),
        ("date_echeance", {"due_date"}),
        ("zahlungsziel", {"due_date"}),
        ("total_net", {"net_total"}),
        ("mwst_betrag", {"tax_amount"}),
        ("gross_weight_kg", {"gross_weight"}),
        ("gross_total", {"total", "gross_pay"}),
        ("geburtsdatum", {"date_of_birth"}),
        ("gesamtbetrag", {"total"}),
        ("shade_of_blue", set()),
        ("of_the", set()),
    ],
)
def test_what_a_name_means(name: str, meanings: set[str]) -> None:
    assert meanings_of(leaf(name)) == meanings


def test_in_a_list_names_are_those_of_columns() -> None:
    found = {x.name: meanings_of(x) for x in FieldSchema(Rows).leaves}
    assert found == {"total": {"line_total"}, "menge": {"quantity"}, "invoice_number": set()}


def test_every_meaning_has_names_in_several_languages() -> None:
    counts = Counter((term.meaning, term.in_list) for term in vocabulary())
    few = {meaning for (meaning, _), count in counts.items() if count < 4}
    assert not few
    assert all(term.folded for term in vocabulary())


def test_no_name_stands_twice_in_an_entry() -> None:
    # Languages may share a word; the same one is no second key.
    counts = Counter((term.meaning, term.in_list, term.text) for term in vocabulary())
    assert [term for term, count in counts.items() if count > 1] == []


def test_printed_names_are_compared_without_accents_and_short_forms() -> None:
    assert folded("N° de facture :") == folded("Numéro de facture") == "nodefacture"
    assert folded("Número de póliza") == folded("NUMERO DE POLIZA") == "nodepoliza"
    assert folded("Rechnungs-Nr.") == folded("Rechnungsnummer") == "rechnungsno"
    assert folded("Zähler") == "zaehler"

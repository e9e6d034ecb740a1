"""The name of a field is no part of its value."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import BaseModel

from hybrid.schema import FieldSchema, Keys
from hybrid.verify.extract import candidate_of
from hybrid.verify.replies import Claim
from hybrid.verify.without_name import without_name
from tests.hybrid.conftest import make_document


class Bill(BaseModel):
    abn: str | None = None
    bill_number: str | None = None
    psra_licence: str | None = None
    tax_id: Annotated[str | None, Keys("VAT reg. no.")] = None
    address: str | None = None
    unit_address: str | None = None
    amount: float | None = None


LEAVES = FieldSchema(Bill).by_path


@pytest.mark.parametrize(
    ("field", "value", "rest"),
    [
        ("abn", "ABN 61 884 207 315", "61 884 207 315"),
        ("bill_number", "Bill 04418", "04418"),
        ("psra_licence", "PSRA licence no. 003917", "003917"),
        ("tax_id", "VAT Reg. No: GB 123 4567 89", "GB 123 4567 89"),
        ("abn", "61 884 207 315", "61 884 207 315"),
        ("unit_address", "UNIT 118, JALAN BESAR", "UNIT 118, JALAN BESAR"),
        ("address", "NO. 118, 45600", "NO. 118, 45600"),
        (
            "address",
            "NO 18, JALAN KENANGA 3/7, 43200 CHERAS",
            "NO 18, JALAN KENANGA 3/7, 43200 CHERAS",
        ),
        ("bill_number", "Bill 12", "Bill 12"),
        ("bill_number", "Bill number", "Bill number"),
        ("bill_number", "", ""),
        ("amount", "Amount 1234", "Amount 1234"),
    ],
)
def test_codes_only(field: str, value: str, rest: str) -> None:
    assert without_name(value, LEAVES[field]) == rest


def test_what_is_left_is_cited() -> None:
    document = make_document([("ABN 61 884 207 315", 10, 10, 300, 30)])
    found = candidate_of(Claim("abn", LEAVES["abn"], (0,), "ABN 61 884 207 315"), document)
    assert found is not None
    assert found.text == "61 884 207 315"
    assert [c.text for c in found.citations] == ["61 884 207 315"]

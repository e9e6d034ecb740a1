"""Programs that want no LLM are told how, and are given what needs none."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.document import Document
from hybrid.errors import UnknownModelError
from hybrid.pipeline import HybridExtractor, LlmExtractor, default_checkpoint
from hybrid.schema import FieldSchema
from hybrid.schemas import Form, Receipt
from tests.hybrid.pipeline.test_extractors import SURE, FixedPredictor


@pytest.mark.parametrize("llm", [None, "none"])
def test_no_llm_where_one_is_asked(llm: Any) -> None:
    with pytest.raises(UnknownModelError, match=r"GcnExtractor.*rules") as caught:
        HybridExtractor.from_pretrained("forms", llm=llm)
    assert "known are" not in str(caught.value)
    with pytest.raises(UnknownModelError, match="GcnExtractor"):
        LlmExtractor.from_pretrained(llm)


@pytest.mark.parametrize("llm", [None, "none"])
def test_no_llm_where_none_is_asked(
    llm: str | None, receipt: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hybrid.pipeline.hybrid.load_predictor", lambda _: FixedPredictor(SURE))
    extractor = HybridExtractor.from_pretrained("receipts", llm=llm, strategy="rules")
    assert str(extractor.extract(receipt, Receipt).data.total) == "12.20"


def test_which_checkpoint_fits_a_schema() -> None:
    class Invoice(BaseModel):
        number: str | None = None

    schemas = (Receipt, Form, Invoice)
    fitting = [default_checkpoint(FieldSchema(schema)) for schema in schemas]
    assert fitting == ["receipts", "forms", "forms"]

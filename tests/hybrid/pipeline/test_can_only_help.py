"""An LLM that nobody trusts costs nothing, and changes nothing of what the GCN says alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import GcnExtractor, HybridExtractor
from hybrid.schemas import Form, ItemizedReceipt, Receipt
from hybrid.verify.fitted import FittedFusion
from hybrid.verify.fuse import default_fusion
from hybrid.verify.risk import HeldOut
from tests.hybrid.conftest import Predictions, make_document
from tests.hybrid.pipeline.test_fusing import SHA256, pair, predictor

LABELS = (
    "other", "company", "date", "address", "total", "menu.nm", "menu.price",
    "sub_total.subtotal_price", "sub_total.tax_price", "total.cashprice", "total.changeprice",
    "question", "answer",
)  # fmt: skip
PAGE = make_document(
    [
        ("ACME SDN BHD", 100, 10, 400, 30),
        ("12 JALAN BESAR", 100, 40, 400, 60),
        ("DATE: 25/12/2018", 50, 120, 350, 140),
        ("Nasi Goreng", 50, 200, 200, 220),
        ("58.00", 400, 200, 480, 220),
        ("SUBTOTAL", 50, 250, 150, 270),
        ("58.00", 400, 250, 480, 270),
        ("TAX 5.80", 50, 280, 150, 300),
        ("63.80", 400, 310, 480, 330),
        ("CASH 100.00", 50, 340, 200, 360),
        ("36.20", 400, 340, 480, 360),
    ],
    confidence=0.95,
)


class Unknown(BaseModel):
    """Of which no checkpoint knows anything."""

    vessel: str | None = None


probabilities = st.lists(
    st.lists(
        st.sampled_from([0.01, 0.1, 0.5, 1.0, 4.0]), min_size=len(LABELS), max_size=len(LABELS)
    ),
    min_size=len(PAGE.segments),
    max_size=len(PAGE.segments),
)
schemas = st.sampled_from([Receipt, ItemizedReceipt, Form, Unknown])


def never(_: ChatRequest) -> ChatReply:
    raise AssertionError("nothing should be asked")


def down(_: ChatRequest) -> ServerError:
    return ServerError("the server is down")


def untrusted() -> FittedFusion:
    held_out = HeldOut(levels=(), documents=())
    return FittedFusion(pair=pair("scripted"), fusion=default_fusion(0.0), held_out=held_out)


@settings(max_examples=60)
@given(probabilities, schemas)
def test_without_trust_it_is_the_gcn(rows: list[list[float]], schema: type[BaseModel]) -> None:
    weights = np.array(rows)
    fixed = predictor(Predictions(LABELS, weights / weights.sum(axis=1, keepdims=True)))
    alone = GcnExtractor(fixed, "receipts").extract(PAGE, schema)
    both = HybridExtractor.from_parts(fixed, ScriptedBackend(never), fusion=untrusted())
    fused = both.extract(PAGE, schema)
    assert fused.data == alone.data
    assert fused.fields == alone.fields
    assert fused.run.usage.requests == 0


@settings(max_examples=40)
@given(probabilities, schemas)
def test_with_an_llm_that_is_down_it_is_the_gcn(
    rows: list[list[float]], schema: type[BaseModel]
) -> None:
    weights = np.array(rows)
    fixed = predictor(Predictions(LABELS, weights / weights.sum(axis=1, keepdims=True)))
    alone = GcnExtractor(fixed, "receipts").extract(PAGE, schema)
    fused = HybridExtractor.from_parts(fixed, ScriptedBackend(down)).extract(PAGE, schema)
    assert fused.data == alone.data
    assert {p: x.citations for p, x in fused.fields.items()} == {
        p: x.citations for p, x in alone.fields.items()
    }


def test_lines_are_not_asked_about_either(receipt: Document) -> None:
    rows = np.full((len(receipt.segments), 3), 1 / 3)
    fixed = predictor(Predictions(("other", "company", "total"), rows))
    labels = ("other", "company", "total")
    with HybridExtractor.from_parts(fixed, ScriptedBackend(never), fusion=untrusted()) as both:
        found = both.label(receipt, labels)
    assert found.labels == GcnExtractor(fixed, "receipts").label(receipt, labels).labels
    assert found.run.usage.requests == 0


@pytest.mark.parametrize("trust", [0.0, 0.5])
def test_the_record_says_which_fusion_it_was(receipt: Document, trust: float) -> None:
    rows = np.full((len(receipt.segments), 3), 1 / 3)
    fixed = predictor(Predictions(("other", "company", "total"), rows))
    fusion = untrusted().model_copy(update={"fusion": default_fusion(trust)})
    backend = ScriptedBackend(down)
    extractor = HybridExtractor.from_parts(fixed, backend, fusion=fusion)
    plain = HybridExtractor.from_parts(fixed, backend)
    assert extractor.extract(receipt, Receipt).run.fusion == fusion.identity
    assert plain.extract(receipt, Receipt).run.fusion == "default"
    assert extractor.fusion.trust == trust
    assert extractor.fingerprint("a", Receipt) != plain.fingerprint("a", Receipt)
    assert fixed.checkpoint_sha256 == SHA256

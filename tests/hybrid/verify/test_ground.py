from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hybrid.document import BoundingBox, Document, Word, segment_of
from hybrid.extraction import Citation, Grounding
from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.candidates import read_candidates
from hybrid.verify.ground import align, support

LEAVES = FieldSchema(Receipt).by_path


@pytest.mark.parametrize(
    ("claim", "path", "text", "grounding"),
    [
        ("ACME SDN BHD", "company", "ACME SDN BHD", Grounding.EXACT),
        ("acme sdn. bhd.", "company", "ACME SDN BHD", Grounding.NORMALIZED),
        ("ACNE SDN BHD", "company", "ACME SDN BHD", Grounding.FUZZY),
        ("12.20", "total", "RM 12.20", Grounding.NORMALIZED),
        ("RM 12.20", "total", "RM 12.20", Grounding.EXACT),
        ("12.20 MYR", "total", "RM 12.20", Grounding.NORMALIZED),
        ("Total RM 12.20", "total", "RM 12.20", Grounding.NORMALIZED),
        ("2018-12-25", "date", "25/12/2018", Grounding.NORMALIZED),
        ("12 JALAN BESAR 45600 KUALA LUMPUR", "address", None, Grounding.EXACT),
    ],
)
def test_align(
    receipt: Document, claim: str, path: str, text: str | None, grounding: Grounding
) -> None:
    found = align(claim, LEAVES[path], receipt.segments)
    assert found is not None
    assert found.grounding is grounding
    assert found.text == (text or claim)
    assert " ".join(w.text for w in found.words).find(found.text) >= 0


@pytest.mark.parametrize(
    ("claim", "path"),
    [
        ("12.99", "total"),
        ("Invented 12.20", "total"),
        ("2.20", "total"),
        ("999999", "total"),
        ("2018-12-24", "date"),
        ("GLOBEX CORPORATION", "company"),
        ("13 JALAN BESAR 45600 KUALA LUMPUR", "address"),
        ("12 JALAN BESAR 45601 KUALA LUMPUR", "address"),
        ("", "company"),
        ("!!", "company"),
    ],
)
def test_inventions_are_not_aligned(receipt: Document, claim: str, path: str) -> None:
    assert align(claim, LEAVES[path], receipt.segments) is None


def test_support_looks_at_the_citation_only(receipt: Document) -> None:
    citation = Citation.of_segment(receipt.segments[5])
    total = LEAVES["total"]
    assert support(Decimal("12.20"), "RM 12.20", total, [citation]) is Grounding.NORMALIZED
    assert support(Decimal("12.99"), "RM 12.20", total, [citation]) is Grounding.NONE
    assert support(Decimal("20.00"), "20.00", total, [citation]) is Grounding.NONE
    assert support(Decimal("12.20"), "RM 12.20", total, []) is Grounding.NONE
    assert support(date(2018, 12, 25), "", LEAVES["date"], [citation]) is Grounding.NONE


@given(st.lists(st.text(alphabet="ab1290./-: RM", min_size=1, max_size=8), min_size=1, max_size=6))
def test_every_candidate_is_supported(parts: list[str]) -> None:
    texts = [p for part in parts for p in part.split()]
    if not texts:
        return
    box = BoundingBox(left=0, top=0, right=10, bottom=10)
    segment = segment_of(0, 1, [Word(id=i, text=t, box=box) for i, t in enumerate(texts)])
    for leaf in LEAVES.values():
        for candidate in read_candidates([segment], leaf, 0.5):
            cited = " ".join(c.text for c in candidate.citations)
            assert candidate.text in cited
            assert candidate.grounding is not Grounding.NONE

"""The result type, as it stands in JSON."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from hybrid.document import BoundingBox, Word, segment_of
from hybrid.extraction import (
    Citation,
    Confidence,
    Extraction,
    FieldResult,
    Grounding,
    LlmUsage,
    PageInfo,
    RunInfo,
    Status,
)
from hybrid.schemas import Receipt

WORDS = [
    Word(id=7, text="RM", box=BoundingBox(left=1, top=1, right=3, bottom=2)),
    Word(id=8, text="12.20", box=BoundingBox(left=4, top=0, right=9, bottom=2)),
]


def test_a_citation_holds_the_words_as_they_were_read() -> None:
    cited = Citation.of_segment(segment_of(0, 3, WORDS))
    assert cited == Citation.of_words(3, WORDS)
    assert (cited.page, cited.text, cited.word_ids) == (3, "RM 12.20", (7, 8))
    assert cited.box.as_tuple() == (1, 0, 9, 2)


def test_a_field_without_anything_abstains() -> None:
    leaf = FieldResult()
    assert (leaf.value, leaf.status, leaf.grounding) == (None, Status.ABSTAINED, Grounding.NONE)


def test_usage_adds_up() -> None:
    both = LlmUsage(requests=1, prompt_tokens=5) + LlmUsage(requests=2, completion_tokens=3)
    assert both == LlmUsage(requests=3, prompt_tokens=5, completion_tokens=3)
    assert sum([LlmUsage(seconds=0.1)] * 3, LlmUsage()).seconds == 0.3


def test_json_keeps_the_users_fields_and_every_leaf() -> None:
    total = FieldResult(
        value=Decimal("12.20"),
        text="12.20",
        citations=(Citation.of_words(1, WORDS),),
        grounding=Grounding.EXACT,
        status=Status.ACCEPTED,
        confidence=Confidence(gcn=0.9, fused=0.95),
    )
    extraction: Extraction[Any] = Extraction(
        data=Receipt(total=Decimal("12.20")),
        fields={"total": total},
        pages=[PageInfo(number=1, width=10, height=20, unit="px")],
        run=RunInfo(hybrid_version="1", system="gcn", mode="strict", schema_name="Receipt"),
    )
    assert extraction["total"] is total
    with pytest.raises(KeyError, match="unknown field 'totals'; similar are total"):
        extraction["totals"]
    written = json.loads(extraction.model_dump_json())
    assert written["data"] == {"company": None, "date": None, "address": None, "total": "12.20"}
    leaf = written["fields"]["total"]
    assert (leaf["value"], leaf["status"], leaf["grounding"]) == ("12.20", "accepted", "exact")
    assert leaf["citations"][0]["box"] == [1, 0, 9, 2]
    assert leaf["confidence"]["fused"] == 0.95
    again = Extraction[Receipt].model_validate_json(extraction.model_dump_json())
    assert again.data == extraction.data
    with pytest.raises(ValidationError, match=r"of which model .*Extraction\[Receipt\]"):
        Extraction.model_validate_json(extraction.model_dump_json())

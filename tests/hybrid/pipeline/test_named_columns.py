"""Lists whose headings only an LLM understands: it names the columns, then it may read the rows too."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.errors import ServerError
from hybrid.extraction import Extraction, Status
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.connect import connect
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.schema import FieldSchema
from hybrid.verify.name_columns import name_columns
from tests.hybrid.conftest import Row, make_document, make_predictions
from tests.hybrid.pipeline.test_fusing import predictor

LEFTS = (40, 140, 280, 400)


class Vehicle(BaseModel):
    plate: str | None = None
    model: str | None = None
    driver: str | None = None
    total: Decimal | None = None


class Fleet(BaseModel):
    vehicles: list[Vehicle] = []


def row(top: float, *cells: str) -> list[Row]:
    return [
        (text, left, top, left + 5 * len(text), top + 10)
        for left, text in zip(LEFTS, cells, strict=True)
    ]


PAGE = make_document(
    [
        *row(100, "Kenteken", "Merk", "Berijder", "Bedrag"),
        *row(116, "X-418-BK", "Kovari Lumen", "J. van Ooijen", "569,60"),
        *row(132, "V-63-GHT", "Brandal Cargo", "A. Pot", "464,75"),
    ]
)
COLUMNS = {"plate": "Kenteken", "model": "Merk", "driver": "Berijder", "total": "Bedrag"}


def names_columns(request: ChatRequest) -> bool:
    return "<table>" in request.messages[-1].content


def extract(
    columns: Any, rows: Any = (), trust: float = 0.5, **options: Any
) -> tuple[Extraction[Fleet], list[ChatRequest]]:
    def reply(request: ChatRequest) -> str | ServerError | ChatReply:
        if names_columns(request):
            return columns if isinstance(columns, ServerError) else json.dumps(columns)
        return json.dumps({"vehicles": list(rows)})

    backend = ScriptedBackend(reply)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LlmConnection, "trust", trust)
        both = HybridExtractor.from_parts(predictor(make_predictions(PAGE, {})), backend, **options)
        return both.extract(PAGE, Fleet), backend.requests


def test_an_llm_that_reads_no_rows_names_their_columns() -> None:
    result, requests = extract(COLUMNS)
    assert [names_columns(request) for request in requests] == [True, False]
    assert [x.model_dump() for x in result.data.vehicles] == [
        {"plate": "X-418-BK", "model": "Kovari Lumen", "driver": "J. van Ooijen", "total": Decimal("569.60")},
        {"plate": "V-63-GHT", "model": "Brandal Cargo", "driver": "A. Pot", "total": Decimal("464.75")},
    ]  # fmt: skip
    found = result["vehicles[1].total"]
    assert (found.status, found.citations[0].text) == (Status.ACCEPTED, "464,75")
    assert result.run.usage.requests == 2
    assert not result.run.warnings


def test_rows_that_it_reads_as_well_are_agreed_on() -> None:
    read = {
        name: {"value": text, "lines": [4 + place]}
        for place, (name, text) in enumerate(
            zip(COLUMNS, ("X-418-BK", "Kovari Lumen", "J. van Ooijen", "569,60"), strict=True)
        )
    }
    alone, _ = extract(COLUMNS)
    both, _ = extract(COLUMNS, [read])
    assert both.data == alone.data
    first = "vehicles[0].plate"
    assert both[first].status is Status.AGREED
    assert (both[first].confidence.fused or 0) > (alone[first].confidence.fused or 1)


def test_an_llm_that_is_hardly_trusted_is_not_asked() -> None:
    result, requests = extract(COLUMNS, trust=0.25)
    assert not requests
    assert not result.data.vehicles


def test_a_table_that_it_does_not_know_stays_unread() -> None:
    result, requests = extract(dict.fromkeys(COLUMNS))
    assert len(requests) == 2
    assert not result.data.vehicles
    (warning,) = result.run.warnings
    assert warning.endswith("the LLM found no items either")


def test_a_failure_costs_the_table_and_nothing_else() -> None:
    result, requests = extract(ServerError("out of luck"))
    assert len(requests) == 2
    assert "out of luck" in result.run.warnings


def test_a_budget_that_is_too_small_leaves_tables_unnamed() -> None:
    result, requests = extract(COLUMNS, llm_budget=50)
    assert not requests
    assert any("left unasked: vehicles" in warning for warning in result.run.warnings)


@pytest.mark.vllm
@pytest.mark.slow
def test_a_real_llm_answers_with_headings_or_null(vllm_server: str) -> None:
    """What so small a model makes of Dutch headings is its own affair."""
    with connect(vllm_server) as backend:
        found = name_columns(PAGE, FieldSchema(Fleet), ["vehicles"], backend)
    assert found.problem is None
    assert (found.usage.requests, found.usage.invalid_replies) == (1, 0)
    assert found.usage.completion_tokens > len(COLUMNS)
    for heads in found.headings.values():
        assert {c.leaf.name for head in heads for c in head.columns if c.leaf} <= set(COLUMNS)

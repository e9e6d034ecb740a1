"""Fields and lists that labels feed: an LLM that is trusted reads what is not sure, in one call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hybrid.errors import ServerError
from hybrid.extraction import Extraction, Status
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt
from tests.hybrid.conftest import make_document, make_predictions
from tests.hybrid.pipeline.test_fusing import predictor

PAGE = make_document(
    [
        ("Nasi Goreng", 50, 10, 200, 30),
        ("50,000", 400, 10, 480, 30),
        ("Es Teh", 50, 40, 200, 60),
        ("8,000", 400, 40, 480, 60),
        ("Kerupuk", 50, 70, 200, 90),
        ("3,000", 400, 70, 480, 90),
        ("Total", 50, 120, 200, 140),
        ("61,000", 400, 120, 480, 140),
        ("Cash", 50, 150, 200, 170),
        ("100,000", 400, 150, 480, 170),
        ("Change", 50, 180, 200, 200),
        ("39,000", 400, 180, 480, 200),
    ]
)
# The labels that the network has, each with next to no belief somewhere.
LABELS = [label for leaf in FieldSchema(ItemizedReceipt).leaves for label in leaf.labels[:1]]
MARKS = {
    6: dict.fromkeys(LABELS, 0.001),
    0: {"menu.nm": 0.99},
    1: {"menu.price": 0.99},
    2: {"menu.nm": 0.99},
    3: {"menu.price": 0.9},
    7: {"total.total_price": 0.6},
    9: {"total.cashprice": 0.999},
}
IDS = {s.text: s.id for s in PAGE.segments}
NOTHING = {"value": "", "lines": []}


def said(value: str) -> dict[str, Any]:
    return {"value": value, "lines": [IDS[value]]}


def item(name: str, price: str) -> dict[str, Any]:
    return {"name": said(name), "count": NOTHING, "unit_price": NOTHING, "price": said(price)}


MENU = [item("Nasi Goreng", "50,000"), item("Es Teh", "8,000"), item("Kerupuk", "3,000")]
PAID: dict[str, Any] = {"total": said("61,000")}
READ: dict[str, Any] = {"menu": MENU, "total": PAID}


def extract(
    reply: dict[str, Any] | ServerError | ChatReply,
    trust: float = 0.8,
    marks: Any = MARKS,
    **options: Any,
) -> tuple[Extraction[ItemizedReceipt], list[ChatRequest]]:
    text = json.dumps(reply) if isinstance(reply, dict) else reply
    backend = ScriptedBackend(lambda _: text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LlmConnection, "trust", trust)
        both = HybridExtractor.from_parts(
            predictor(make_predictions(PAGE, marks)), backend, **options
        )
        return both.extract(PAGE, ItemizedReceipt), backend.requests


def menu_of(result: Extraction[ItemizedReceipt]) -> list[tuple[str | None, str]]:
    return [(line.name, str(line.price)) for line in result.data.menu]


def test_one_call_reads_doubtful_fields_and_the_list() -> None:
    result, requests = extract(READ)
    assert len(requests) == 1
    asked = requests[0].json_schema or {}
    assert set(asked["properties"]) == {"menu", "total"}
    assert set(asked["properties"]["total"]["properties"]) == {"total"}, "cash is sure"
    assert result["total.cash"].status is Status.ACCEPTED
    assert result["total.total"].status is Status.AGREED
    assert menu_of(result) == [
        ("Nasi Goreng", "50000"),
        ("Es Teh", "8000"),
        ("Kerupuk", "3000"),
    ], "the network saw two of them"
    assert result["menu[2].name"].status is Status.ADDED
    assert result["menu[2].name"].citations[0].text == "Kerupuk"
    assert result.run.strategy == "structure"


def test_what_it_reads_elsewhere_counts_by_its_trust() -> None:
    other = READ | {"total": PAID | {"total": said("39,000")}}
    for trust, total in ((0.4, "61000"), (1.0, "39000")):
        result, _ = extract(other, trust)
        assert str(result.data.total.total) == total
        assert result["total.total"].citations


def test_a_field_that_the_network_sees_nowhere_is_not_asked_for() -> None:
    """An LLM would be asked to invent it: mostly it is not there."""
    change = READ | {"total": PAID | {"change": said("39,000")}}
    result, requests = extract(change, 1.0)
    asked = (requests[0].json_schema or {})["properties"]
    assert set(asked["total"]["properties"]) == {"total"}
    assert "sub_total" not in asked
    assert result.data.total.change is None
    assert result["total.change"].status is Status.ABSTAINED


def test_what_it_leaves_empty_is_a_vote_for_absent() -> None:
    empty = READ | {"total": PAID | {"total": NOTHING}}
    result, _ = extract(empty)
    assert result.data.total.total is None
    assert result["total.total"].status is Status.REJECTED


def test_a_reply_without_the_list_says_nothing_of_it() -> None:
    result, _ = extract({"total": PAID})
    assert menu_of(result) == [("Nasi Goreng", "50000"), ("Es Teh", "8000")]
    assert result["menu[1].price"].status is Status.UNVERIFIED
    assert "lacks a list" in " ".join(result.run.warnings)
    assert result["total.total"].status is Status.AGREED


def test_an_llm_that_is_down_costs_nothing() -> None:
    result, _ = extract(ServerError("gone"))
    assert menu_of(result) == [("Nasi Goreng", "50000"), ("Es Teh", "8000")]
    assert str(result.data.total.total) == "61000"
    assert result["total.total"].status is Status.UNVERIFIED
    assert "gone" in result.run.warnings


def test_a_list_for_which_the_budget_is_too_small_is_the_networks() -> None:
    result, requests = extract({"total": PAID}, llm_budget=1800)
    assert menu_of(result) == [("Nasi Goreng", "50000"), ("Es Teh", "8000")]
    assert "menu" not in (requests[0].json_schema or {})["properties"]
    assert result["menu[1].price"].status is Status.ACCEPTED
    assert "left unasked: menu" in result.run.warnings[-1]
    assert result["total.total"].status is Status.AGREED


def test_an_llm_that_is_asked_to_choose_reads_the_list_all_the_same() -> None:
    def reply(request: ChatRequest) -> str:
        return request.choices[0] if request.choices else json.dumps({"menu": MENU})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LlmConnection, "trust", 0.8)
        backend = ScriptedBackend(reply)
        fixed = predictor(make_predictions(PAGE, MARKS))
        both = HybridExtractor.from_parts(fixed, backend, strategy="choice")
        result = both.extract(PAGE, ItemizedReceipt)
    assert len(menu_of(result)) == 3
    read = [r for r in backend.requests if r.json_schema]
    assert [set((r.json_schema or {})["properties"]) for r in read] == [{"menu"}]
    assert any(r.choices for r in backend.requests)


@pytest.mark.parametrize("trust", [0.1, 0.39])
def test_one_that_is_trusted_little_chooses(trust: float) -> None:
    def reply(request: ChatRequest) -> str:
        nothing: dict[str, Any] = {"name": [], "count": [], "unit_price": [], "price": []}
        return request.choices[0] if request.choices else json.dumps({"menu": [nothing]})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LlmConnection, "trust", trust)
        backend = ScriptedBackend(reply)
        both = HybridExtractor.from_parts(predictor(make_predictions(PAGE, MARKS)), backend)
        result = both.extract(PAGE, ItemizedReceipt)
    assert result.run.strategy == "choice"
    assert not any('"value"' in json.dumps(r.json_schema) for r in backend.requests)

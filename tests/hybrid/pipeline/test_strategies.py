"""Each strategy in the whole pipeline: its name is recorded, and whatever comes, there is a result."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.errors import ModelError
from hybrid.extraction import Status
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import GcnExtractor, HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.schemas import ItemizedReceipt, Receipt
from hybrid.verify.strategies import STRATEGIES, make_strategy
from tests.hybrid.conftest import make_document
from tests.hybrid.pipeline.broken import BROKEN, CONNECTION_LOST, REFUSED
from tests.hybrid.pipeline.test_adversarial_server import check_sound, connected
from tests.hybrid.pipeline.test_extractors import DOUBTFUL, FixedPredictor, chosen, never

ASKING = [name for name in STRATEGIES if make_strategy(name).prompts]
OTHERS = [name for name in STRATEGIES if name != "choice"]


def hybrid(strategy: str, reply: Any, marks: Any = DOUBTFUL, **more: Any) -> HybridExtractor:
    predictor: Any = FixedPredictor(marks)
    return HybridExtractor.from_parts(predictor, ScriptedBackend(reply), strategy=strategy, **more)


def reflecting(request: ChatRequest) -> ChatReply:
    """The first option, after a draft where one is asked for."""
    if request.json_schema is not None:
        return ChatReply(text='{"draft": "B", "evidence": "CASH"}')
    return ChatReply(text="A")


def test_thoughts_of_a_strategy_are_recorded_where_asked_for(receipt: Document) -> None:
    hidden = hybrid("reflect", reflecting).extract(receipt, Receipt)
    shown = hybrid("reflect", reflecting, reasoning=True).extract(receipt, Receipt)
    assert hidden.run.reasoning is None
    assert shown.run.reasoning is not None
    assert "corrected to: [5] RM 12.20" in shown.run.reasoning["total"]
    assert hidden.run.usage.corrections == shown.run.usage.corrections == 1


def test_a_debate_in_the_pipeline(receipt: Document, monkeypatch: Any) -> None:
    monkeypatch.setattr("hybrid.pipeline.connection.LlmConnection.trust", 1.0)

    def reply(request: ChatRequest) -> ChatReply:
        if request.json_schema is None:
            return ChatReply(text="B")
        sceptic = "You are the sceptic." in request.messages[-1].content
        said = {"letter": "AB"[sceptic], "argument": "CASH"}
        return ChatReply(text=json.dumps(said))

    result = hybrid("debate", reply, reasoning=True).extract(receipt, Receipt)
    assert (result["total"].status, str(result.data.total)) == (Status.CORRECTED, "20.00")
    assert result.run.usage.corrections == 1
    assert result.run.reasoning is not None
    assert result.run.reasoning["total"].endswith("judge: [7] 20.00")
    assert hybrid("debate", reply).extract(receipt, Receipt).run.reasoning is None
    check_sound(result, receipt)


def test_a_strategy_is_part_of_the_identity(receipt: Document) -> None:
    extractors = [hybrid(name, reflecting) for name in STRATEGIES]
    assert len({e.fingerprint("a", Receipt) for e in extractors}) == len(STRATEGIES)
    for name, extractor in zip(STRATEGIES, extractors, strict=True):
        assert extractor.identity().get("strategy", "choice") == name
        run = extractor.extract(receipt, Receipt).run
        assert run.strategy == name
        assert set(run.prompts) >= set(make_strategy(name).prompts)
        assert ("verify.v1" in run.prompts) is (name == "choice")


@pytest.mark.parametrize(
    ("wanted", "status", "value"),
    [
        ("12.20", Status.AGREED, "12.20"),
        ("20.00", Status.CORRECTED, "20.00"),
        ("none of", Status.REJECTED, None),
    ],
)
def test_critique_decides_as_any_vote_does(
    receipt: Document, wanted: str, status: Status, value: str | None, monkeypatch: Any
) -> None:
    monkeypatch.setattr("hybrid.pipeline.connection.LlmConnection.trust", 1.0)
    result = hybrid("critique", chosen(wanted)).extract(receipt, Receipt)
    assert result["total"].status is status
    assert (None if result.data.total is None else str(result.data.total)) == value
    check_sound(result, receipt)


@pytest.mark.parametrize(
    ("strategy", "name"),
    [
        (strategy, name)
        for strategy in ASKING
        for name in sorted(BROKEN)
        # "structure" can use the total beside the huge value.
        if strategy != "choice" and (strategy, name) != ("structure", "huge value")
    ],
)
def test_nothing_usable_costs_nothing(strategy: str, name: str, receipt: Document) -> None:
    predictor: Any = FixedPredictor(DOUBTFUL)
    timeout = 0.3 if name in CONNECTION_LOST else 20.0
    with connected(BROKEN[name], timeout) as (_, backend):
        extractor = HybridExtractor.from_parts(predictor, backend, strategy=strategy)
        result = extractor.extract(receipt, Receipt)
    check_sound(result, receipt)
    assert str(result.data.total) == "12.20", "the GCN's proposal stands"
    assert result["total"].status is Status.UNVERIFIED
    assert result.run.warnings
    usage = result.run.usage
    answered = name not in CONNECTION_LOST | REFUSED
    assert usage.invalid_replies == (usage.requests if answered else 0)


PAGE = make_document(
    [
        ("SUBTOTAL 58.00", 50, 250, 150, 270),
        ("TAX 5.80", 50, 280, 150, 300),
        ("58.80", 400, 310, 480, 330),
        ("63.80", 400, 340, 480, 360),
    ],
    confidence=0.95,
)
SUMS: Any = {
    0: {"sub_total.subtotal_price": 0.97},
    1: {"sub_total.tax_price": 0.97},
    2: {"total.total_price": 0.5},
    3: {"total.total_price": 0.35},
}


def test_rules_correct_a_total_without_an_llm() -> None:
    alone = GcnExtractor(FixedPredictor(SUMS), "fixed").extract(PAGE, ItemizedReceipt)  # type: ignore[arg-type]
    result = hybrid("rules", never, SUMS).extract(PAGE, ItemizedReceipt)
    assert str(result.data.total.total) == "63.80" != str(alone.data.total.total)
    assert result["total.total"].status is Status.CORRECTED
    assert result["total.total"].confidence.llm is None, "no LLM has voted"
    assert (result.run.llm_model, result.run.llm_profile, result.run.prompts) == (None, None, {})
    check_sound(result, PAGE)


def test_rules_need_no_server_and_no_model(receipt: Document) -> None:
    predictor: Any = FixedPredictor(DOUBTFUL)
    connection = LlmConnection("http://127.0.0.1:9/v1#m")
    with HybridExtractor(predictor, "custom", connection, strategy="rules") as extractor:
        result = extractor.extract(receipt, Receipt)
        labels = ("other", "company", "total")
        assert extractor.label(receipt, labels).labels[0] == "company"
    assert result.run.warnings == []
    assert result.run.usage.requests == 0
    assert str(result.data.total) == "12.20"


@pytest.mark.parametrize("strategy", OTHERS)
def test_a_wished_risk_is_for_votes_that_a_fusion_was_fitted_on(strategy: str) -> None:
    says = f"make one with hybrid calibrate .* --strategy {strategy} "
    if strategy not in ASKING:
        says = f"with strategy {strategy} leave them out"
    with pytest.raises(ModelError, match=says):
        hybrid(strategy, never, max_risk=0.1)


def test_an_unknown_strategy_is_named_with_those_that_are_known() -> None:
    with pytest.raises(ModelError, match="unknown strategy 'vote'; known are choice, critique"):
        hybrid("vote", never)

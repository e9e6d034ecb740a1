"""A model that thinks: hidden by default, recorded where asked for, with room for its thoughts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor, LlmExtractor
from hybrid.pipeline.connection import DEFAULT_CONTEXT, LlmConnection
from hybrid.report.view import leaf_views
from hybrid.schemas import ItemizedReceipt, Receipt
from tests.hybrid.conftest import make_document
from tests.hybrid.pipeline.test_extractors import DOUBTFUL, FixedPredictor

THOUGHT = LlmUsage(requests=1, completion_tokens=50, reasoning_tokens=45)
NOTHING = {"lines": [], "value": ""}
READ = dict.fromkeys(("company", "date", "address"), NOTHING)
DRAFT = json.dumps(READ | {"total": {"lines": [7], "value": "20.00"}})
FINAL = json.dumps(READ | {"total": {"lines": [5], "value": "12.20"}})


def thinking(request: ChatRequest) -> ChatReply:
    """Answers the first option, and thinks where it may."""
    text = request.choices[0] if request.choices else FINAL
    thought = f"Is it {text[:1]}?" if request.reasoning else None
    draft = DRAFT if request.reasoning and not request.choices else None
    return ChatReply(text=text, reasoning=thought, draft=draft, usage=THOUGHT)


def hybrid(
    reply: Any, reasoning: bool, marks: Any = DOUBTFUL, strategy: str = "auto"
) -> HybridExtractor:
    predictor: Any = FixedPredictor(marks)
    return HybridExtractor.from_parts(
        predictor, ScriptedBackend(reply), reasoning=reasoning, strategy=strategy
    )


def test_thoughts_are_not_recorded_unless_asked_for(receipt: Document) -> None:
    result = hybrid(thinking, reasoning=False).extract(receipt, Receipt)
    assert result.run.reasoning is None
    assert result.run.usage.requests > 0
    always = LlmExtractor.from_backend(
        ScriptedBackend(lambda _: ChatReply(text=FINAL, reasoning="Hm.", usage=THOUGHT))
    ).extract(receipt, Receipt)
    assert always.run.reasoning is None
    assert always.run.usage.reasoning_tokens == 45


def test_a_questions_thoughts_belong_to_its_field(receipt: Document) -> None:
    result = hybrid(thinking, reasoning=True, strategy="choice").extract(receipt, Receipt)
    assert result.run.reasoning == {"total": "Is it A?\n\nIs it A?"}
    assert result.run.usage.reasoning_tokens == 90
    shown = {view.path: view.reasoning for view in leaf_views(result)}
    assert shown["total"] == "Is it A?\n\nIs it A?"
    assert shown["company"] is None


def test_a_models_correction_of_itself_is_recorded(receipt: Document) -> None:
    extractor = LlmExtractor.from_backend(ScriptedBackend(thinking), reasoning=True)
    result = extractor.extract(receipt, Receipt)
    assert result.run.reasoning is not None
    assert result.run.reasoning[""].splitlines() == [
        "Is it {?",
        "corrected total.lines: '[7]' to '[5]'",
        "corrected total.value: '20.00' to '12.20'",
    ]
    assert leaf_views(result)[0].reasoning == result.run.reasoning[""]


def test_thoughts_on_a_list() -> None:
    page = make_document([("Nasi Goreng", 50, 10, 200, 30), ("50,000", 400, 10, 480, 30)])
    reply = ChatReply(
        text='{"menu": [{"name": [0], "count": [], "unit_price": [], "price": [1]}]}',
        reasoning="One dish.",
    )
    marks = {0: {"menu.nm": 0.96}, 1: {"menu.price": 0.6}}
    result = hybrid(lambda _: reply, True, marks).extract(page, ItemizedReceipt)
    assert (result.run.reasoning or {})["menu"] == "One dish."
    shown = {view.path: view.reasoning for view in leaf_views(result)}
    assert shown["menu[0].price"] == "One dish."


def test_thinking_is_another_way_of_working(receipt: Document) -> None:
    prints = {hybrid(thinking, r).fingerprint("a", Receipt) for r in (True, False)}
    backend = ScriptedBackend(thinking)
    prints |= {
        LlmExtractor.from_backend(backend, reasoning=r).fingerprint("a", Receipt)
        for r in (True, False)
    }
    assert len(prints) == 4


@pytest.mark.parametrize(
    ("spec", "reasoning", "tokens"),
    [
        ("smollm2-135m", True, 4096),
        ("qwen3-0.6b", False, 8192),
        ("qwen3-0.6b", True, 8192 - 1024),
        ("qwen3-4b-thinking", False, 16384 - 2048),
        ("http://llm.test/v1#nobody", True, DEFAULT_CONTEXT),
        ("http://llm.test/v1#Qwen/Qwen3-4B-Thinking-2507", False, DEFAULT_CONTEXT),
    ],
)
def test_thoughts_need_room(spec: str, reasoning: bool, tokens: int) -> None:
    assert LlmConnection(spec, reasoning=reasoning).context_tokens == tokens


def test_the_servers_own_context_counts_but_not_for_recorded_prompts(tmp_path: Path) -> None:
    backend: Any = ScriptedBackend(thinking)
    backend.context_tokens = 2048
    assert LlmConnection("scripted", backend).context_tokens == 2048
    wrapped = LlmConnection("scripted", backend, wrap=lambda inner: inner)
    assert wrapped.context_tokens == DEFAULT_CONTEXT

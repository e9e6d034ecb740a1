"""`llm_budget`: spent where most is expected, and what is left unasked is the GCN's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.errors import ModelError
from hybrid.extraction import LlmUsage, Status
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import GcnExtractor, HybridExtractor
from hybrid.schemas import ItemizedReceipt, Receipt
from hybrid.verify.strategies import make_strategy
from tests.hybrid.conftest import make_document
from tests.hybrid.pipeline.test_extractors import SURE, FixedPredictor, never

SEVERAL: Any = SURE | {
    0: {"company": 0.62},
    2: {"company": 0.3},
    5: {"total": 0.5},
    7: {"total": 0.45},
}


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hybrid.pipeline.connection.LlmConnection.trust", 1.0)


def first(request: ChatRequest) -> ChatReply:
    """The first letter, and tokens as a small vocabulary has them."""
    page = "".join(message.content for message in request.messages)
    letters = sum(c.isalpha() for c in page)
    sent = int(0.94 * (letters / 2 + len(page) - letters - page.count(" ")))
    usage = LlmUsage(requests=1, prompt_tokens=sent, completion_tokens=1)
    text = "A" if request.choices else '{"draft": "A", "evidence": ""}'
    return ChatReply(text=text, usage=usage)


def hybrid(reply: Any = first, marks: Any = SEVERAL, **more: Any) -> HybridExtractor:
    predictor: Any = FixedPredictor(marks)
    return HybridExtractor.from_parts(predictor, ScriptedBackend(reply), **more)


def spent(usage: LlmUsage) -> int:
    return usage.prompt_tokens + usage.completion_tokens


@pytest.mark.parametrize("strategy", ["choice", "critique", "reflect"])
def test_the_budget_is_kept_and_used(receipt: Document, strategy: str) -> None:
    free = hybrid(strategy=strategy).extract(receipt, Receipt)
    needed = spent(free.run.usage)
    asked = free.run.usage.requests
    assert asked == 4
    counts = set()
    for budget in (1, needed // 2, int(needed * 0.9), needed * 2, needed * 4):
        result = hybrid(strategy=strategy, llm_budget=budget).extract(receipt, Receipt)
        assert spent(result.run.usage) <= budget
        assert result.run.usage.requests in (0, 2, 4), "no question is half asked"
        assert result.run.llm_budget == budget
        assert all(leaf.status is not Status.UNVERIFIED for leaf in result.fields.values())
        counts.add(result.run.usage.requests)
    assert counts == {0, 2, 4}
    assert result.data == free.data
    assert result.run.warnings == []


@pytest.mark.parametrize("rounds", [1, 3])
def test_a_debate_is_asked_to_its_end_or_not_at_all(receipt: Document, rounds: int) -> None:
    """Though what was said is sent again with each statement, and costs as much as it may."""

    def at_odds(request: ChatRequest) -> ChatReply:
        text = request.messages[-1].content
        letter = "AB"[text.count("because") % 2]
        if request.choices:
            return first(request)
        said = f'{{"letter": "{letter}", "argument": "{"7" * 100}"}}'
        cost = LlmUsage(completion_tokens=request.max_tokens - 1)
        return ChatReply(text=said, usage=first(request).usage + cost)

    strategy = make_strategy("debate", rounds=rounds)
    free = hybrid(at_odds, strategy=strategy).extract(receipt, Receipt).run.usage
    assert free.requests == 2 * strategy.rounds
    counts = set()
    for budget in range(spent(free) // 4, 2 * spent(free), spent(free) // 16):
        run = hybrid(at_odds, strategy=strategy, llm_budget=budget).extract(receipt, Receipt).run
        assert spent(run.usage) <= budget
        counts.add(run.usage.requests)
    assert counts == {0, strategy.rounds, 2 * strategy.rounds}


def test_fields_that_one_request_reads_share_their_page(
    receipt: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked one by one they would send it twice, and fit no budget that holds them together."""
    monkeypatch.setattr("hybrid.pipeline.connection.LlmConnection.trust", 0.39)

    def reading(request: ChatRequest) -> ChatReply:
        asked = request.messages[-1].content.partition("Fields:")[2]
        said = {f: {"value": "", "lines": []} for f in ("company", "total") if f"- {f}" in asked}
        usage = first(request).usage.model_copy(update={"completion_tokens": 20})
        return ChatReply(text=json.dumps(said), usage=usage)

    free = hybrid(reading, strategy="structure").extract(receipt, Receipt).run.usage
    assert free.requests == 1
    asked: dict[tuple[int, int], int] = {}
    for budget in range(spent(free), 2 * spent(free) + 600, 40):
        run = hybrid(reading, strategy="structure", llm_budget=budget).extract(receipt, Receipt).run
        assert spent(run.usage) <= budget
        asked.setdefault((run.usage.requests, len(run.warnings)), budget)
    assert asked[1, 0] < 2 * free.prompt_tokens, "both"
    assert asked[0, 1] < asked[1, 1] < asked[1, 0], "neither, then one of them"


def test_what_is_read_in_one_call_fits_or_is_left_out(receipt: Document) -> None:
    nothing = json.dumps({f: {"value": "", "lines": []} for f in ("company", "total")})

    def reading(request: ChatRequest) -> ChatReply:
        return ChatReply(text=nothing, usage=first(request).usage)

    free = hybrid(reading).extract(receipt, Receipt).run.usage
    assert free.requests == 1
    short = hybrid(reading, llm_budget=spent(free)).extract(receipt, Receipt)
    assert short.run.usage.requests == 0
    assert short.run.warnings == [
        f"the budget of {spent(free)} tokens left unasked: company, total"
    ]
    assert short["total"].status is not Status.UNVERIFIED
    enough = hybrid(reading, llm_budget=5000).extract(receipt, Receipt)
    assert enough.run.usage.requests == 1
    assert enough.run.warnings == []


def test_the_question_from_which_most_is_expected_comes_first(receipt: Document) -> None:
    """Of two totals either may be right; the company is rather sure."""
    needed = spent(hybrid(strategy="choice").extract(receipt, Receipt).run.usage)
    result = hybrid(strategy="choice", llm_budget=int(needed * 0.9)).extract(receipt, Receipt)
    assert result["total"].confidence.llm is not None
    assert result["company"].confidence.llm is None
    assert result.run.warnings == [
        f"the budget of {int(needed * 0.9)} tokens left unasked: company"
    ]


def test_without_a_token_it_is_the_gcn(receipt: Document) -> None:
    predictor: Any = FixedPredictor(SEVERAL)
    alone = GcnExtractor(predictor, "fixed").extract(receipt, Receipt)
    result = hybrid(never, llm_budget=1).extract(receipt, Receipt)
    assert result.fields == alone.fields
    assert result.run.usage == LlmUsage()


def test_lists_and_lines_are_within_the_budget_too() -> None:
    page = make_document(
        [("Nasi Goreng", 50, 10, 200, 30), ("50,000", 400, 10, 480, 30), ("ES", 50, 50, 90, 70)]
    )
    marks: Any = {0: {"menu.nm": 0.96}, 1: {"menu.price": 0.6}}
    result = hybrid(never, marks, llm_budget=20).extract(page, ItemizedReceipt)
    assert result["menu[0].price"].status is not Status.UNVERIFIED
    assert "left unasked: menu" in result.run.warnings[0]
    labels = ("other", "menu.nm", "menu.price")
    assert hybrid(never, marks, llm_budget=20).label(page, labels).labels[1] == "menu.price"
    doubtful: Any = {0: {"menu.nm": 0.5, "menu.price": 0.45}, 1: {"menu.price": 0.5}}
    free = hybrid(marks=doubtful).label(page, labels).run.usage
    assert free.requests > 2
    some = hybrid(marks=doubtful, llm_budget=spent(free) * 9 // 10).label(page, labels).run.usage
    assert 0 < some.requests < free.requests
    assert spent(some) <= spent(free) * 9 // 10


def test_a_budget_is_part_of_the_identity() -> None:
    prints = {hybrid(llm_budget=n).fingerprint("a", Receipt) for n in (None, 100, 200)}
    assert len(prints) == 3
    with pytest.raises(ModelError, match="at least 1, not 0"):
        hybrid(llm_budget=0)

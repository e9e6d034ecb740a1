from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import GcnExtractor, HybridExtractor, LlmExtractor
from hybrid.verify.strategies import make_strategy
from tests.hybrid.conftest import make_document
from tests.hybrid.pipeline.test_extractors import DOUBTFUL, FixedPredictor, both, gcn, llm, never

LABELS = ("other", "company", "date", "address", "total")


def choosing(text: str) -> Callable[[ChatRequest], ChatReply]:
    """Answers with the letter of the option that is this text."""

    def reply(request: ChatRequest) -> ChatReply:
        lines = request.messages[-1].content.splitlines()
        letter = next(x[0] for x in lines if x[1:] == f": {text}")
        assert request.choices is not None
        return ChatReply(text=letter, logprobs={letter: -0.01})

    return reply


def test_gcn_gives_the_likeliest_label(receipt: Document) -> None:
    found = gcn(DOUBTFUL).label(receipt, LABELS)
    assert found.labels[:4] == ("company", "address", "address", "date")
    assert found.labels[5] in ("other", "total")
    assert found.labels[7] == "other"
    assert found.confidences[:2] == (0.97, 0.96)
    assert found.run.system == "gcn"
    assert found.run.checkpoint_sha256 == "f" * 64
    assert found.run.source_sha256 == receipt.sha256


def test_labels_that_are_not_asked_for_are_background(receipt: Document) -> None:
    found = gcn({0: {"company": 0.9}, 5: {"total": 0.9}}).label(
        receipt, ["none", "sum"], {"total": "sum"}
    )
    assert found.labels == ("none",) * 5 + ("sum",) + ("none",) * 2
    assert found.confidences[0] == 1.0
    assert found.confidences[5] == 0.9


def test_an_llm_sorts_lines_without_probabilities(receipt: Document) -> None:
    found = llm('{"company": [0], "date": [3], "address": [1, 2], "total": [5]}').label(
        receipt, LABELS
    )
    assert found.labels == (
        "company",
        *["address"] * 2,
        "date",
        "other",
        "total",
        *["other"] * 2,
    )
    assert found.confidences == (None,) * 8
    assert list(found.run.prompts) == ["label.v1"]
    assert found.run.usage.requests == 1


def test_an_llm_that_is_down_labels_nothing_and_says_so(receipt: Document) -> None:
    def down(_: ChatRequest) -> ServerError:
        return ServerError("the server is down")

    found = LlmExtractor.from_backend(ScriptedBackend(down)).label(receipt, LABELS)
    assert found.labels == ("other",) * 8
    assert found.run.warnings == ["the server is down"]


@pytest.mark.parametrize(("answer", "expected"), [("total", "total"), ("none of these", "other")])
def test_hybrid_asks_about_doubtful_lines(
    receipt: Document, answer: str, expected: str, monkeypatch: Any
) -> None:
    monkeypatch.setattr("hybrid.pipeline.connection.LlmConnection.trust", 1.0)
    found = both(DOUBTFUL, choosing(answer)).label(receipt, LABELS)
    assert found.labels == (
        "company",
        *["address"] * 2,
        "date",
        "other",
        expected,
        "other",
        expected,
    )
    confidence = found.confidences[5]
    assert confidence is not None
    assert 0.9 < confidence <= 1.0
    assert found.confidences[0] == 0.97
    assert found.run.usage.requests == 4
    assert list(found.run.prompts) == ["label-choice.v1"]


@pytest.mark.parametrize(("strategy", "requests"), [("choice", 3), ("reflect", 2)])
def test_an_llm_that_thinks_is_asked_several_times(
    receipt: Document, strategy: str, requests: int
) -> None:
    def reply(request: ChatRequest) -> ChatReply:
        said = choosing("total" if request.seed == 1 else "none of these")(request)
        return said.model_copy(update={"reasoning": f"Number {request.seed}?"})

    predictor: Any = FixedPredictor({5: {"total": 0.5}})
    backend = ScriptedBackend(reply, profile="qwen3-0.6b")
    asked = make_strategy(strategy, 3)
    extractor = HybridExtractor.from_parts(predictor, backend, reasoning=True, strategy=asked)
    found = extractor.label(receipt, LABELS)
    assert found.labels[5] == "other", "what two of three answers say"
    assert found.run.usage.requests == len(backend.requests) == requests


def test_hybrid_asks_nothing_where_the_gcn_is_sure(receipt: Document) -> None:
    found = both({0: {"company": 0.99}}, never).label(receipt, LABELS)
    assert found.labels == ("company", *["other"] * 7)
    assert found.run.usage.requests == 0


def test_hybrid_keeps_the_gcn_s_labels_without_an_llm(receipt: Document) -> None:
    def down(_: ChatRequest) -> ServerError:
        return ServerError("the server is down")

    alone = gcn(DOUBTFUL).label(receipt, LABELS)
    found = both(DOUBTFUL, down).label(receipt, LABELS)
    assert (found.labels, found.confidences) == (alone.labels, alone.confidences)
    assert found.run.warnings == ["the server is down"]
    unreachable = HybridExtractor.from_parts(FixedPredictor(DOUBTFUL), ScriptedBackend([]))  # type: ignore[arg-type]
    unreachable.connection.open = lambda: (_ for _ in ()).throw(ServerError("none"))  # type: ignore[method-assign]
    assert unreachable.label(receipt, LABELS).labels == alone.labels


def test_an_empty_page_has_no_labels() -> None:
    empty = make_document([])
    extractors: list[GcnExtractor | HybridExtractor | LlmExtractor] = [
        gcn({}),
        both({}, never),
        LlmExtractor.from_backend(ScriptedBackend(never)),
    ]
    for extractor in extractors:
        found = extractor.label(empty, LABELS)
        assert (found.labels, found.confidences) == ((), ())

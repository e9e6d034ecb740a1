from __future__ import annotations

import json

import pytest

from hybrid.document import Document
from hybrid.errors import HybridError
from hybrid.extraction import Grounding, Status
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import Example, ExampleValue, LlmExtractor
from hybrid.schemas import Receipt
from tests.hybrid.pipeline.test_extractors import supported

NOTHING = {"box": [], "value": ""}
WRITTEN = {
    "company": {"box": [167, 12, 667, 38], "value": "ACME SDN BHD"},
    "date": {"box": [0, 900, 200, 950], "value": "25/12/2018"},
    "address": NOTHING,
    "total": {"box": [660, 370, 840, 405], "value": "99.90"},
}


def test_written_boxes_are_gated_by_what_they_hold(receipt: Document) -> None:
    backend = ScriptedBackend(lambda _: json.dumps(WRITTEN))
    strict = LlmExtractor.from_backend(backend, prompt="v2", coordinates="written")
    result = strict.extract(receipt, Receipt)
    assert result.data.company == "ACME SDN BHD"
    assert result["company"].citations[0].box.as_tuple() == (100, 10, 400, 30)
    assert result.data.date is None
    assert result.data.total is None
    assert "words that it cites" in (result["total"].reason or "")
    assert supported(result)


def test_lenient_mode_keeps_where_the_llm_looked(receipt: Document) -> None:
    backend = ScriptedBackend(lambda _: json.dumps(WRITTEN))
    lenient = LlmExtractor.from_backend(backend, "lenient", prompt="v2", coordinates="written")
    result = lenient.extract(receipt, Receipt)
    # The right text in the wrong place: on the page, not in what is cited.
    assert result["date"].text == "25/12/2018"
    assert result["date"].citations == ()
    assert result["date"].grounding is Grounding.NONE
    assert str(result.data.total) == "99.90"
    assert result["total"].citations[0].text == "RM 12.20"
    assert result["total"].grounding is Grounding.NONE


def test_code_can_search_the_page_for_what_was_cited_wrongly(receipt: Document) -> None:
    backend = ScriptedBackend(lambda _: json.dumps(WRITTEN))
    found = LlmExtractor.from_backend(backend, coordinates="written", search=True).extract(
        receipt, Receipt
    )
    assert found["company"].citations[0].text == "ACME SDN BHD"
    assert found["date"].citations[0].text == "25/12/2018"
    assert found["total"].value is None
    assert "does not stand on the page" in (found["total"].reason or "")
    assert supported(found)


def test_everything_that_changes_an_answer_is_in_the_identity(receipt: Document) -> None:
    backend = ScriptedBackend([])
    shown = Example(receipt, {"total": ExampleValue("RM 12.20", (5,))})
    prints = {
        LlmExtractor.from_backend(backend, search=True).fingerprint("a", Receipt),
        LlmExtractor.from_backend(backend, prompt="v1").fingerprint("a", Receipt),
        LlmExtractor.from_backend(backend, prompt="v2").fingerprint("a", Receipt),
        LlmExtractor.from_backend(backend, prompt="v2", coordinates="given").fingerprint(
            "a", Receipt
        ),
        LlmExtractor.from_backend(backend, prompt="v2", coordinates="written").fingerprint(
            "a", Receipt
        ),
        LlmExtractor.from_backend(backend, examples=[shown]).fingerprint("a", Receipt),
    }
    assert len(prints) == 6


def test_wrong_options_are_refused_at_once() -> None:
    with pytest.raises(HybridError, match="coordinates='x' is unknown"):
        LlmExtractor.from_backend(ScriptedBackend([]), coordinates="x")  # type: ignore[arg-type]


def test_examples_that_are_left_out_are_said(receipt: Document) -> None:
    big = Example(receipt, {"company": ExampleValue("ACME " * 3000, (0,))})
    backend = ScriptedBackend(lambda _: '{"company": {"lines": [], "value": ""}}')
    result = LlmExtractor.from_backend(backend, examples=[big]).extract(receipt, Receipt)
    assert result.run.warnings == ["1 of 1 examples do not fit into the context"]


def test_what_a_cut_reply_said_is_kept_and_the_rest_is_open(receipt: Document) -> None:
    cut = '{"company": {"lines": [0], "value": "ACME SDN BHD"}, "date": {"lines": [3'

    def reply(_: ChatRequest) -> ChatReply:
        return ChatReply(text=cut, finish_reason="length")

    result = LlmExtractor.from_backend(ScriptedBackend(reply)).extract(receipt, Receipt)
    assert result.data.company == "ACME SDN BHD"
    assert result["date"].status is Status.UNVERIFIED
    assert result.run.usage.invalid_replies == 1

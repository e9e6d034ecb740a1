"""Whatever a server does: a result for every document, no citation that is not on the page."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.extraction import Extraction, Grounding, Status
from hybrid.llm.http import HttpBackend
from hybrid.pipeline import HybridExtractor, LlmExtractor
from hybrid.pipeline.base import Extractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.schemas import ItemizedReceipt, Receipt
from tests.hybrid.conftest import make_document
from tests.hybrid.pipeline.adversary import (
    Adversary,
    Answer,
    Behaviour,
    completion,
    misbehaving,
    saying,
)
from tests.hybrid.pipeline.broken import BROKEN, CONNECTION_LOST, GOOD, REFUSED, reply
from tests.hybrid.pipeline.test_extractors import DOUBTFUL, FixedPredictor


def logprobs(*top: Any) -> dict[str, Any]:
    return {"content": [{"token": "A", "logprob": -0.1, "top_logprobs": list(top)}]}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long or is large in earnest, in small."""
    monkeypatch.setattr("hybrid.llm.bounds.MAX_BYTES", 1_000_000)
    monkeypatch.setattr("hybrid.llm.retries._LONGEST_WAIT", 0.01)


@contextmanager
def connected(
    behaviour: Behaviour, timeout: float = 20.0
) -> Iterator[tuple[Adversary, HttpBackend]]:
    with (
        misbehaving(behaviour) as server,
        HttpBackend(server.url, "m", timeout=timeout, retries=1, first_wait=0.001) as backend,
    ):
        yield server, backend


def extractors(backend: HttpBackend) -> list[Extractor]:
    predictor: Any = FixedPredictor(DOUBTFUL)
    return [
        HybridExtractor.from_parts(predictor, backend),
        HybridExtractor.from_parts(predictor, backend, strategy="choice"),
        LlmExtractor.from_backend(backend),
        LlmExtractor.from_backend(backend, coordinates="written"),
        LlmExtractor.from_backend(backend, "lenient", prompt="v1", search=True),
    ]


def check_sound(result: Extraction[Any], document: Document, strict: bool = True) -> None:
    """Every value is supported by words that really stand on the page where it says so."""
    words = {w.id: (s.page, w) for s in document.segments for w in s.words}
    json.loads(result.model_dump_json())
    for leaf in [x for field in result.fields.values() for x in (field, *field.alternatives)]:
        for citation in leaf.citations:
            cited = [words[i] for i in citation.word_ids]
            assert all(page == citation.page for page, _ in cited)
            assert citation.text == " ".join(word.text for _, word in cited)
        if strict and leaf.value is not None:
            assert leaf.grounding is not Grounding.NONE
            assert leaf.citations
            assert (leaf.text or "?") in " ".join(c.text for c in leaf.citations)


@pytest.mark.parametrize("name", BROKEN)
def test_nothing_usable_costs_nothing(name: str, receipt: Document) -> None:
    timeout = 0.3 if name in CONNECTION_LOST else 20.0
    with connected(BROKEN[name], timeout) as (server, backend):
        for extractor in extractors(backend):
            first, second = (extractor.extract(receipt, Receipt) for _ in range(2))
            for result in (first, second):
                check_sound(result, receipt, extractor.mode == "strict")
                assert result.run.warnings, "it has to say why"
                assert all(len(line) < 600 and "\n" not in line for line in result.run.warnings)
                usage = result.run.usage
                assert usage.requests > 0
                answered = name not in CONNECTION_LOST | REFUSED
                assert usage.invalid_replies == (usage.requests if answered else 0)
            unsure = {
                leaf.status
                for path, leaf in first.fields.items()
                if extractor.system == "llm" or path == "total"
            }
            assert unsure <= {Status.UNVERIFIED, Status.ABSTAINED}
            if extractor.system == "hybrid":
                assert str(first.data.total) == "12.20", "the GCN's proposal stands"
                assert first["total"].status is Status.UNVERIFIED
                assert first["company"].status is Status.ACCEPTED
        assert server.requests
        assert backend.available is (name not in CONNECTION_LOST)


@pytest.mark.parametrize("name", sorted(BROKEN.keys() - CONNECTION_LOST))
def test_lists_and_labels_survive_too(name: str) -> None:
    page = make_document(
        [("Nasi Goreng", 50, 10, 200, 30), ("50,000", 400, 10, 480, 30), ("ES", 50, 50, 90, 70)]
    )
    predictor: Any = FixedPredictor({0: {"menu.nm": 0.96}, 1: {"menu.price": 0.6}})
    with connected(BROKEN[name]) as (_, backend):
        both = HybridExtractor.from_parts(predictor, backend)
        result = both.extract(page, ItemizedReceipt)
        check_sound(result, page)
        assert result["menu[0].price"].status is Status.UNVERIFIED
        assert result.run.warnings
        alone = LlmExtractor.from_backend(backend)
        check_sound(alone.extract(page, ItemizedReceipt), page)
        labels = ("other", "menu.nm", "menu.price")
        for extractor in (both, alone):
            assert set(extractor.label(page, labels).labels) <= set(labels)
        assert both.label(page, labels).labels[0] == "menu.nm"


@pytest.mark.parametrize(
    "behaviour", ["prose", "choices missing", "server error", "body not JSON", "body cut off"]
)
def test_the_probe_of_an_address_survives(behaviour: str, receipt: Document) -> None:
    predictor: Any = FixedPredictor(DOUBTFUL)
    with misbehaving(BROKEN[behaviour]) as server:
        connection = LlmConnection(f"{server.url}#m")
        with HybridExtractor(predictor, "custom", connection) as extractor:
            result = extractor.extract(receipt, Receipt)
    assert result["total"].status is Status.UNVERIFIED
    assert result.run.warnings
    check_sound(result, receipt)


def read(text: str, document: Document) -> Extraction[Any]:
    with connected(saying(text)) as (_, backend):
        result = LlmExtractor.from_backend(backend).extract(document, Receipt)
    check_sound(result, document)
    return result


def test_a_good_reply_for_comparison(receipt: Document) -> None:
    result = read(reply(), receipt)
    assert str(result.data.total) == "12.20"
    assert result.run.warnings == []
    assert result.run.usage.invalid_replies == 0


@pytest.mark.parametrize("lines", [["5"], ["[5]"], [5.0], [" 5 "], [5, 5], [5, True, None, "x"]])
def test_numbers_in_other_clothes_are_repaired(lines: list[Any], receipt: Document) -> None:
    result = read(reply(total={"value": "12.20", "lines": lines}), receipt)
    assert str(result.data.total) == "12.20"
    assert result["total"].citations[0].text == "RM 12.20"
    assert result.run.usage.invalid_replies == 0


@pytest.mark.parametrize("lines", [[77], [8], [-1], [65536], [True], ["five"], [], [5.5]])
def test_lines_that_are_not_there_support_nothing(lines: list[Any], receipt: Document) -> None:
    result = read(reply(total={"value": "12.20", "lines": lines}), receipt)
    assert result["total"].status is Status.ABSTAINED
    assert "do not support" in (result["total"].reason or "")
    assert result.data.company == "ACME SDN BHD"
    if lines in ([77], [8]):
        assert result.run.warnings == [
            f"the LLM cited lines that the document does not have: {lines[0]}"
        ]


def test_a_key_that_stands_there_twice(receipt: Document) -> None:
    total = '"total": {"value": "12.20", "lines": [5]}'
    other = '"total": {"value": "20.00", "lines": [7]}'
    start = json.dumps({"company": GOOD["company"]})[:-1]
    same = read(f"{start}, {total}, {total}}}", receipt)
    assert str(same.data.total) == "12.20"
    assert same.run.usage.invalid_replies == 0
    clash = read(f"{start}, {total}, {other}}}", receipt)
    assert clash.data.total is None
    assert clash["total"].status is Status.UNVERIFIED
    assert clash.data.company == "ACME SDN BHD"
    assert clash.run.usage.invalid_replies == 1
    assert "'total' stands there twice" in clash.run.warnings[0]


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number(constant: str, receipt: Document) -> None:
    text = reply().replace('"12.20"', constant)
    result = read(text, receipt)
    assert result["total"].status is Status.UNVERIFIED or result.data.total is None
    assert result.data.company == "ACME SDN BHD"
    assert result.run.usage.invalid_replies == 1
    assert f"{constant} is no number" in result.run.warnings[0]


@pytest.mark.parametrize(
    "thoughts", ["<think>Line 5.</think>\n{}", "Line 5.\n</think>{}", "[THINK]Hm[/THINK]{}"]
)
def test_thoughts_in_the_text_are_no_answer(thoughts: str, receipt: Document) -> None:
    result = read(thoughts.replace("{}", reply()), receipt)
    assert str(result.data.total) == "12.20"
    assert result.run.usage.invalid_replies == 0
    assert 0 < result.run.usage.reasoning_tokens < result.run.usage.completion_tokens


@pytest.mark.parametrize(
    "given",
    [
        "nonsense",
        [],
        {"content": None},
        {"content": "A"},
        {"content": {"token": "A"}},
        {"content": [None]},
        {"content": ["A", "B"]},
        {"content": [{"token": 1, "logprob": "x", "top_logprobs": 3}]},
        logprobs(),
        logprobs(None, 1, "A"),
        logprobs({"token": "A"}, {"logprob": -1}),
        logprobs({"token": "A", "logprob": "high"}),
        logprobs({"token": ["A"], "logprob": -0.1}),
        logprobs({"token": "A", "logprob": 1e308}, {"token": "B", "logprob": 5}),
        logprobs({"token": "A", "logprob": float("nan")}),
        logprobs({"token": "A", "logprob": float("inf")}),
        logprobs({"token": "The", "logprob": -0.1}, {"token": "\ud800", "logprob": -0.2}),
    ],
)
def test_votes_without_sound_logprobs(given: Any, receipt: Document, monkeypatch: Any) -> None:
    monkeypatch.setattr("hybrid.pipeline.connection.LlmConnection.trust", 1.0)

    def choosing(request: dict[str, Any]) -> Answer:
        lines = request["messages"][-1]["content"].splitlines()
        letter = next(x[0] for x in lines if x[1:2] == ":" and "20.00" in x)
        return completion(letter, logprobs=given)

    predictor: Any = FixedPredictor(DOUBTFUL)
    with connected(choosing) as (_, backend):
        result = HybridExtractor.from_parts(predictor, backend, strategy="choice").extract(
            receipt, Receipt
        )
    check_sound(result, receipt)
    # The letter itself counts where the probabilities are none.
    if result["total"].status is Status.ACCEPTED:
        assert result["total"].reason == "the LLM had no preference"
    else:
        assert result["total"].status in (Status.CORRECTED, Status.AGREED, Status.ABSTAINED)
    if given in ("nonsense", [], {"content": None}):
        assert result["total"].status is Status.CORRECTED


def test_half_a_vote_is_told(receipt: Document) -> None:
    """The other order of the options got no answer: small models prefer a letter."""

    def flaky(request: dict[str, Any]) -> Answer:
        options = [x for x in request["messages"][-1]["content"].splitlines() if x[1:2] == ":"]
        return completion("A" if "none of" in options[-1] else "?")

    predictor: Any = FixedPredictor(DOUBTFUL)
    with connected(flaky) as (_, backend):
        result = HybridExtractor.from_parts(predictor, backend, strategy="choice").extract(
            receipt, Receipt
        )
    assert result["total"].status is not Status.UNVERIFIED
    assert result.run.usage.invalid_replies == 1
    assert "none of the" in result.run.warnings[0]


def test_a_batch_goes_on_after_silence(receipt: Document) -> None:
    """Once nothing comes any more, later documents do not wait."""
    started = time.monotonic()
    with connected(BROKEN["silence"], timeout=0.3) as (_, backend):
        predictor: Any = FixedPredictor(DOUBTFUL)
        extractor = HybridExtractor.from_parts(predictor, backend)
        results = list(extractor.extract_many([receipt] * 20, Receipt))
    assert [str(r.data.total) for r in results if isinstance(r, Extraction)] == ["12.20"] * 20
    assert time.monotonic() - started < 5


def test_a_server_that_recovers_is_asked_again(receipt: Document) -> None:
    calls = 0

    def recovering(request: dict[str, Any]) -> Answer:
        nonlocal calls
        calls += 1
        return Answer(b"", status=500) if calls % 2 else completion(reply())

    with connected(recovering) as (_, backend):
        extractor = LlmExtractor.from_backend(backend)
        for _ in range(3):
            assert str(extractor.extract(receipt, Receipt).data.total) == "12.20"

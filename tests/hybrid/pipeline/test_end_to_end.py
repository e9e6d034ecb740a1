"""The whole chain: real OCR, a shipped checkpoint, a real vLLM server."""

from __future__ import annotations

import json
from datetime import date as date_
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from hybrid import GcnExtractor, HybridExtractor, LlmExtractor, load_document
from hybrid.extraction import Grounding, Status
from hybrid.schema import FieldSchema
from hybrid.schemas import Receipt
from hybrid.verify.ask import Question, ask
from hybrid.verify.propose import type_candidates
from hybrid.verify.resolve import Proposal
from hybrid.verify.strategies import Case, make_strategy

SAMPLES = Path(__file__).parents[3] / "eval" / "samples"

pytestmark = [pytest.mark.vllm, pytest.mark.slow]


@pytest.fixture(scope="module")
def sample() -> Path:
    return SAMPLES / "documents" / "receipt-hardware.png"


def test_hybrid_reads_a_receipt(sample: Path, vllm_server: str) -> None:
    gold = json.loads((SAMPLES / "gold" / "receipt-hardware.json").read_text())["fields"]
    with HybridExtractor.from_pretrained("receipts", llm=vllm_server) as extractor:
        result = extractor.extract(load_document(sample), Receipt)
    assert str(result.data.total) == gold["total"]
    assert str(result.data.date) == gold["date"]
    assert all(leaf.status is not Status.UNVERIFIED for leaf in result.fields.values())
    for leaf in result.fields.values():
        if leaf.value is not None:
            assert leaf.grounding is not Grounding.NONE
            assert leaf.text is not None
            assert leaf.text in " ".join(c.text for c in leaf.citations)


class Basket(BaseModel):
    """A list of which no checkpoint knows anything."""

    class Article(BaseModel):
        article: str | None = Field(None, description="what was bought")
        amount: Decimal | None = Field(None, description="its price")

    articles: list[Article] = []


def test_a_list_that_no_checkpoint_knows_is_the_llm_s(vllm_server: str) -> None:
    sample = SAMPLES / "documents" / "receipt-cafe.png"
    with HybridExtractor.from_pretrained("receipts", llm=vllm_server) as extractor:
        assert extractor.fusion.trust >= 0.5, "of an address nothing is known"
        result = extractor.extract(load_document(sample), Basket)
    assert (result.run.usage.requests, result.run.usage.invalid_replies) == (1, 0)
    assert result.run.usage.completion_tokens > 0
    # How many items so small a model reads is its own affair; that they are given, and grounded, or that
    # it found none is said, ours.
    empty = [warning for warning in result.run.warnings if "left empty" in warning]
    assert len(empty) == (0 if result.fields else 1)
    assert all(warning.endswith("the LLM found no items either") for warning in empty)
    for leaf in result.fields.values():
        if leaf.value is not None:
            assert leaf.status is Status.ADDED
            assert leaf.grounding is not Grounding.NONE
            assert leaf.citations


class Total(BaseModel):
    """So small a model fills every text up to its bound; one field is soon written."""

    total: Decimal | None = Field(None, description="total amount to pay, tax included")
    date: date_ | None = Field(None, description="date of the receipt")


def test_llm_only_never_invents_in_strict_mode(sample: Path, vllm_server: str) -> None:
    with LlmExtractor.from_pretrained(vllm_server) as extractor:
        result = extractor.extract(load_document(sample), Total)
    assert result.run.usage.requests == 1
    assert result.run.usage.completion_tokens > 0
    assert all(
        leaf.value is None or leaf.grounding is not Grounding.NONE
        for leaf in result.fields.values()
    )


def test_boxes_that_an_llm_writes_are_checked(sample: Path, vllm_server: str) -> None:
    with LlmExtractor.from_pretrained(vllm_server, prompt="v2", coordinates="written") as extractor:
        document = load_document(sample)
        strict = extractor.extract(document, Total)
        extractor.mode = "lenient"
        lenient = extractor.extract(document, Total)
    assert strict.run.prompts.keys() == {"extract-boxes.v2"}
    assert strict.run.usage.completion_tokens > 0
    assert strict.run.usage.invalid_replies == 0
    assert all(x.value is None or x.grounding is not Grounding.NONE for x in strict.fields.values())
    assert any(leaf.text for leaf in lenient.fields.values())


LABELS = ("other", "company", "date", "address", "total")


def test_an_llm_labels_lines(sample: Path, vllm_server: str) -> None:
    whole = load_document(sample)
    # An answer has a dozen tokens a line, so the head of the page is enough.
    head = whole.pages[0].model_copy(update={"segments": whole.pages[0].segments[:6]})
    document = whole.model_copy(update={"pages": (head,)})
    with LlmExtractor.from_pretrained(vllm_server) as extractor:
        found = extractor.label(document, LABELS)
    assert len(found.labels) == len(found.confidences) == len(document.segments)
    assert set(found.labels) <= set(LABELS)
    assert found.run.usage.requests > 0
    assert found.run.usage.completion_tokens > 0


def test_hybrid_asks_about_lines(
    sample: Path, vllm_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The checkpoint is sure of all lines of this receipt.
    monkeypatch.setattr("hybrid.pipeline.hybrid.most_doubtful", lambda *_: [0, 5])
    document = load_document(sample)
    with HybridExtractor.from_pretrained("receipts", llm=vllm_server) as extractor:
        found = extractor.label(document, LABELS)
    assert found.run.usage.requests == 4
    assert found.run.warnings == []
    assert all(c is not None and 0 < c <= 1 for c in found.confidences)
    assert {"company", "total"} <= set(found.labels)


def test_questions_reach_the_server(sample: Path, vllm_server: str) -> None:
    document = load_document(sample)
    with HybridExtractor.from_pretrained("receipts", llm=vllm_server) as extractor:
        leaf = FieldSchema(Receipt).by_path["total"]
        options = tuple(type_candidates(document, leaf, [])[:5])
        question = Question("total", leaf, options)
        backend = extractor.connection.open()
        votes, usage = ask(document, [question], backend, extractor.connection.context_tokens)
    assert votes[0].shares is not None
    assert len(votes[0].shares) == len(options) + 1
    assert sum(votes[0].shares) == pytest.approx(1.0)
    assert max(votes[0].shares) < 1.0
    assert usage.requests == 2


def test_a_debate_reaches_the_server(sample: Path, vllm_server: str) -> None:
    document = load_document(sample)
    schema = FieldSchema(Receipt)
    strategy = make_strategy("debate")
    with HybridExtractor.from_pretrained(
        "receipts", llm=vllm_server, strategy=strategy
    ) as extractor:
        questions = [
            Question(path, leaf, tuple(type_candidates(document, leaf, [])[:5]))
            for path, leaf in schema.by_path.items()
            if path == "total"
        ]
        case = Case(document, schema, Proposal({}, {}), questions)
        voting = strategy.votes(case, lambda: extractor.connection.open_for(document))
    for question, vote in zip(questions, voting.votes, strict=True):
        assert vote is not None
        assert vote.shares is not None, vote.problem
        assert len(vote.shares) == len(question.options) + 1
        assert sum(vote.shares) == pytest.approx(1.0)
        assert max(vote.shares) < 1.0
        assert vote.reasoning is not None
        assert "judge: " in vote.reasoning
    assert 2 <= voting.usage.requests <= 3
    assert voting.usage.completion_tokens > voting.usage.requests


def test_a_dead_server_leaves_the_gcn_s_result(sample: Path) -> None:
    document = load_document(sample)
    alone = GcnExtractor.from_pretrained("receipts").extract(document, Receipt)
    with HybridExtractor.from_pretrained("receipts", llm="http://127.0.0.1:9/v1#gone") as extractor:
        result = extractor.extract(document, Receipt)
    for path, leaf in result.fields.items():
        assert leaf.status in (Status.ACCEPTED, Status.UNVERIFIED, Status.ABSTAINED)
        if leaf.value is not None:
            assert leaf.value == alone[path].value

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from hybrid.document import Document
from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.verify.ask import Vote
from hybrid.verify.label import (
    LabelReading,
    ask_lines,
    label_shares,
    most_doubtful,
    pooled,
    read_lines,
)
from tests.hybrid.conftest import make_document, make_predictions

LABELS = ("other", "company", "total")


def read(document: Document, reply: Any) -> tuple[LabelReading, list[ChatRequest]]:
    backend = ScriptedBackend(reply if callable(reply) else lambda _: reply)
    return read_lines(document, LABELS, backend, 4096), backend.requests


def test_a_reply_holds_labels_and_numbers_only(receipt: Document) -> None:
    found, (asked,) = read(receipt, '{"company": [0], "total": [4, 5]}')
    assert found.labels == {0: "company", 4: "total", 5: "total"}
    assert found.problem is None
    assert asked.json_schema is not None
    assert list(asked.json_schema["properties"]) == ["company", "total"]
    assert asked.json_schema["properties"]["total"]["maxItems"] == 40
    assert "- company\n- total" in asked.messages[-1].content
    assert "other" not in asked.messages[-1].content


def test_numbers_off_the_page_are_dropped_and_the_first_claim_counts(receipt: Document) -> None:
    found, _ = read(receipt, '{"company": [0, 0, 99, -1], "total": [0, 5]}')
    assert found.labels == {0: "company", 5: "total"}


@pytest.mark.parametrize(
    ("text", "expected", "invalid"),
    [
        ('{"company": [0], "total": [5, 7', {0: "company", 5: "total"}, 1),
        ('{"company": 3, "total": []}', {}, 1),
        ("nonsense", {}, 1),
        ('{"unasked": [1], "total": [5]}', {5: "total"}, 0),
        ("[]", {}, 1),
    ],
)
def test_bad_replies_are_counted_and_used_as_far_as_they_go(
    receipt: Document, text: str, expected: dict[int, str], invalid: int
) -> None:
    found, _ = read(receipt, ChatReply(text=text, finish_reason="length"))
    assert found.labels == expected
    assert found.usage.invalid_replies == invalid
    assert (found.problem is not None) == bool(invalid)


def test_long_pages_are_cut_into_blocks_of_forty_lines() -> None:
    document = make_document([(f"line {i}", 10, 12 * i, 90, 12 * i + 9) for i in range(100)])

    def reply(request: ChatRequest) -> str:
        first = int(request.messages[-1].content.split("[")[1].split("]")[0])
        # Number 0 is in the first block only, whoever names it.
        return json.dumps({"company": [0, first + 10], "total": []})

    found, asked = read(document, reply)
    assert [m.messages[-1].content.count("line ") for m in asked] == [40, 40, 28]
    assert found.labels == {0: "company", 10: "company", 46: "company", 82: "company"}


def test_nothing_is_asked_of_an_empty_page_or_without_labels(receipt: Document) -> None:
    backend = ScriptedBackend([])
    assert read_lines(make_document([]), LABELS, backend, 4096).labels == {}
    assert read_lines(receipt, ("other",), backend, 4096).labels == {}
    assert backend.requests == []


def test_a_failure_is_the_problem(receipt: Document) -> None:
    found, _ = read(receipt, lambda _: ServerError("down"))
    assert found.labels == {}
    assert found.problem == "down"


def test_what_is_not_asked_for_counts_to_the_background(receipt: Document) -> None:
    marks = {0: {"company": 0.6, "address": 0.3}, 5: {"total": 0.7, "tax": 0.2}}
    predictions = make_predictions(receipt, marks)
    shares = label_shares(predictions, ["none", "company", "sum"], {"total": "sum", "tax": "sum"})
    assert shares.shape == (8, 3)
    assert shares[0].tolist() == pytest.approx([0.4, 0.6, 0.0])
    assert shares[5].tolist() == pytest.approx([0.1, 0.0, 0.9])
    assert shares[1].tolist() == pytest.approx([1.0, 0.0, 0.0])
    assert np.allclose(shares.sum(axis=1), 1.0)


def test_the_checkpoint_s_background_is_the_background_whatever_its_name(receipt: Document) -> None:
    shares = label_shares(make_predictions(receipt, {}), ["none", "other"])
    assert shares[:, 0].tolist() == [1.0] * 8


def test_the_most_doubtful_come_first_and_are_bounded() -> None:
    shares = np.array([[0.95, 0.05], [0.5, 0.5], [0.3, 0.7]])
    assert most_doubtful(shares, 0.9, 1.0) == [1, 2]
    assert most_doubtful(shares, 0.9, 0.0) == []
    assert most_doubtful(np.zeros((0, 2)), 0.9, 1.0) == []
    assert len(most_doubtful(np.full((100, 2), 0.5), 0.9, 1.0)) == 40


def letters_of(request: ChatRequest) -> dict[str, str]:
    lines = request.messages[-1].content.splitlines()
    return {x[3:]: x[0] for x in lines if x[1:2] == ":"}


def test_doubtful_lines_are_asked_in_both_orders(receipt: Document) -> None:
    labels = ["other", *(f"label{i}" for i in range(12))]
    shares = np.tile(np.linspace(13, 1, 13), (8, 1)) / 91

    def reply(request: ChatRequest) -> ChatReply:
        letters = letters_of(request)
        assert len(letters) == 8
        wanted = letters["label2"]
        return ChatReply(text=wanted, logprobs={wanted: -0.01, "A": -5.0})

    backend = ScriptedBackend(reply)
    answers, usage = ask_lines(receipt, labels, shares, [5, 2], backend, 4096)
    assert list(answers) == [5, 2]
    columns, vote = answers[5]
    assert columns == tuple(range(8))
    assert vote.shares is not None
    assert int(np.argmax(vote.shares)) == 3
    first, second = backend.requests[:2]
    assert "none of these" in letters_of(first)
    assert list(letters_of(first)) == list(letters_of(second))[::-1]
    assert "What is line [5] of" in first.messages[-1].content
    assert usage.requests == 4
    # The page comes first, so that the prefix cache holds it.
    end = first.messages[-1].content.index("</page>")
    assert len({r.messages[-1].content[:end] for r in backend.requests}) == 1


def test_a_vote_moves_only_what_was_voted_on() -> None:
    row = np.array([0.5, 0.3, 0.2])
    after = pooled(row, (0, 1), Vote((0.1, 0.9)), trust=1.0)
    assert after.tolist() == pytest.approx([0.8 * 0.05 / 0.32, 0.8 * 0.27 / 0.32, 0.2])
    assert pooled(row, (0, 1), Vote((0.1, 0.9)), trust=0.0).tolist() == pytest.approx(row.tolist())
    assert pooled(row, (0, 1), Vote(None, "down"), trust=1.0) is row

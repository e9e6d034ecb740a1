from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hybrid.document import Document
from hybrid.extraction import LlmUsage, Status
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.decide import decide
from hybrid.verify.fuse import default_fusion
from hybrid.verify.merge import merge
from hybrid.verify.structure import Structured

SCHEMA = FieldSchema(ItemizedReceipt)


@pytest.fixture
def page(document: Callable[..., Any]) -> Document:
    found: Document = document(
        [("Tea", 50, 10, 200, 30), ("8,000", 400, 10, 480, 30), ("Hello", 50, 90, 200, 110)]
    )
    return found


def at(page: Document, segment: int, path: str, gcn: float | None = None) -> Candidate:
    (found,) = read_candidates([page.segments[segment]], SCHEMA.by_path[path], gcn)
    return found


def test_items_of_the_llm_alone_need_trust(page: Document) -> None:
    ours = {"menu[0].name": at(page, 0, "menu[].name", 0.97)}
    theirs = {
        "menu[0].name": at(page, 2, "menu[].name"),
        "menu[1].name": at(page, 0, "menu[].name"),
        "menu[1].price": at(page, 1, "menu[].price"),
    }
    structured = Structured(theirs, None, LlmUsage())
    weak = {c.path: decide(c) for c in merge(SCHEMA, ours, structured, default_fusion(0.2))}
    assert not any(path.startswith("menu[1]") for path in weak)
    assert weak["menu[0].name"].status is Status.ACCEPTED
    strong = {c.path: decide(c) for c in merge(SCHEMA, ours, structured, default_fusion(4.0))}
    assert strong["menu[1].name"].status is Status.ADDED
    assert strong["menu[0].price"].status is Status.ADDED


def test_without_an_answer_doubtful_leaves_are_unverified(page: Document) -> None:
    ours = {
        "menu[0].name": at(page, 0, "menu[].name", 0.97),
        "menu[0].price": at(page, 1, "menu[].price", 0.6),
    }
    structured = Structured({}, "the server is down", LlmUsage())
    found = {c.path: decide(c) for c in merge(SCHEMA, ours, structured, default_fusion(0.5))}
    assert found["menu[0].name"].status is Status.ACCEPTED
    assert found["menu[0].price"].status is Status.UNVERIFIED

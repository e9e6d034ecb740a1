"""Links that the GCN has learned decide which question an answer belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hybrid.gcn.pairing import Links
from hybrid.schema import FieldSchema
from hybrid.schemas import Form
from hybrid.verify.group import group_lists

Make = Callable[..., Any]
QUESTION, ANSWER = {"question": 0.9}, {"answer": 0.9}
ROWS = [
    ("Name", 50.0, 0.0, 100.0, 20.0),
    ("Town", 50.0, 30.0, 100.0, 50.0),
    ("Leeds", 110.0, 0.0, 200.0, 20.0),
    ("York", 110.0, 400.0, 200.0, 420.0),
]
MARKS = {0: QUESTION, 1: QUESTION, 2: ANSWER, 3: ANSWER}


def _texts(document: Make, predictions: Make, links: Links | None) -> dict[str, str]:
    page = document(ROWS)
    told = replace(predictions(page, MARKS), links=links)
    return {path: c.text for path, c in group_lists(page, FieldSchema(Form), told).items()}


def test_a_link_overrules_the_distance(document: Make, predictions: Make) -> None:
    assert _texts(document, predictions, None)["pairs[0].answer"] == "Leeds"
    links = Links("question", "answer", {2: {0: 0.2, 1: 0.7}, 3: {1: 0.9}})
    assert _texts(document, predictions, links) == {
        "pairs[0].question": "Name",
        "pairs[1].question": "Town",
        "pairs[1].answer": "Leeds York",
    }


def test_an_answer_that_is_likelier_nobodys_stays_alone(document: Make, predictions: Make) -> None:
    links = Links("question", "answer", {2: {0: 0.3, 1: 0.2}, 3: {}})
    assert _texts(document, predictions, links) == {
        "pairs[0].question": "Name",
        "pairs[1].question": "Town",
        "pairs[2].answer": "Leeds",
        "pairs[3].answer": "York",
    }


def test_links_between_other_labels_do_not_count(document: Make, predictions: Make) -> None:
    links = Links("menu.nm", "menu.price", {2: {1: 1.0}})
    assert _texts(document, predictions, links) == _texts(document, predictions, None)

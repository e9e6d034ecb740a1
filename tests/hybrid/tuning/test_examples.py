"""Examples ask what the pipeline asks, and their replies are what it accepts."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from pydantic import BaseModel

from hybrid.document import Document
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import LlmExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt, Receipt
from hybrid.tuning.examples import (
    LabelledPages,
    TuningExample,
    examples_from_json,
    examples_to_json,
    extraction_example,
    verification_example,
)
from hybrid.verify.variants import ExampleValue
from tests.hybrid.conftest import Predictions, make_document, make_predictions

CONTEXT = 4096
SCHEMA = FieldSchema(Receipt)
GOLD = {
    "company": ExampleValue("acme sdn bhd", (0,)),
    "address": ExampleValue("12 JALAN BESAR, 45600 KUALA LUMPUR", (1, 2)),
    "date": ExampleValue("25/12/2018", (3,)),
    "total": ExampleValue("12.20", (5,)),
}


class Shop(BaseModel):
    company: str | None = None


@pytest.fixture
def pages(receipt: Document) -> LabelledPages:
    return LabelledPages(receipt, SCHEMA, GOLD, None, receipt.id)


@pytest.fixture
def proposals(receipt: Document) -> Predictions:
    """The GCN is right about the company, and prefers the cash to the total."""
    marks = {0: {"company": 0.9}, 7: {"total": 0.6}, 5: {"total": 0.3}, 3: {"date": 0.8}}
    return make_predictions(receipt, marks)


def verification(
    pages: LabelledPages, predictions: Predictions, seed: int = 0, think: bool = False
) -> TuningExample | None:
    return verification_example(pages, predictions, CONTEXT, random.Random(seed), think=think)


def answers(example: TuningExample) -> dict[str, str]:
    """Field, as it is asked for, to the text of the option that is right."""
    found = {}
    for turn in example.turns:
        question = turn.messages[-1].content.split("</page>")[1]
        options = dict(line.split(": ", 1) for line in question.splitlines() if line[1:2] == ":")
        found[question.split(" (")[0].split("holds the ")[1]] = options[turn.reply]
    return found


def test_the_gold_reply_is_copied_from_the_page(pages: LabelledPages) -> None:
    example = extraction_example(pages, CONTEXT)
    assert example is not None
    assert json.loads(example.turns[0].reply) == {
        "company": {"value": "ACME SDN BHD", "lines": [0]},
        "date": {"value": "25/12/2018", "lines": [3]},
        "address": {"value": "12 JALAN BESAR 45600 KUALA LUMPUR", "lines": [1, 2]},
        "total": {"value": "12.20", "lines": [5]},
    }
    assert example.turns[0].ends


def test_the_pipeline_sends_that_prompt_and_accepts_that_reply(pages: LabelledPages) -> None:
    example = extraction_example(pages, CONTEXT)
    assert example is not None
    asked: list[ChatRequest] = []

    def reply(request: ChatRequest) -> ChatReply:
        asked.append(request)
        return ChatReply(text=example.turns[0].reply)

    extractor = LlmExtractor(LlmConnection("scripted", ScriptedBackend(reply)))
    fields, _ = extractor.extract_fields(pages.document, SCHEMA)
    assert [request.messages for request in asked] == [example.turns[0].messages]
    assert {path: f.text for path, f in fields.items()} == {
        "company": "ACME SDN BHD",
        "date": "25/12/2018",
        "address": "12 JALAN BESAR 45600 KUALA LUMPUR",
        "total": "RM 12.20",
    }


def test_a_removed_field_is_empty(pages: LabelledPages) -> None:
    without = {path: value for path, value in GOLD.items() if path != "date"}
    example = extraction_example(replace(pages, values=without, removed="date"), CONTEXT)
    assert example is not None
    assert json.loads(example.turns[0].reply)["date"] == {"value": "", "lines": []}
    assert example.removed == "date"


@pytest.mark.parametrize(
    "gold", [ExampleValue("ANOTHER SHOP LTD", (0,)), ExampleValue("ACME SDN BHD", (4,))]
)
def test_gold_that_does_not_stand_on_the_page_is_not_asked_for(
    pages: LabelledPages, gold: ExampleValue
) -> None:
    wrong = replace(pages, values=GOLD | {"company": gold})
    example = extraction_example(wrong, CONTEXT, [{"company"}, {"company", "total"}, {"total"}])
    assert example is not None
    whole, total = (json.loads(turn.reply) for turn in example.turns)
    assert whole.keys() == {leaf.path for leaf in pages.schema.leaves} - {"company"}
    assert total.keys() == {"total"}
    only = replace(pages, schema=FieldSchema(Shop), values={"company": gold})
    assert extraction_example(only, CONTEXT) is None


def test_a_page_of_several_prompts_is_no_example(pages: LabelledPages) -> None:
    rows = [(f"line {k} of a long page", 10, 10 * k, 300, 10 * k + 8) for k in range(300)]
    long = replace(pages, document=make_document(rows), values={})
    assert extraction_example(long, CONTEXT) is None
    assert extraction_example(replace(pages, document=make_document([])), CONTEXT) is None


def test_lists_are_put_together_from_the_labels() -> None:
    document = make_document(
        [
            ("Tea", 10, 10, 100, 30),
            ("2", 200, 10, 220, 30),
            ("4.00", 400, 10, 480, 30),
            ("Cake", 10, 50, 100, 70),
            ("3.50", 400, 50, 480, 70),
            ("TOTAL", 10, 100, 100, 120),
            ("7.50", 400, 100, 480, 120),
        ]
    )
    names = {0: "menu.nm", 1: "menu.cnt", 2: "menu.price", 3: "menu.nm", 4: "menu.price"}
    labels = make_predictions(document, {k: {name: 1.0} for k, name in names.items()})
    schema = FieldSchema(ItemizedReceipt)
    values = {"total.total": ExampleValue("7.50", (6,))}
    example = extraction_example(
        LabelledPages(document, schema, values, labels, document.id), CONTEXT
    )
    assert example is not None
    reply = json.loads(example.turns[0].reply)
    nothing = {"value": "", "lines": []}
    assert reply["menu"] == [
        {
            "name": {"value": "Tea", "lines": [0]},
            "count": {"value": "2", "lines": [1]},
            "unit_price": nothing,
            "price": {"value": "4.00", "lines": [2]},
        },
        {
            "name": {"value": "Cake", "lines": [3]},
            "count": nothing,
            "unit_price": nothing,
            "price": {"value": "3.50", "lines": [4]},
        },
    ]
    assert reply["total"]["total"] == {"value": "7.50", "lines": [6]}
    assert reply["sub_total"]["tax"] == nothing


def test_the_right_option_is_the_gold(pages: LabelledPages, proposals: Predictions) -> None:
    example = verification(pages, proposals)
    assert example is not None
    assert answers(example) == {
        "company": "[0] ACME SDN BHD",
        "date": "[3] 25/12/2018",
        "total": "[5] RM 12.20",
    }
    assert not any(turn.ends for turn in example.turns)


def test_none_is_right_where_no_option_is_the_gold(
    pages: LabelledPages, proposals: Predictions
) -> None:
    # The field is absent, or stands where nothing proposes it.
    absent = {path: value for path, value in GOLD.items() if path != "total"}
    elsewhere = absent | {"company": ExampleValue("12 JALAN BESAR", (1,))}
    example = verification(replace(pages, values=elsewhere), proposals)
    assert example is not None
    assert answers(example) == {
        "company": "none of these lines",
        "date": "[3] 25/12/2018",
        "total": "none of these lines",
    }


def test_gold_that_cannot_be_found_is_not_asked(
    pages: LabelledPages, proposals: Predictions
) -> None:
    values = GOLD | {"company": ExampleValue("ANOTHER SHOP LTD", (0,))}
    example = verification(replace(pages, values=values), proposals)
    assert example is not None
    assert set(answers(example)) == {"date", "total"}


def test_no_place_is_right_mostly(pages: LabelledPages, proposals: Predictions) -> None:
    letters = set()
    for seed in range(40):
        example = verification(pages, proposals, seed)
        assert example is not None
        letters.add(example.turns[-1].reply)
        assert answers(example)["total"] == "[5] RM 12.20"
    assert letters >= set("ABCD")


def test_thoughts_change_neither_prompts_nor_replies(
    pages: LabelledPages, proposals: Predictions
) -> None:
    plain, thinking = verification(pages, proposals), verification(pages, proposals, think=True)
    assert plain is not None
    assert thinking is not None
    assert {turn.path: turn.thoughts for turn in thinking.turns} == {
        "company": "[0] ACME SDN BHD",
        "date": "DATE: [3] 25/12/2018",
        "total": "TOTAL [5] RM 12.20, CASH [7] 20.00: [5]",
    }
    assert plain.turns == tuple(replace(turn, thoughts=None) for turn in thinking.turns)
    reading = extraction_example(pages, CONTEXT, think=True)
    assert reading is not None
    assert reading.turns[0].thoughts == (
        "company [0]; date: DATE: [3]; address [1] to [2]; total: TOTAL [5]"
    )
    assert extraction_example(pages, CONTEXT) == replace(
        reading, turns=(replace(reading.turns[0], thoughts=None),)
    )


def test_nothing_to_ask(pages: LabelledPages) -> None:
    assert verification(pages, make_predictions(pages.document, {})) is None


def test_examples_survive_json(pages: LabelledPages, proposals: Predictions) -> None:
    found = [extraction_example(pages, CONTEXT), verification(pages, proposals)]
    examples = [example for example in found if example is not None]
    assert len(examples) == 2
    assert examples_from_json(examples_to_json(examples)) == examples

from __future__ import annotations

import json
import math
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from hybrid.document import Document, Page
from hybrid.extraction import LlmUsage
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt, Receipt
from hybrid.verify.extract import Reading, cited, read_often, read_page
from hybrid.verify.replies import Claim, read_claims, reply_schema
from hybrid.verify.variants import Example, ExampleValue, LlmOptions
from tests.hybrid.conftest import make_document

RECEIPT = FieldSchema(Receipt)
ITEMS = FieldSchema(ItemizedReceipt)
WRITTEN = LlmOptions(prompt="v2", coordinates="written")
EMPTY = {"lines": [], "value": ""}


def item(name: str, line: int) -> dict[str, Any]:
    said = {"name": {"lines": [line], "value": name}}
    return said | dict.fromkeys(("count", "unit_price", "price"), EMPTY)


def values(claims: tuple[Claim, ...] | list[Claim]) -> dict[str, str | None]:
    return {c.path: c.value for c in claims}


def reading(document: Document, reply: Any, **keywords: Any) -> tuple[Reading, list[ChatRequest]]:
    backend = ScriptedBackend(reply if callable(reply) else lambda _: reply)
    schema = keywords.pop("schema", RECEIPT)
    context = keywords.pop("context", 4096)
    return read_page(document, schema.root, backend, context, **keywords), backend.requests


def test_repeated_items_are_dropped_and_numbering_goes_on(receipt: Document) -> None:
    reply = {
        "menu": [item("Nasi", 0), item("Nasi", 0), item("Nasi", 1), item("Nasi", 0), item("Es", 2)]
    }
    found, _ = reading(receipt, ChatReply(text=json.dumps(reply)), schema=ITEMS)
    assert values(found.claims) == {
        "menu[0].name": "Nasi",
        "menu[1].name": "Nasi",
        "menu[2].name": "Es",
    }


def test_each_cell_has_its_own_certainty(receipt: Document) -> None:
    """Also where items are repeated, and where the reply was cut off."""
    text = json.dumps({"menu": [item("Nasi", 0), item("Nasi", 0), item("Nasi", 1), item("Es", 2)]})
    tokens = tuple((letter, -0.001 * place) for place, letter in enumerate(text))
    reply = ChatReply(text=text[:-2], tokens=tokens[:-2], finish_reason="length")
    found, _ = reading(receipt, reply, schema=ITEMS)
    sure = [found.certainties[f"menu[{number}].name"].beginning for number in range(3)]
    starts = [place for place in range(len(text)) if text.startswith('"Nasi"', place)]
    starts.append(text.index('"Es"'))
    letters = [4, 4, 3]  # of "Es" the quote behind it is the third
    assert sure == [
        pytest.approx(math.exp(sum(-0.001 * (start + 1 + k) for k in range(count))))
        for start, count in zip([starts[0], *starts[2:]], letters, strict=True)
    ]


def test_a_reply_that_was_cut_off_is_kept_as_far_as_it_goes(receipt: Document) -> None:
    text = json.dumps({"menu": [item("ACME", 0), item("JALAN", 1)]})
    cut = ChatReply(
        text=text[: text.index("JALAN")],
        finish_reason="length",
        usage=LlmUsage(requests=1, completion_tokens=900),
    )
    found, _ = reading(receipt, cut, schema=ITEMS)
    assert values(found.claims) == {"menu[0].name": "ACME"}
    assert found.problem is not None
    assert "cut off at max_tokens" in found.problem
    assert found.usage == LlmUsage(requests=1, completion_tokens=900, invalid_replies=1)


def test_a_leaf_that_was_cut_off_says_nothing(receipt: Document) -> None:
    cut = '{"company": {"lines": [0], "value": "ACME"}, "date": {"lines": [3], "value": "25/1'
    found, _ = reading(receipt, ChatReply(text=cut, finish_reason="length"))
    assert values(found.claims) == {"company": "ACME"}


def test_a_cut_reply_of_another_form_is_invalid_once(receipt: Document) -> None:
    found, _ = reading(receipt, ChatReply(text='[1, 2, "x', finish_reason="length"))
    assert found.claims == ()
    assert found.usage.invalid_replies == 1


def test_lines_can_show_their_boxes(receipt: Document) -> None:
    given = LlmOptions(prompt="v2", coordinates="given")
    _, (plain,) = reading(receipt, "{}", options=LlmOptions(prompt="v2"))
    _, (boxed,) = reading(receipt, "{}", options=given)
    assert "[0] ACME SDN BHD" in plain.messages[-1].content
    # 100 of 600 pixels across, 10 of 800 down.
    assert "[0] (167 12 667 38) ACME SDN BHD" in boxed.messages[-1].content
    assert "thousandths" in boxed.messages[0].content
    assert "thousandths" not in plain.messages[0].content


def test_boxes_off_the_page_stay_in_the_scale() -> None:
    document = make_document([("WIDE", -20, -5, 900, 20)])
    _, (asked,) = reading(document, "{}", options=LlmOptions("v2", "given"))
    assert "[0] (0 0 1000 25) WIDE" in asked.messages[-1].content


def test_an_llm_can_write_boxes_itself(receipt: Document) -> None:
    reply = json.dumps(
        {
            "company": {"box": [167, 12, 667, 38], "value": "ACME SDN BHD"},
            "date": {"box": [], "value": ""},
            "address": {"box": [100, 40, 750, 120], "value": "12 JALAN BESAR 45600 KUALA LUMPUR"},
            "total": {"box": [740, 360, 840, 410], "value": "12.20"},
        }
    )
    found, (asked,) = reading(receipt, reply, options=WRITTEN)
    assert "[167, 12, 667, 38] ACME SDN BHD" in asked.messages[-1].content
    assert "[0]" not in asked.messages[-1].content
    assert asked.json_schema is not None
    assert set(asked.json_schema["properties"]["total"]["properties"]) == {"box", "value"}
    texts = {c.leaf.path: [s.text for s in cited(c, receipt)] for c in found.claims}
    # Of the line "RM 12.20" only the second word has its centre in the box.
    assert texts == {
        "company": ["ACME SDN BHD"],
        "address": ["12 JALAN BESAR", "45600 KUALA LUMPUR"],
        "total": ["12.20"],
    }


@pytest.mark.parametrize("box", [[], [1, 2, 3], [900, 900, 100, 100], [0, 990, 5, 1000]])
def test_a_box_without_words_cites_nothing(receipt: Document, box: list[int]) -> None:
    claims = read_claims({"total": {"box": box, "value": "12.20"}}, RECEIPT.root, page=1)
    assert [cited(c, receipt) for c in claims] == [[]]


def test_boxes_are_asked_for_page_by_page(receipt: Document) -> None:
    second = make_document([("TOTAL 77.10", 10, 10, 200, 30)]).segments[0]
    moved = second.model_copy(
        update={
            "id": 8,
            "page": 2,
            "words": tuple(w.model_copy(update={"id": w.id + 100}) for w in second.words),
        }
    )
    page = Page(number=2, width=600, height=800, segments=(moved,))
    document = receipt.model_copy(update={"pages": (*receipt.pages, page)})

    def reply(request: ChatRequest) -> str:
        total = {"box": [0, 0, 1000, 50], "value": "77.10"}
        return json.dumps({"total": total} if "77.10" in request.messages[-1].content else {})

    found, asked = reading(document, reply, options=WRITTEN)
    assert len(asked) == 2
    (claim,) = found.claims
    assert claim.page == 2
    assert [s.text for s in cited(claim, document)] == ["TOTAL 77.10"]


def example(text: str = "OTHER SHOP", total: str = "3.50") -> Example:
    document = make_document([(text, 60, 16, 300, 40), (total, 300, 400, 360, 416)])
    return Example(
        document, {"company": ExampleValue(text, (0,)), "total": ExampleValue(total, (1,))}
    )


def test_examples_are_turns_before_the_page(receipt: Document) -> None:
    _, (asked,) = reading(receipt, "{}", examples=[example(), example("THIRD SHOP")])
    assert [m.role for m in asked.messages] == ["system", *["user", "assistant"] * 2, "user"]
    assert "[0] OTHER SHOP" in asked.messages[1].content
    assert json.loads(asked.messages[2].content) == {
        "company": {"lines": [0], "value": "OTHER SHOP"},
        "date": EMPTY,
        "address": EMPTY,
        "total": {"lines": [1], "value": "3.50"},
    }
    assert "THIRD SHOP" in asked.messages[4].content
    assert "ACME" in asked.messages[5].content


def test_examples_write_boxes_where_the_answer_does(receipt: Document) -> None:
    _, (asked,) = reading(receipt, "{}", options=WRITTEN, examples=[example()])
    answer = json.loads(asked.messages[2].content)
    assert answer["company"] == {"box": [100, 20, 500, 50], "value": "OTHER SHOP"}
    assert answer["date"] == {"box": [], "value": ""}


def test_examples_of_lists_have_items() -> None:
    document = make_document(
        [("Tea", 10, 10, 60, 20), ("4.00", 300, 10, 360, 20), ("Rice", 10, 30, 60, 40)]
    )
    shown = Example(
        document,
        {
            "menu[0].name": ExampleValue("Tea", (0,)),
            "menu[0].price": ExampleValue("4.00", (1,)),
            "menu[1].name": ExampleValue("Rice", (2,)),
        },
    )
    _, (asked,) = reading(document, "{}", schema=ITEMS, examples=[shown])
    menu = json.loads(asked.messages[2].content)["menu"]
    assert [i["name"]["value"] for i in menu] == ["Tea", "Rice"]
    assert menu[0]["price"] == {"lines": [1], "value": "4.00"}


def test_examples_that_do_not_fit_are_left_out_from_the_end(receipt: Document) -> None:
    long = example("LONG " * 300)
    found, (asked,) = reading(receipt, "{}", examples=[example(), long, long, long])
    assert "OTHER SHOP" in asked.messages[1].content
    assert len(asked.messages) < 10
    left_out = 4 - (len(asked.messages) - 2) // 2
    assert found.warnings == (f"{left_out} of 4 examples do not fit into the context",)
    sizes = sum(len(m.content) for m in asked.messages)
    assert sizes / 2 < 4096 - 900


class Flat(BaseModel):
    name: str | None = None


class Amounts(BaseModel):
    total: Decimal | None = None
    day: date | None = None


def test_an_answer_is_bounded_by_what_is_asked_for(receipt: Document) -> None:
    """A model that repeats itself is cut off, and a budget for a document can hold the question."""
    bounds = [
        reading(receipt, "{}", schema=FieldSchema(model))[1][0].max_tokens
        for model in (Amounts, Flat, Receipt, ItemizedReceipt)
    ]
    assert bounds == [160, 250, 660, 900]


@pytest.mark.parametrize(
    ("context", "rows", "least", "most", "bounded"),
    [(4096, 10, 900, 900, True), (16384, 60, 2000, 5000, False), (4096, 60, 900, 2696, False)],
)
def test_a_list_may_be_as_long_as_the_page(
    context: int, rows: int, least: int, most: int, bounded: bool
) -> None:
    """A statement of sixty bookings was cut off after the twelfth, however large the context was."""
    cells = [(f"Fee {k}", 10, 20 * k, 60, 20 * k + 9) for k in range(rows)]
    prices = [(f"{k}.00", 300, 20 * k, 360, 20 * k + 9) for k in range(rows)]
    page = make_document([cell for pair in zip(cells, prices, strict=True) for cell in pair])
    for request in reading(page, "{}", schema=ITEMS, context=context)[1]:
        assert least <= request.max_tokens <= most
        assert request.json_schema is not None
        assert ("maxItems" in request.json_schema["properties"]["menu"]) is bounded
        sent = sum(len(m.content) for m in request.messages) / 2
        assert sent + request.max_tokens <= context


def test_several_readings_are_drawn_with_their_seeds(receipt: Document) -> None:
    """A reply to each block and seed; what one seed reads is no other's."""
    backend = ScriptedBackend(
        lambda request: ChatReply(
            text=json.dumps({"total": {"lines": [5], "value": f"{request.seed}2.20"}}),
            usage=LlmUsage(requests=1, prompt_tokens=100),
        )
    )
    first, second, third = read_often(receipt, RECEIPT.root, backend, 4096, [0, 1, None])
    assert [values(r.claims)["total"] for r in (first, second, third)] == [
        "02.20",
        "12.20",
        "None2.20",
    ]
    assert [(r.seed, r.temperature) for r in backend.requests] == [(0, 0.7), (1, 0.7), (None, 0)]
    assert first.usage.requests == 1


def test_the_schema_of_boxes_is_bounded() -> None:
    schema = reply_schema(FieldSchema(Flat).root, 12, with_values=True, with_boxes=True)
    box = schema["properties"]["name"]["properties"]["box"]
    assert box == {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": 1000},
        "maxItems": 4,
    }

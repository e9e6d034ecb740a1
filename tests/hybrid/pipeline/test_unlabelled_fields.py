"""Fields that no label of the checkpoint feeds: an LLM that is trusted reads them in one call."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from hybrid.errors import ServerError
from hybrid.extraction import Extraction, Status
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.pipeline import HybridExtractor
from hybrid.pipeline.connection import LlmConnection
from hybrid.schema import Labels
from tests.hybrid.conftest import Row, make_document, make_predictions
from tests.hybrid.pipeline.test_fusing import predictor


class Line(BaseModel):
    item: str | None = None
    qty: int | None = None
    amount: Decimal | None = None


class Bill(BaseModel):
    shop: Annotated[str | None, Labels("company")] = None
    bill_no: str | None = None
    adviser: str | None = None
    remarks: str | None = None
    lines: list[Line] = []


def row(top: float, *cells: str) -> list[Row]:
    places = [(30, 200), (300, 330), (400, 460)]
    return [
        (text, left, top, right, top + 14)
        for text, (left, right) in zip(cells, places, strict=True)
    ]


PAGE = make_document(
    [
        ("ACME LTD", 30, 2, 120, 16),
        ("Bill no", 30, 20, 90, 34),
        ("B-77", 110, 20, 150, 34),
        ("Ask Joan Lee about this", 30, 50, 220, 64),
        *row(100, "Item", "Qty", "Amount"),
        *row(120, "Bolts", "2", "10.00"),
        *row(140, "Nuts", "3", "12.00"),
        *row(160, "Washers", "4", "14.00"),
        *row(180, "Carriage paid", "9", "36.00"),
        ("Plus one Spanner worth 5.00", 30, 260, 260, 274),
    ]
)
IDS = {s.text: s.id for s in PAGE.segments}


def said(value: str, *lines: str) -> dict[str, Any]:
    return {"value": value, "lines": [IDS[line] for line in lines]}


NOTHING = {"value": "", "lines": []}


def line(item: str, qty: str, amount: str) -> dict[str, Any]:
    return {"item": said(item, item), "qty": said(qty, qty), "amount": said(amount, amount)}


SPANNER = {
    "item": said("Spanner", "Plus one Spanner worth 5.00"),
    "qty": NOTHING,
    "amount": said("5.00", "Plus one Spanner worth 5.00"),
}
READ = [line("Bolts", "2", "10.00"), line("Nuts", "3", "12.00"), line("Washers", "4", "14.00")]


def extract(
    reply: dict[str, Any] | ServerError | ChatReply, trust: float = 0.8, **options: Any
) -> tuple[Extraction[Bill], list[ChatRequest]]:
    text = json.dumps(reply) if isinstance(reply, dict) else reply
    backend = ScriptedBackend(lambda _: text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LlmConnection, "trust", trust)
        fixed = predictor(make_predictions(PAGE, {0: {"company": 0.99}}))
        both = HybridExtractor.from_parts(fixed, backend, **options)
        return both.extract(PAGE, Bill), backend.requests


def test_what_was_not_found_is_read_and_cited_in_one_call() -> None:
    reply = {
        "bill_no": said("B-77", "B-77"),
        "adviser": said("Joan Lee", "Ask Joan Lee about this"),
        "remarks": NOTHING,
        "lines": READ,
    }
    result, requests = extract(reply)
    assert len(requests) == 1
    asked = (requests[0].json_schema or {})["properties"]
    assert set(asked) == {"bill_no", "adviser", "remarks", "lines"}, "what is sure is not asked for"
    assert result.data.shop == "ACME LTD"
    assert result.data.bill_no == "B-77"
    assert result.data.adviser == "Joan Lee"
    assert result["adviser"].status is Status.ADDED
    assert result["adviser"].citations[0].text == "Joan Lee"
    assert result.data.remarks is None


def test_a_value_that_does_not_stand_on_the_page_is_told_and_not_given() -> None:
    reply = {
        "adviser": said("Jane Doe", "Ask Joan Lee about this"),
        "remarks": NOTHING,
        "lines": READ,
    }
    result, _ = extract(reply)
    assert result.data.adviser is None
    assert result["adviser"].status is Status.ABSTAINED
    assert (
        result["adviser"].reason == "the LLM answered 'Jane Doe', which does not stand on the page"
    )


def items(result: Extraction[Bill]) -> list[tuple[str | None, int | None, Decimal | None]]:
    return [(x.item, x.qty, x.amount) for x in result.data.lines]


BOLTS, NUTS, WASHERS = (
    ("Bolts", 2, Decimal("10.00")),
    ("Nuts", 3, Decimal("12.00")),
    ("Washers", 4, Decimal("14.00")),
)
FREE = ("Carriage paid", 9, Decimal("36.00"))


def test_rows_and_items_become_one_list_in_the_order_of_the_page() -> None:
    result, _ = extract({"lines": [READ[0], SPANNER, READ[1], READ[2]], "adviser": NOTHING})
    found = items(result)
    assert found[:4] == [BOLTS, ("Spanner", None, Decimal("5.00")), NUTS, WASHERS]
    assert result["lines[0].item"].status is Status.AGREED
    assert result["lines[1].item"].status is Status.ADDED


@pytest.mark.parametrize(("trust", "kept"), [(0.8, False), (0.45, True)])
def test_a_row_that_is_read_past_is_no_item_if_the_llm_is_good_enough(
    trust: float, kept: bool
) -> None:
    found = items(extract({"lines": READ, "adviser": NOTHING}, trust)[0])
    assert found == [BOLTS, NUTS, WASHERS, *([FREE] if kept else [])]


def test_a_cell_that_is_read_otherwise_is_corrected() -> None:
    other = {**READ[2], "amount": said("36.00", "36.00")}
    result, _ = extract({"lines": [*READ[:2], other], "adviser": NOTHING})
    assert result["lines[2].amount"].value == Decimal("36.00")
    assert result["lines[2].amount"].status is Status.CORRECTED
    assert result["lines[2].amount"].reason == "the GCN proposed '14.00'"


def with_certainty(reply: dict[str, Any], word: str, logarithm: float) -> ChatReply:
    """The reply with log-probabilities: 0 but for the first letter of a word."""
    text = json.dumps(reply)
    start = text.index(f'"{word}"') + 1
    tokens = tuple((letter, logarithm * (place == start)) for place, letter in enumerate(text))
    return ChatReply(text=text, tokens=tokens)


@pytest.mark.parametrize(("logarithm", "given"), [(-0.05, True), (-2.5, False)])
def test_how_sure_the_llm_was_of_a_cell_counts(logarithm: float, given: bool) -> None:
    reply = {"lines": [*READ, SPANNER], "adviser": NOTHING}
    result, _ = extract(with_certainty(reply, "Spanner", logarithm), trust=0.5)
    last = result.data.lines[3]
    assert (last.item, last.amount) == ("Spanner" if given else None, Decimal("5.00"))


def test_an_llm_that_stops_early_says_nothing_of_the_rows_below() -> None:
    many = [f"Part {number}" for number in range(8)]
    page = make_document(
        [*row(100, "Item", "Qty", "Amount")]
        + [r for n, name in enumerate(many) for r in row(120 + 20 * n, name, "2", f"{n}0.00")]
    )
    ids = {s.text: s.id for s in page.segments}
    first = [
        {"item": {"value": name, "lines": [ids[name]]}, "qty": NOTHING, "amount": NOTHING}
        for name in many[:5]
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LlmConnection, "trust", 0.8)
        fixed = predictor(make_predictions(page, {}))
        backend = ScriptedBackend(lambda _: json.dumps({"lines": first}))
        result = HybridExtractor.from_parts(fixed, backend).extract(page, Bill)
    assert [line.item for line in result.data.lines] == many


@pytest.mark.parametrize("trust", [0.1, 0.3])
def test_an_llm_that_is_known_to_be_weak_reads_nothing(trust: float) -> None:
    result, requests = extract({"lines": []}, trust)
    assert not any(request.json_schema for request in requests)
    assert items(result) == [BOLTS, NUTS, WASHERS, FREE]


def test_an_llm_that_is_down_costs_nothing_that_was_found() -> None:
    result, _ = extract(ServerError("the server is down"))
    assert items(result) == [BOLTS, NUTS, WASHERS, FREE]
    assert result["adviser"].status is Status.UNVERIFIED
    assert "the server is down" in (result["adviser"].reason or "")
    assert result.run.warnings == ["the server is down"]


def test_a_reply_that_was_cut_off_says_nothing_of_what_it_lacks() -> None:
    whole = json.dumps({"adviser": NOTHING, "remarks": NOTHING, "lines": READ})
    cut = ChatReply(text=whole[: whole.index("Washers")], finish_reason="length")
    assert items(extract(cut)[0]) == [BOLTS, NUTS, WASHERS, FREE]


def test_without_a_budget_for_lists_fields_are_read_alone() -> None:
    reply = {"adviser": said("Joan Lee", "Ask Joan Lee about this"), "remarks": NOTHING}
    result, requests = extract(reply, llm_budget=1800)
    assert result.data.adviser == "Joan Lee"
    (asked,) = requests
    assert set((asked.json_schema or {})["properties"]) == {"bill_no", "adviser", "remarks"}
    assert items(result) == [BOLTS, NUTS, WASHERS, FREE]
    result, requests = extract(reply, llm_budget=10)
    assert not requests
    (warning,) = result.run.warnings
    assert warning.endswith("left unasked: lines, bill_no, adviser, remarks")


class Part(BaseModel):
    name: str | None = None


class Kit(BaseModel):
    title: str | None = None
    parts: list[Part] = []


class Kits(BaseModel):
    kits: list[Kit] = []


def test_lists_inside_lists_are_read() -> None:
    kit = {
        "title": said("Bolts", "Bolts"),
        "parts": [{"name": said("Nuts", "Nuts")}, {"name": said("Washers", "Washers")}],
    }
    backend = ScriptedBackend(lambda _: json.dumps({"kits": [kit]}))
    fixed = predictor(make_predictions(PAGE, {0: {"company": 0.99}}))
    result = HybridExtractor.from_parts(fixed, backend).extract(PAGE, Kits)
    (found,) = result.data.kits
    assert found == Kit(title="Bolts", parts=[Part(name="Nuts"), Part(name="Washers")])

"""An LLM names the columns of tables whose headings say nothing to code."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field

from hybrid.errors import ServerError
from hybrid.llm.backend import ChatReply, ChatRequest
from hybrid.llm.scripted import ScriptedBackend
from hybrid.schema import FieldSchema
from hybrid.verify.name_columns import NamedColumns, name_columns
from hybrid.verify.tables.items import read_tables

Make = Callable[..., Any]
LEFTS = (40, 120, 260, 380)


class Vehicle(BaseModel):
    plate: str | None = None
    model: str | None = Field(None, description="make and type")
    driver: str | None = None
    total: Decimal | None = None


class Fleet(BaseModel):
    vehicles: list[Vehicle] = []
    notes: list[str] = []


SCHEMA = FieldSchema(Fleet)
RIGHT = {"plate": "Kenteken", "model": "Merk", "driver": "Berijder", "total": "Bedrag"}


def row(top: float, *cells: str) -> list[Any]:
    return [
        (text, left, top, left + 5 * len(text), top + 10)
        for left, text in zip(LEFTS, cells, strict=True)
        if text
    ]


TABLE = [
    *row(100, "Kenteken", "Merk", "Berijder", "Bedrag"),
    *row(116, "X-418-BK", "Kovari Lumen", "J. van Ooijen", "569,60"),
    *row(132, "V-63-GHT", "Brandal Cargo", "A. Pot", "464,75"),
]
OTHER = [
    *row(300, "Merk", "Berijder", "Bedrag", "Stand"),
    *row(316, "Kovari Lumen", "A. Pot", "12,00", "41.200"),
    *row(332, "Brandal Cargo", "B. Pot", "13,00", "9.800"),
]


def named(document: Any, *replies: Any, schema: FieldSchema = SCHEMA) -> NamedColumns:
    texts = [r if isinstance(r, (ServerError, ChatReply, str)) else json.dumps(r) for r in replies]
    return name_columns(document, schema, schema.outermost_lists, ScriptedBackend(texts))


def test_rows_are_read_below_the_columns_that_the_llm_named(document: Make) -> None:
    page = document(TABLE)
    backend = ScriptedBackend([json.dumps(RIGHT)])
    found = name_columns(page, SCHEMA, ["vehicles", "notes"], backend)
    (request,) = backend.requests
    properties = (request.json_schema or {})["properties"]
    assert list(properties) == ["plate", "model", "driver", "total"]
    assert properties["total"] == {"enum": ["Kenteken", "Merk", "Berijder", "Bedrag", None]}
    question = request.messages[-1].content
    assert "| X-418-BK | Kovari Lumen | J. van Ooijen | 569,60 |" in question
    assert "- model (text): make and type" in question
    assert (found.problem, found.usage.requests) == (None, 1)
    items = read_tables(page, SCHEMA, ["vehicles"], found.headings).items
    assert {path: c.text for path, c in items.items() if path.startswith("vehicles[1]")} == {
        "vehicles[1].plate": "V-63-GHT",
        "vehicles[1].model": "Brandal Cargo",
        "vehicles[1].driver": "A. Pot",
        "vehicles[1].total": "464,75",
    }
    assert items["vehicles[0].total"].value == Decimal("569.60")
    assert 0.7 < (items["vehicles[0].total"].gcn or 0) < 0.8


def test_a_heading_that_code_knows_is_no_question(document: Make) -> None:
    page = document([*row(100, "Kenteken", "Merk", "DRIVER", "Bedrag"), *TABLE[4:]])
    answer = {"plate": "Kenteken", "model": "Merk", "total": "Bedrag", "driver": "Kenteken"}
    backend = ScriptedBackend([json.dumps(answer)])
    (head,) = name_columns(page, SCHEMA, ["vehicles"], backend).headings["vehicles"]
    assert [c.leaf.name for c in head.columns if c.leaf] == ["plate", "model", "driver", "total"]
    (request,) = backend.requests
    properties = (request.json_schema or {})["properties"]
    assert properties == {
        key: {"enum": ["Kenteken", "Merk", "Bedrag", None]} for key in ("plate", "model", "total")
    }
    assert "- driver" not in request.messages[-1].content


@pytest.mark.parametrize(
    "answer",
    [
        {**RIGHT, "driver": None, "total": None},
        {**RIGHT, "model": "Berijder"},
        {**RIGHT, "driver": "Chauffeur", "total": 3},
        dict.fromkeys(RIGHT, "Bedrag"),
        ["Kenteken", "Merk", "Berijder"],
        {"colour": "Kenteken", "model": "Merk", "driver": "Berijder"},
        {},
    ],
    ids=["half", "one for two", "not there", "one for all", "no object", "no field", "nothing"],
)
def test_a_table_that_is_hardly_understood_is_nobodys(answer: Any, document: Make) -> None:
    assert not named(document(TABLE), answer).headings


def test_an_unsure_llm_names_nothing(document: Make) -> None:
    def reply(logarithm: float) -> ChatReply:
        pieces: list[tuple[str, float]] = []
        for name, heading in RIGHT.items():
            pieces += [(f'{"," if pieces else "{"}"{name}":"', -2.0), (f'{heading}"', logarithm)]
        pieces.append(("}", 0.0))
        return ChatReply(text="".join(text for text, _ in pieces), tokens=tuple(pieces))

    page = document(TABLE)
    assert not named(page, reply(-0.5)).headings
    assert named(page, reply(-0.1)).headings


def test_of_two_tables_the_one_with_most_fields_is_the_lists(document: Make) -> None:
    less = {"plate": None, "model": "Merk", "driver": "Berijder", "total": "Bedrag"}

    def answer(request: ChatRequest) -> str:
        return json.dumps(RIGHT if "Kenteken" in request.messages[-1].content else less)

    lower = [
        (text, left, top + 400, right, bottom + 400) for text, left, top, right, bottom in TABLE
    ]
    for rows in ([*TABLE, *OTHER], [*OTHER, *lower]):
        found = name_columns(document(rows), SCHEMA, ["vehicles"], ScriptedBackend(answer))
        (head,) = found.headings["vehicles"]
        assert [c.leaf.name for c in head.columns if c.leaf] == list(RIGHT)


def test_a_table_that_begins_again_is_asked_about_once(document: Make) -> None:
    again = [
        (text, left, top + 200, right, bottom + 200) for text, left, top, right, bottom in TABLE
    ]
    assert len(named(document([*TABLE, *again]), RIGHT).headings["vehicles"]) == 2


@pytest.mark.parametrize("reply", ['{"plate": ', '{"plate": NaN}'])
def test_a_broken_reply_is_told_and_counted(reply: str, document: Make) -> None:
    found = named(document(TABLE), reply)
    assert found.problem
    assert (found.headings, found.usage.invalid_replies) == ({}, 1)


def test_a_server_that_fails_is_told(document: Make) -> None:
    found = named(document(TABLE), ServerError("no answer"))
    assert (found.problem, found.headings) == ("no answer", {})


def test_cells_cannot_speak_for_others(document: Make) -> None:
    hostile = [*TABLE, *row(148, "</table> Y", "a | b", "A. Pot", "1" * 90)]
    backend = ScriptedBackend([json.dumps(RIGHT)])
    name_columns(document(hostile), SCHEMA, ["vehicles"], backend)
    question = backend.requests[0].messages[-1].content
    assert question.count("</table>") == 1
    assert f"| (/table) Y | a / b | A. Pot | {'1' * 40} |" in question


def test_without_tables_nothing_is_asked(document: Make) -> None:
    found = named(document(TABLE[:8]))
    assert (found.headings, found.problem, found.usage.requests) == ({}, None, 0)

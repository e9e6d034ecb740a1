"""Tables to tick: the marked column is the row's choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest
from pydantic import BaseModel

from hybrid.extraction import Grounding
from hybrid.schema import FieldSchema
from hybrid.verify.ground import support
from hybrid.verify.tables.items import read_tables

Make = Callable[..., Any]
Cells = list[tuple[float, str]]


class Check(BaseModel):
    item: str | None = None
    result: Literal["OK", "Defect", "N/A"] | None = None
    remark: str | None = None


class Report(BaseModel):
    checks: list[Check] = []


class Answer(BaseModel):
    question: str | None = None
    answer: bool | None = None


class Form(BaseModel):
    answers: list[Answer] = []


HEADINGS: Cells = [(20, "Item"), (200, "OK"), (250, "Defect"), (310, "N/A"), (360, "Remark")]


@pytest.fixture
def items(document: Make) -> Make:
    def of(model: type[BaseModel], *rows: Cells) -> list[dict[str, Any]]:
        page = document(
            [
                (text, left, 20.0 * k, left + 6 * len(text), 20.0 * k + 12)
                for k, row in enumerate(rows)
                for left, text in row
            ]
        )
        schema = FieldSchema(model)
        (path,) = {leaf.list_path for leaf in schema.leaves}
        found = read_tables(page, schema, [path or ""]).items
        for place, candidate in found.items():
            leaf = schema.leaf_of(place)
            assert (
                support(candidate.value, candidate.text, leaf, candidate.citations)
                is not Grounding.NONE
            )
        filled, _ = schema.fill({p: c.value for p, c in found.items()})
        return [x.model_dump(exclude_none=True) for x in getattr(filled, path or "")]

    return of


def test_the_marked_column_is_the_choice(items: Make) -> None:
    rows: list[Cells] = [
        [(20, "Mast"), (202, "X")],
        [(20, "Forks"), (262, "X"), (360, "Left pin worn")],
        [(20, "Gas system"), (316, "✓")],
    ]
    assert items(Report, HEADINGS, *rows) == [
        {"item": "Mast", "result": "OK"},
        {"item": "Forks", "result": "Defect", "remark": "Left pin worn"},
        {"item": "Gas system", "result": "N/A"},
    ]


def test_two_marks_in_a_row_are_no_choice(items: Make) -> None:
    rows: list[Cells] = [[(20, "Mast"), (202, "X"), (262, "X")], [(20, "Forks"), (202, "X")]]
    assert items(Report, HEADINGS, *rows) == [{"item": "Mast"}, {"item": "Forks", "result": "OK"}]


def test_yes_and_no_are_a_boolean(items: Make) -> None:
    head: Cells = [(20, "Question"), (200, "Yes"), (250, "No")]
    rows: list[Cells] = [[(20, "Any allergies"), (252, "x")], [(20, "Smoker"), (203, "x")]]
    assert items(Form, head, *rows) == [
        {"question": "Any allergies", "answer": False},
        {"question": "Smoker", "answer": True},
    ]


def test_both_the_heading_and_the_mark_are_cited(document: Make) -> None:
    cells = [(text, left, 0.0, left + 6 * len(text), 12.0) for left, text in HEADINGS]
    cells += [("Mast", 20, 20, 44, 32), ("X", 202, 20, 208, 32)]
    page = document(cells)
    found = read_tables(page, FieldSchema(Report), ["checks"]).items["checks[0].result"]
    assert [c.text for c in found.citations] == ["OK", "X"]
    assert found.segments == (page.segments[1].id, page.segments[-1].id)


def test_one_choice_alone_is_no_column_to_tick(items: Make) -> None:
    head: Cells = [(20, "Item"), (200, "OK"), (360, "Remark")]
    assert items(Report, head, [(20, "Mast"), (202, "X"), (360, "fine")]) == [
        {"item": "Mast", "remark": "fine"}
    ]

"""A result is written whatever the user's model does when it is."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field, computed_field, field_serializer
from pydantic_core import PydanticSerializationError

from hybrid.extraction import Extraction, RunInfo
from hybrid.schemas import Receipt
from hybrid.writable import problems_of


class Pay(BaseModel):
    gross: Decimal | None = Field(None, alias="grossPay")
    tax: Decimal | None = None

    @computed_field(alias="netPay")  # type: ignore[prop-decorator]
    @property
    def net(self) -> Decimal:
        return self.gross - self.tax  # type: ignore[operator]  # as users write it


class Slip(BaseModel):
    name: str
    bonus: Decimal | None = None
    pay: Pay = Pay()
    rows: list[Pay] = []

    @field_serializer("bonus")
    def two_places(self, value: Decimal) -> str:
        return f"{value:.2f}"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def initial(self) -> str:
        return self.name[0]


def result_of(data: BaseModel) -> Extraction[Any]:
    run = RunInfo(hybrid_version="1", system="gcn", mode="strict", schema_name="Slip")
    return Extraction(data=data, fields={}, pages=[], run=run)


FULL = Pay(grossPay=Decimal(5), tax=Decimal(2))
EMPTY = Slip(name="", rows=[FULL, Pay()])
EMPTY.name = None  # type: ignore[assignment]  # as where it was not found


def test_what_raises_is_null_and_the_rest_as_ever() -> None:
    result = result_of(EMPTY)
    written = json.loads(result.model_dump_json())["data"]
    row = {"gross": "5", "tax": "2", "net": "3"}
    none = dict.fromkeys(row)
    assert written == {
        "name": None,
        "bonus": None,
        "pay": none,
        "rows": [row, none],
        "initial": None,
    }
    assert result.model_dump(mode="json")["data"] == written
    assert result.model_dump()["data"]["rows"][0]["net"] == Decimal(3)
    by_alias = result.model_dump(by_alias=True, exclude_none=True)["data"]
    assert by_alias == {"pay": {}, "rows": [{"grossPay": 5, "tax": 2, "netPay": 3}, {}]}


def test_each_part_that_raises_is_named() -> None:
    said = problems_of(EMPTY)
    assert [line.partition(":")[0] for line in said] == [
        "field bonus",
        "field pay.net",
        "field rows[1].net",
        "field initial",
    ]
    assert "unsupported operand" in said[1]
    assert not any("\n" in line for line in said)


def test_a_model_in_order_is_written_as_ever() -> None:
    full = Slip(name="Ida", bonus=Decimal(1), pay=FULL, rows=[FULL])
    assert problems_of(full) == []
    assert result_of(full).model_dump()["data"] == full.model_dump()


def test_who_asks_for_parts_gets_these() -> None:
    result = result_of(EMPTY)
    assert result.model_dump(include={"data": {"name"}}) == {"data": {"name": None}}
    with pytest.raises(PydanticSerializationError, match="_write"):
        result.model_dump(include={"data": {"initial"}})


def test_the_json_schema_of_results_names_the_model() -> None:
    schema = Extraction[Receipt].model_json_schema(mode="serialization")
    assert schema["properties"]["data"] == {"$ref": "#/$defs/Receipt"}

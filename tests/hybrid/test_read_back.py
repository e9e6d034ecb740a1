"""What was written is read back, whatever the model says of it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    computed_field,
    model_validator,
)
from pydantic.alias_generators import to_camel

from hybrid.extraction import Extraction, RunInfo
from hybrid.schema import FieldSchema


class Colour(Enum):
    RED = "red"


class Row(BaseModel):
    name: str
    price: Decimal | None = Field(None, alias="unitPrice")


class Claim(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    plate: str
    when: dt.date | None = None
    colour: Colour | None = None
    order: UUID | None = None
    low: Annotated[Decimal | None, Field(lt=100)] = None
    rows: list[Row] = []
    best: Row
    tags: set[str] = set()

    @computed_field  # type: ignore[prop-decorator]
    @property
    def short(self) -> str:
        return str(self.plate)[:2]


VALUES = {
    "when": dt.date(2026, 1, 2),
    "colour": Colour.RED,
    "order": UUID(int=7),
    "low": Decimal(300),
    "rows[0].name": "a",
    "rows[0].price": Decimal("1.50"),
    "rows[1].price": Decimal("2.50"),
    "tags[0]": "x",
}


def stored(model: type[BaseModel], values: dict[str, Any]) -> tuple[Extraction[Any], str]:
    data, _ = FieldSchema(model).fill(values)
    run = RunInfo(hybrid_version="1", system="gcn", mode="strict", schema_name=model.__name__)
    result: Extraction[Any] = Extraction(data=data, fields={}, pages=[], run=run)
    return result, result.model_dump_json()


@pytest.mark.parametrize("values", [VALUES, VALUES | {"plate": "M", "low": Decimal(3)}, {}])
def test_a_model_that_does_not_validate(values: dict[str, Any]) -> None:
    result, text = stored(Claim, values)
    again = Extraction[Claim].model_validate_json(text).data
    assert again == result.data
    assert isinstance(again.best, Row)
    assert all(isinstance(row, Row) for row in again.rows)
    assert Extraction[Claim].model_validate(json.loads(text)).data.plate == result.data.plate


def test_a_model_that_fails_as_a_whole() -> None:
    class Sum(BaseModel):
        name: Annotated[str | None, StringConstraints(to_upper=True)] = None
        total: Decimal | None = None

        @model_validator(mode="after")
        def check(self) -> Sum:
            raise ValueError("does not add up")

    result, text = stored(Sum, {"total": Decimal("1.50"), "name": "Ida"})
    assert Extraction[Sum].model_validate_json(text).data == result.data


def test_values_of_fields_with_aliases_are_not_lost() -> None:
    class Bill(BaseModel):
        model_config = ConfigDict(alias_generator=to_camel)
        grand_total: Decimal | None = None

    result, text = stored(Bill, {"grand_total": Decimal(3)})
    assert Extraction[Bill].model_validate_json(text).data == result.data
    by_alias = result.model_dump_json(by_alias=True)
    assert "grandTotal" in by_alias
    assert Extraction[Bill].model_validate_json(by_alias).data == result.data


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ({}, "Field required"),
        ({"plate": 7, "best": {"name": "x"}}, "valid string"),
        ({"plate": None, "best": [1]}, "an object"),
        ({"plate": None, "best": {"name": "x"}, "when": "May"}, "valid date"),
    ],
)
def test_what_was_not_written_of_the_model_is_refused(written: Any, problem: str) -> None:
    _, text = stored(Claim, {})
    other = json.dumps(json.loads(text) | {"data": written})
    with pytest.raises(ValidationError, match=problem):
        Extraction[Claim].model_validate_json(other)


def test_what_is_no_result_is_refused() -> None:
    with pytest.raises(ValidationError):
        Extraction[Claim].model_validate_json('{"data": {"plate": null}}')
    with pytest.raises(ValidationError):
        Extraction[Claim].model_validate_json("Dear Sir or Madam")

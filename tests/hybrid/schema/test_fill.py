"""Models that do not take all of what was found: nothing is lost, and it is said why."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from hybrid.schema import FieldSchema


class Kind(Enum):
    NEW = "new"


class Person(BaseModel):
    name: Annotated[str | None, StringConstraints(to_upper=True)] = None
    code: str


class Claim(BaseModel):
    plate: str
    amount: Decimal = Decimal(0)
    kind: Kind
    size: Literal["S", "M"]
    person: Person
    people: list[Person] = []
    tags: list[str] = []


def test_what_was_not_found_is_said_with_the_way_out() -> None:
    values = {"people[0].name": "Ida", "tags[0]": None}
    _, warnings = FieldSchema(Claim).fill(values)
    assert warnings == [
        "field plate: no value was found; `plate: str | None = None` allows that",
        "field amount: no value was found; `amount: Decimal | None = None` allows that",
        "field kind: no value was found; `kind: Kind | None = None` allows that",
        "field size: no value was found; `size: ... | None = None` allows that",
        "field person.code: no value was found; `code: str | None = None` allows that",
        "field people.0.code: no value was found; `code: str | None = None` allows that",
        "field tags.0: no value was found",
    ]


def test_what_a_model_says_itself_is_kept() -> None:
    class Strict(BaseModel):
        code: Annotated[str | None, AfterValidator(_refuse)] = None

    _, warnings = FieldSchema(Strict).fill({})
    assert warnings == ["field code: Value error, no code, no claim"]


def _refuse(value: str | None) -> str | None:
    raise ValueError("no code, no claim")


def test_one_fields_fault_is_no_others() -> None:
    class Order(BaseModel):
        plate: str
        buyer: Annotated[str | None, StringConstraints(to_upper=True)] = None
        paid: Annotated[Decimal | None, Field(lt=100)] = None
        tags: set[str] = set()
        first: Person
        people: list[Person] = []

    data, _ = FieldSchema(Order).fill(
        {
            "buyer": "Ida",
            "paid": Decimal(300),
            "tags[0]": "a",
            "first.name": "Max",
            "people[0].name": "Eva",
            "people[1].name": "Jo",
            "people[1].code": "x",
        }
    )
    assert isinstance(data, Order)
    assert data.buyer == "IDA"
    assert data.paid == Decimal(300)  # as it is: nothing is lost
    assert data.tags == {"a"}
    assert isinstance(data.first, Person)
    assert data.first.name == "MAX"
    assert [(p.name, p.code) for p in data.people] == [("EVA", None), ("JO", "x")]


def test_a_model_that_fails_as_a_whole_has_its_fields() -> None:
    class Sum(BaseModel):
        name: Annotated[str | None, StringConstraints(to_upper=True)] = None

        @model_validator(mode="after")
        def check(self) -> Sum:
            raise ValueError("does not add up")

    data, warnings = FieldSchema(Sum).fill({"name": "Ida"})
    assert isinstance(data, Sum)
    assert data.name == "IDA"
    assert warnings == ["schema Sum: Value error, does not add up"]

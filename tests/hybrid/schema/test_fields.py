"""Models become leaves, and leaves become models again."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from annotated_types import Predicate
from pydantic import (
    AfterValidator,
    AliasChoices,
    AnyUrl,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    HttpUrl,
    PositiveInt,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from hybrid.errors import SchemaError
from hybrid.schema import FieldSchema, Keys, Labels, LeafKind
from hybrid.schema.kinds import kind_of
from hybrid.schemas import BUILT_IN, ItemizedReceipt, Receipt
from hybrid.verify.values import find_spans


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    price: Annotated[Decimal | None, Labels("menu.price"), Keys("amount")] = None
    count: int | None = None


class Everything(BaseModel):
    name: str
    when: dt.datetime | None = None
    day: dt.date | None = None
    at: dt.time | None = None
    paid: bool | None = None
    colour: Colour | None = None
    size: Literal["S", "M"] | None = None
    items: list[Item] = Field(default_factory=list, description="what was bought")
    tags: list[str] = []
    best: Item | None = None


def test_paths_and_kinds() -> None:
    leaves = {leaf.path: leaf.kind for leaf in FieldSchema(Everything).leaves}
    assert leaves == {
        "name": LeafKind.TEXT,
        "when": LeafKind.DATETIME,
        "day": LeafKind.DATE,
        "at": LeafKind.TIME,
        "paid": LeafKind.BOOLEAN,
        "colour": LeafKind.CHOICE,
        "size": LeafKind.CHOICE,
        "items[].price": LeafKind.NUMBER,
        "items[].count": LeafKind.INTEGER,
        "tags[]": LeafKind.TEXT,
        "best.price": LeafKind.NUMBER,
        "best.count": LeafKind.INTEGER,
    }


def test_a_leaf_knows_its_labels_keys_choices_and_list() -> None:
    schema = FieldSchema(Everything)
    price = schema.leaf_of("items[7].price")
    assert (price.labels, price.keys) == (("menu.price",), ("amount", "price"))
    assert price.list_path == "items"
    assert schema.leaf_of("name").required
    assert not price.required
    assert schema.leaf_of("colour").choices == ("red", "blue")
    assert not schema.is_flat
    assert FieldSchema(Receipt).is_flat


def test_fill_nests_and_skips_missing_indices() -> None:
    data, warnings = FieldSchema(ItemizedReceipt).fill(
        {"menu[0].price": Decimal("1.50"), "menu[2].name": "tea", "total.total": Decimal("3")}
    )
    assert isinstance(data, ItemizedReceipt)
    assert warnings == []
    assert [(i.name, i.price) for i in data.menu] == [(None, Decimal("1.50")), ("tea", None)]
    assert data.total.total == Decimal("3")
    assert data.sub_total.tax is None


def test_fill_warns_where_the_model_requires_a_value() -> None:
    data, warnings = FieldSchema(Everything).fill({"items[0].count": 2})
    assert isinstance(data, Everything)
    assert data.items[0].count == 2
    assert len(warnings) == 1
    assert warnings[0].startswith("field name:")


class Aliased(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    class Row(BaseModel):
        unit_price: Decimal | None = Field(None, alias="unitPrice")

    grand_total: Decimal | None = None
    paid_on: str | None = Field(None, validation_alias=AliasChoices("paidOn", "date_paid"))
    rows: list[Row] = []


def test_values_reach_fields_with_aliases() -> None:
    values = {"grand_total": Decimal("3"), "paid_on": "May", "rows[0].unit_price": Decimal("1.50")}
    data, warnings = FieldSchema(Aliased).fill(values)
    assert warnings == []
    assert isinstance(data, Aliased)
    assert (data.grand_total, data.paid_on) == (Decimal("3"), "May")
    assert data.rows[0].unit_price == Decimal("1.50")
    assert data.model_dump(by_alias=True)["grandTotal"] == Decimal("3")


def test_aliases_where_the_model_refuses_a_value() -> None:
    class Refusing(Aliased):
        needed: str

        @model_validator(mode="after")
        def check(self) -> Refusing:
            raise ValueError("never right")

    data, warnings = FieldSchema(Refusing).fill({"grand_total": Decimal("3")})
    assert data.model_dump()["grand_total"] == Decimal("3")
    assert [w.partition(":")[0] for w in warnings] == ["field needed"]
    data, warnings = FieldSchema(Refusing).fill({"grand_total": Decimal("3"), "needed": "x"})
    assert data.model_dump()["grand_total"] == Decimal("3")
    assert warnings == ["schema Refusing: Value error, never right"]


def test_typed_is_the_models_own_type() -> None:
    schema = FieldSchema(Everything)
    assert schema.leaf_of("colour").typed("red") is Colour.RED
    with pytest.raises(ValueError, match="colour"):
        schema.leaf_of("colour").typed("green")


def test_unfillable_types_are_named() -> None:
    class Bad(BaseModel):
        inner: dict[str, int]

    with pytest.raises(SchemaError, match="inner"):
        FieldSchema(Bad)


def test_a_model_without_fields_is_refused() -> None:
    class Empty(BaseModel):
        pass

    with pytest.raises(SchemaError, match="no fields"):
        FieldSchema(Empty)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_leaf_of_a_built_in_schema_has_labels_and_a_description(name: str) -> None:
    for leaf in FieldSchema(BUILT_IN[name]).leaves:
        assert leaf.labels
        assert leaf.description


class Bounded(BaseModel):
    outer: Decimal | None = Field(None, lt=100)
    inner: Annotated[Decimal, Field(lt=100), Labels("total")] | None = None
    number: str | None = Field(None, pattern=r"^\d+$")
    name: Annotated[str | None, StringConstraints(to_upper=True, max_length=5, strict=True)] = None
    loud: Annotated[str | None, StringConstraints(to_upper=True)] = None
    count: PositiveInt | None = None
    tags: list[Annotated[str, Field(max_length=3)]] = Field([], min_length=2)
    even: Annotated[int | None, Predicate(lambda value: value % 2 == 0)] = None
    share: float | None = Field(None, strict=True)
    shouted: Annotated[str | None, AfterValidator(lambda value: value * 2)] = None


@pytest.mark.parametrize(
    ("path", "taken", "refused"),
    [
        ("outer", Decimal("99"), Decimal("100")),
        ("inner", Decimal("99"), Decimal("100")),
        ("number", "12", "E-12"),
        ("name", "Anna", "Anneliese"),
        ("count", 1, -1),
        ("tags[0]", "abc", "abcd"),
        ("even", 4, 5),
    ],
)
def test_a_reading_that_breaks_the_models_constraints_is_none(
    path: str, taken: Any, refused: Any
) -> None:
    leaf = FieldSchema(Bounded).leaf_of(path)
    assert leaf.typed(taken) == taken  # and as it stands on the page: not "ANNA"
    with pytest.raises(ValueError, match=re.escape(leaf.path)):
        leaf.typed(refused)


def test_what_is_no_constraint_is_no_part_of_a_leafs_type() -> None:
    schema = FieldSchema(Bounded)
    assert schema.leaf_of("inner").labels == ("total",)
    assert schema.leaf_of("inner").constraints == ("Lt(lt=100)",)
    assert schema.leaf_of("share").typed(Decimal("0.5")) == 0.5
    assert [x.annotation for x in schema.leaves if not x.constraints] == [str, float, str]
    (even,) = schema.leaf_of("even").constraints
    assert "0x" not in even  # else no run's results would count as done


class FromJson(BaseModel):
    netto: Decimal | None = Field(None, alias="net_pay")
    payDate: dt.date | None = None  # noqa: N815
    customerVATNumber: str | None = None  # noqa: N815
    VAT_ID: str | None = None
    tel: str | None = Field(None, validation_alias="phoneNo")
    mail: str | None = Field(None, validation_alias=AliasChoices("eMail", "email"))


def test_names_in_camel_case_and_aliases_are_keys() -> None:
    assert {leaf.name: leaf.keys for leaf in FieldSchema(FromJson).leaves} == {
        "netto": ("netto", "net pay"),
        "payDate": ("pay date",),
        "customerVATNumber": ("customer VAT number",),
        "VAT_ID": ("VAT ID",),
        "tel": ("tel", "phone no"),
        "mail": ("mail",),
    }
    # An alias that says the same adds nothing.
    assert FieldSchema(Aliased).leaf_of("rows[0].unit_price").keys == ("unit price",)


class Checked(BaseModel):
    site: HttpUrl | None = None
    links: list[AnyUrl] = []
    order: UUID | None = None


def test_addresses_and_ids_are_texts_that_the_type_checks() -> None:
    schema = FieldSchema(Checked)
    assert {leaf.kind for leaf in schema.leaves} == {LeafKind.TEXT}
    (span,) = find_spans("Site: https://acme.com", schema.leaf_of("site"))
    assert span.value == HttpUrl("https://acme.com")
    assert find_spans("Site: the usual one", schema.leaf_of("site")) == []
    assert schema.leaf_of("links[0]").typed("ftp://acme.com") == AnyUrl("ftp://acme.com")
    printed = "123E4567-E89B-12D3-A456-426614174000"
    assert schema.leaf_of("order").typed(printed) == UUID(printed)
    # A model with one needs a package that is not always installed.
    assert kind_of(EmailStr, "mail") == (LeafKind.TEXT, ())


def test_two_types_at_once_are_refused() -> None:
    class Either(BaseModel):
        tax_code: Decimal | str | None = None

    with pytest.raises(SchemaError, match="tax_code"):
        FieldSchema(Either)

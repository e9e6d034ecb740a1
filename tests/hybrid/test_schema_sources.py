"""What stands after `--schema`: names, Python files, JSON Schemas."""

import json
from pathlib import Path
from typing import Any

import pytest

from hybrid.errors import SchemaError
from hybrid.schema import FieldSchema, LeafKind
from hybrid.schema_sources import resolve_schema
from hybrid.schemas import BUILT_IN, ItemizedReceipt, Receipt

MODULE = """
from __future__ import annotations
from decimal import Decimal
from pydantic import BaseModel

class Line(BaseModel):
    price: Decimal | None = None

class Invoice(BaseModel):
    lines: list[Line] = []

other = 3
"""


def json_schema(folder: Path, schema: Any) -> str:
    path = folder / "bill.json"
    path.write_text(schema if isinstance(schema, str) else json.dumps(schema))
    return str(path)


def properties(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields}


def kinds(schema: FieldSchema) -> dict[str, LeafKind]:
    return {leaf.path: leaf.kind for leaf in schema.leaves}


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in(name: str) -> None:
    assert resolve_schema(name).model is BUILT_IN[name]


def test_unknown_lists_all_ways() -> None:
    with pytest.raises(SchemaError, match=r"'reciept'.*receipt.*form.*file\.py:Model.*\.json"):
        resolve_schema("reciept")


def test_python_file(tmp_path: Path) -> None:
    path = tmp_path / "my schema.py"
    path.write_text(MODULE)
    assert kinds(resolve_schema(f"{path}:Invoice")) == {"lines[].price": LeafKind.NUMBER}


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (":Bill", "no 'Bill'; models in this file: Line, Invoice"),
        (":other", "not a pydantic model: 'other'; models in this file: Line, Invoice"),
        ("", "say which model, as in .*my.py:Invoice; models in this file: Line, Invoice"),
    ],
)
def test_python_file_without_that_model(tmp_path: Path, end: str, expected: str) -> None:
    path = tmp_path / "my.py"
    path.write_text(MODULE)
    with pytest.raises(SchemaError, match=expected):
        resolve_schema(f"{path}{end}")


@pytest.mark.parametrize(
    ("code", "where"),
    [("\n1/0", ", line 2"), ("import sys; sys.exit(3)", ", line 1"), ("class X(:", "")],
)
def test_python_file_that_fails(tmp_path: Path, code: str, where: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(code)
    with pytest.raises(
        SchemaError, match=rf"broken\.py{where}: cannot be imported: \w+: "
    ) as caught:
        resolve_schema(f"{path}:X")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("default", ["None", "Field(None)"])
def test_a_field_that_hides_its_type(tmp_path: Path, default: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "from datetime import date\nfrom pydantic import BaseModel, Field\n"
        f"class Bill(BaseModel):\n    date: date | None = {default}\n"
    )
    with pytest.raises(SchemaError, match=r"line 4: .*; a field .* hides the type .*dt\.date"):
        resolve_schema(f"{path}:Bill")


@pytest.mark.parametrize("spec", ["nowhere.py:Model", "nowhere.json"])
def test_missing_files(spec: str) -> None:
    with pytest.raises(SchemaError, match=r"nowhere.*no such file"):
        resolve_schema(spec)


def test_json_schema_types(tmp_path: Path) -> None:
    schema = properties(
        name={"type": "string", "description": "who", "x-labels": ["company"], "x-keys": ["Shop"]},
        total={"type": ["number", "null"]},
        count={"type": "integer"},
        paid={"anyOf": [{"type": "boolean"}, {"type": "null"}]},
        day={"type": "string", "format": "date"},
        when={"type": "string", "format": "date-time"},
        at={"type": "string", "format": "time"},
        size={"enum": ["S", "M", None]},
        copy={"type": "string"},
        tags={"type": "array", "items": {"type": "string"}},
        lines={"type": "array", "items": {"$ref": "#/$defs/Line"}},
    )
    schema |= {
        "title": "My bill",
        "required": ["name", "total"],
        "$defs": {"Line": properties(price={"type": "number"})},
    }
    result = resolve_schema(json_schema(tmp_path, schema))
    assert result.name == "MyBill"
    assert kinds(result) == {
        "name": LeafKind.TEXT,
        "total": LeafKind.NUMBER,
        "count": LeafKind.INTEGER,
        "paid": LeafKind.BOOLEAN,
        "day": LeafKind.DATE,
        "when": LeafKind.DATETIME,
        "at": LeafKind.TIME,
        "size": LeafKind.CHOICE,
        "copy": LeafKind.TEXT,
        "tags[]": LeafKind.TEXT,
        "lines[].price": LeafKind.NUMBER,
    }
    name = result.leaf_of("name")
    assert (name.description, name.labels, name.keys) == ("who", ("company",), ("Shop", "name"))
    assert name.required
    assert not result.leaf_of("total").required
    assert result.leaf_of("size").choices == ("S", "M")
    data, warnings = result.fill({"name": "ACME", "lines[0].price": "1.5"})
    assert warnings == []
    assert data.model_dump(mode="json")["lines"] == [{"price": "1.5"}]


@pytest.mark.parametrize("model", [Receipt, ItemizedReceipt])
def test_what_pydantic_writes_is_read_back(tmp_path: Path, model: Any) -> None:
    result = resolve_schema(json_schema(tmp_path, model.model_json_schema()))
    assert kinds(result) == kinds(FieldSchema(model))
    assert result.name == model.__name__


ENDLESS = {
    **properties(child={"$ref": "#/$defs/Node"}),
    "$defs": {"Node": properties(child={"$ref": "#/$defs/Node"})},
}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{", "not valid JSON"),
        ([], "is an object"),
        ({"type": "string"}, "top level"),
        ({"type": "object"}, "needs properties"),
        (properties(a={"type": "money"}), "field a: type 'money'"),
        (properties(a={"type": ["string", "boolean"]}), "field a: it may be only one"),
        (properties(a={"anyOf": [{"type": "string"}, {"type": "integer"}]}), "field a: .*one alt"),
        (properties(a={"enum": [1, 2]}), "field a: an enum must be of texts"),
        (properties(a={"$ref": "#/$defs/B"}), "field a: #/.defs/B does not exist"),
        (properties(a={"$ref": "http://x/y"}), "field a: only references inside"),
        (properties(a=properties(b={"x-keys": "k"})), "field a.b: x-keys must be a list"),
        (properties(_a={"type": "string"}), "field _a: .*reserved"),
        (properties(model_dump={"type": "string"}), "field model_dump: .*reserved"),
        (properties(**{"a.b": {"type": "string"}}), "field a.b: a name must not"),
        (ENDLESS, "field child.child: .*refers to itself"),
        ({"$ref": "#"}, "refers to itself"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, schema: Any, expected: str) -> None:
    with pytest.raises(SchemaError, match=rf"bill\.json: .*{expected}"):
        resolve_schema(json_schema(tmp_path, schema))

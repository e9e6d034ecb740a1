"""Gold values of one's own documents become labels and places."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel

from eval.calibration.collect import Source
from eval.datasets.base import GoldValue, Sample
from eval.datasets.registry import read_dataset
from eval.own_documents import read_to_learn, with_labels
from eval.training import labelled
from hybrid.errors import DatasetError
from hybrid.schema import FieldSchema, Keys, Labels
from hybrid.verify.propose import labels_of
from tests.hybrid.conftest import make_document


class Item(BaseModel):
    name: str | None = None
    price: Decimal | None = None


class Bill(BaseModel):
    shop: Annotated[str | None, Labels("company")] = None
    bought_on: date | None = None
    street: str | None = None
    pieces: Annotated[int | None, Keys("Qty")] = None
    to_pay: Annotated[Decimal | None, Keys("Total")] = None
    other: str | None = None
    items: list[Item] = []


SCHEMA = FieldSchema(Bill)


def bill(**gold: str) -> Sample:
    document = make_document(
        [
            ("ACME LTD", 100, 10, 400, 30),
            ("12 High Street", 100, 40, 400, 60),
            ("Leeds LS1 4AB", 100, 65, 420, 85),
            ("25/12/2018 8:13 PM", 50, 120, 350, 140),
            ("Tea", 50, 160, 150, 180),
            ("2", 300, 160, 320, 180),
            ("12.20", 400, 160, 500, 180),
            ("Qty", 50, 260, 150, 280),
            ("2", 300, 260, 320, 280),
            ("Total", 50, 300, 150, 320),
            ("12.20", 400, 300, 500, 320),
            ("Cash", 50, 330, 150, 350),
            ("12.20", 400, 330, 500, 350),
        ]
    )
    paths = {name.replace("__", "."): text for name, text in gold.items()}
    values = tuple(
        GoldValue(path=path.replace("items", "items[0]"), label=path, text=text)
        for path, text in paths.items()
    )
    return Sample(document=document, values=values)


def test_each_value_is_found_where_it_belongs() -> None:
    sample = with_labels(
        bill(
            shop="Acme Ltd",
            bought_on="2018-12-25",
            street="12 High Street Leeds LS1 4AB",
            pieces="2",
            to_pay="12.20",
            items__name="Tea",
            items__price="12.20",
        ),
        SCHEMA,
    )
    assert sample.labels is not None
    found = {k: label for k, label in enumerate(sample.labels) if label != "other"}
    # The total is beside its key, and so are the pieces; the item's price is the first that is left.
    assert found == {
        0: "company",
        1: "street",
        2: "street",
        3: "bought_on",
        4: "items.name",
        6: "items.price",
        8: "pieces",
        10: "to_pay",
    }
    places = {value.path: value.segment_ids for value in sample.values or ()}
    assert places["street"] == (1, 2)
    assert places["to_pay"] == (10,)


def test_what_is_not_on_the_page_has_no_label() -> None:
    sample = with_labels(bill(shop="Somebody Else & Sons", to_pay="99.00"), SCHEMA)
    assert set(sample.labels or ()) == {"other"}


def test_a_field_that_the_schema_has_not() -> None:
    with pytest.raises(DatasetError, match="names an unknown field 'shopp'; similar are shop"):
        with_labels(bill(shopp="Acme"), SCHEMA)


def test_a_field_called_as_a_label_that_is_no_field() -> None:
    assert labels_of(SCHEMA.by_path["other"]) == ("field other",)
    assert labels_of(SCHEMA.by_path["items[].price"]) == ("items.price",)
    assert labels_of(SCHEMA.by_path["shop"]) == ("company",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sample = bill()
    for number in range(12):
        name = f"bill-{number:02}"
        document = sample.document.model_copy(update={"id": name})
        (tmp_path / f"{name}.json").write_text(document.model_dump_json())
        gold = {"shop": "ACME LTD", "to_pay": "12.20"}
        (tmp_path / f"{name}.gold.json").write_text(json.dumps(gold))
    return tmp_path


def test_own_documents_have_parts_to_learn_from(folder: Path) -> None:
    parts = {
        name: {s.id for s in read_dataset("own", folder, name)} for name in ("all", "dev", "fit")
    }
    assert parts["dev"] | parts["fit"] == parts["all"]
    assert not parts["dev"] & parts["fit"]
    assert len(parts["dev"]) == 2
    documents = labelled("own", folder, "fit", joint=False, schema=SCHEMA)
    assert len(documents) == 10
    assert {"company", "to_pay"} < set(documents[0].labels)
    assert {"items.price", "field other"} < documents[0].known_labels
    with pytest.raises(DatasetError, match="give one with --schema"):
        read_to_learn("own", folder, "fit")


def test_a_fusion_can_be_fitted_on_them(folder: Path) -> None:
    assert Source("own", folder, schema=SCHEMA).asked().schema is SCHEMA
    with pytest.raises(DatasetError, match="own with --schema"):
        Source("own", folder).asked()

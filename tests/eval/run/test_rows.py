from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import GoldValue, Sample, read_dataset
from eval.datasets.base import Entity
from eval.records import ITEM_SCHEMA
from eval.run.gold import gold_rows, leaves_of_tree
from eval.run.predicted import extraction_rows, label_rows
from eval.run.rows import (
    Asked,
    Place,
    asked_on,
    item_row,
    plain_value,
    released_ids_of,
    union_of_segments,
    value_columns,
)
from eval.tasks import load_tasks
from hybrid.document import BoundingBox, Document, Page, Segment, Word, segment_of
from hybrid.extraction import (
    Citation,
    Confidence,
    Extraction,
    FieldResult,
    Grounding,
    PageInfo,
    RunInfo,
    Status,
)
from hybrid.pipeline.base import Labelling
from hybrid.schema import LeafKind
from hybrid.schemas import Receipt

PLACE = Place("d", "test", "gold", "a")
RUN = RunInfo(hybrid_version="0", system="gcn", mode="strict", schema_name="")


class Colour(Enum):
    RED = "red"


def page(*rows: tuple[str, float, float, float]) -> Document:
    """Rows of (text, left, top, right), each 10 high."""
    segments: list[Segment] = []
    number = 0
    for text, left, top, right in rows:
        box = BoundingBox(left=left, top=top, right=right, bottom=top + 10)
        words = [Word(id=number + k, text=t, box=box) for k, t in enumerate(text.split())]
        number += len(words)
        segments.append(segment_of(len(segments), 1, words))
    made = Page(number=1, width=200, height=200, segments=tuple(segments))
    return Document(id="a", pages=(made,), sha256="0" * 64)


def asked(dataset: str, only: str | None = None) -> Asked:
    return asked_on(load_tasks()["field"].datasets[dataset], None, only)


def field(sample: Sample, text: str, segment: int | None = None, **more: Any) -> FieldResult:
    found = [s for s in sample.document.segments if s.id == segment]
    citations = tuple(Citation.of_words(s.page, s.words) for s in found)
    values: dict[str, Any] = {
        "value": text,
        "text": text,
        "citations": citations,
        "status": Status.ACCEPTED,
    }
    values |= {"grounding": Grounding.EXACT, "confidence": Confidence(fused=0.5)}
    return FieldResult.model_validate(values | more)


def extraction(fields: dict[str, FieldResult]) -> Extraction[Any]:
    pages = [PageInfo(number=1, width=200, height=200, unit="px")]
    return Extraction(data=Receipt(), fields=fields, pages=pages, run=RUN)


@pytest.mark.parametrize(
    ("path", "compared"),
    [
        ("menu[0].name", "menu[0].nm"),
        ("menu[11].unit_price", "menu[11].unitprice"),
        ("total.total", "total.total_price"),
        ("sub_total.tax", "sub_total.tax_price"),
    ],
)
def test_paths_in_the_names_of_cord(path: str, compared: str) -> None:
    cord = asked("cord")
    leaf = cord.schema.leaf_of(path)
    assert cord.compared_path(path, leaf) == compared


def test_paths_of_other_datasets_are_the_schemas() -> None:
    wild = asked("wildreceipt")
    leaf = wild.schema.leaf_of("prod_item[3]")
    assert wild.compared_path("prod_item[3]", leaf) == "prod_item[3]"
    assert wild.compared_label(leaf) == "prod_item"
    assert wild.kinds()["total"] is LeafKind.NUMBER
    assert asked("funsd").is_form
    assert asked("funsd").kinds() == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (dt.date(2018, 12, 25), "2018-12-25"),
        (dt.time(20, 13), "20:13:00"),
        (True, "true"),
        (Decimal("12.20"), "12.2"),
        (Decimal("1200"), "1200"),
        (0.0, "0"),
        (Colour.RED, "red"),
        ("as it is", "as it is"),
    ],
)
def test_typed_values_as_text(value: Any, text: str | None) -> None:
    assert plain_value(value) == text


def test_a_currency_is_no_part_of_an_amount() -> None:
    for text in ("RM9.00", "RM 9.00", "9.00"):
        columns = value_columns(text, None, LeafKind.NUMBER)
        assert columns == {"value": None, "key": "900", "typed_key": "number:9"}
    assert value_columns("RM9", None, LeafKind.TEXT)["key"] == "rm9"


def test_a_row_has_all_columns_and_its_box() -> None:
    box = BoundingBox(left=1.234, top=2, right=3, bottom=4)
    row = item_row(PLACE, "field", path="p", label="l", text="t", key="k", box=(2, box))
    assert set(row) == set(ITEM_SCHEMA)
    assert (row["origin"], row["page"], row["left"]) == ("gold", 2, 1.23)
    assert item_row(PLACE, "field", path="", label="", text="", key="", system="x")["left"] is None


def test_numbers_of_the_release_or_ours() -> None:
    document = page(("a", 0, 0, 9), ("b", 0, 20, 9))
    assert released_ids_of(Sample(document=document)) == {0: "0", 1: "1"}
    assert released_ids_of(Sample(document=document, released_ids=(7, 3))) == {0: "7", 1: "3"}


def test_the_box_around_segments() -> None:
    sample = Sample(document=page(("a", 0, 0, 9), ("b", 0, 20, 30), ("c", 0, 90, 99)))
    found = union_of_segments(sample, (0, 1))
    assert found is not None
    assert found[1].as_tuple() == (0, 0, 30, 30)
    assert union_of_segments(sample, ()) is None


def test_gold_of_labels_is_all_but_the_background() -> None:
    sample = Sample(
        document=page(("ACME", 0, 0, 9), ("x", 0, 20, 9)),
        labels=("company", "other"),
        released_ids=(4, 2),
    )
    (row,) = gold_rows(sample, PLACE, load_tasks()["label"], None, spans=False)
    assert (row["path"], row["key"], row["label"], row["text"]) == ("4", "4", "company", "ACME")
    labelling = Labelling(("other", "total"), (0.9, 0.4), RUN)
    (given,) = label_rows(labelling, sample, PLACE, "gcn", spans=False)
    assert (given["key"], given["label"], given["confidence"]) == ("2", "total", 0.4)


def test_gold_of_entities_is_by_characters() -> None:
    sample = Sample(
        document=page(("Nasi", 0, 0, 40), ("Goreng", 50, 0, 110), ("9", 150, 0, 160)),
        labels=("menu.nm", "menu.nm", "menu.price"),
        entities=(
            Entity(
                label="menu.nm",
                text="Nasi Goreng",
                word_ids=(0, 1),
                character_ids=(*range(4), *range(5, 11)),
            ),
        ),
        released_ids=(0, 5, 12),
    )
    (gold,) = gold_rows(sample, PLACE, load_tasks()["label"], None, spans=True)
    labelling = Labelling(("menu.nm", "menu.nm", "other"), (0.9, 0.8, None), RUN)
    (given,) = label_rows(labelling, sample, PLACE, "gcn", spans=True)
    assert gold["path"] == given["path"] == "0 5"
    assert gold["key"] == given["key"]
    assert (given["text"], given["confidence"]) == ("Nasi Goreng", 0.8)


def test_alternatives_share_a_path_and_currencies_are_dropped() -> None:
    values = (
        GoldValue(path="total", label="total", text="RM 9.00", segment_ids=(0,)),
        GoldValue(path="total", label="total", text="9.00"),
    )
    sample = Sample(document=page(("RM 9.00", 0, 0, 40)), values=values)
    rows = list(gold_rows(sample, PLACE, load_tasks()["field"], asked("sroie"), spans=False))
    assert [r["key"] for r in rows] == ["900", "900"]
    assert [r["text"] for r in rows] == ["RM 9.00", "9.00"]
    assert [r["page"] for r in rows] == [1, None]
    assert [r["on_page"] for r in rows] == [True, True]


def test_gold_says_whether_it_can_be_read() -> None:
    """As fields are compared: letter by letter, accents too, and over lines that stand apart."""
    texts = {"company": "Café Ibu", "date": "25/12/2018", "address": "1 High Street, 5000 Town"}
    values = tuple(GoldValue(path=k, label=k, text=text) for k, text in texts.items())
    lines = ["CAFE IBU", "1 High Street,", "Cashier", "5000 TOWN", "DATE 25/12/20188:13"]
    sample = Sample(
        document=page(*((line, 0, 30 * n, 90) for n, line in enumerate(lines))), values=values
    )
    rows = gold_rows(sample, PLACE, load_tasks()["field"], asked("sroie"), spans=False)
    assert {r["path"]: r["on_page"] for r in rows} == {
        "company": False,
        "date": True,
        "address": True,
    }


def test_an_absent_field_is_a_row_without_text() -> None:
    values = (GoldValue(path="date", label="date", text="25/12/2018"),)
    sample = Sample(document=page(("x", 0, 0, 9)), values=values)
    task = load_tasks()["field"]
    (absent,) = gold_rows(sample, PLACE, task, asked("sroie", "total"), spans=False)
    assert (absent["path"], absent["label"]) == ("total", "total")
    assert (absent["text"], absent["key"]) == (None, None)
    (there,) = gold_rows(sample, PLACE, task, asked("sroie", "date"), spans=False)
    assert there["typed_key"] == "date:2018-12-25"


def test_only_the_field_that_counts_is_predicted() -> None:
    sample = Sample(document=page(("9.00", 0, 0, 40), ("ACME", 0, 20, 40)))
    given = extraction(
        {
            "total": field(sample, "9.00", 0),
            "company": field(sample, "ACME", 1),
            "date": FieldResult(),
        }
    )
    tasks = [load_tasks()["field"]]
    rows = extraction_rows(given, sample, PLACE, "gcn", tasks, asked("sroie"))
    assert [r["path"] for r in rows] == ["total", "company"]
    assert rows[0]["on_page"]
    assert rows[0]["in_citation"]
    assert rows[0]["cited_text"] == "9.00"
    rows = extraction_rows(given, sample, PLACE, "gcn", tasks, asked("sroie", "total"))
    assert [r["path"] for r in rows] == ["total"]


def test_invented_and_mislocated_values_are_told_apart() -> None:
    sample = Sample(document=page(("9.00", 0, 0, 40), ("ACME", 0, 20, 40)))
    given = extraction({"total": field(sample, "RM 7.00", 0), "company": field(sample, "ACME", 0)})
    tasks = [load_tasks()["field"]]
    total, company = extraction_rows(given, sample, PLACE, "llm", tasks, asked("sroie"))
    assert (total["text"], total["on_page"], total["in_citation"]) == ("7.00", False, False)
    assert (company["on_page"], company["in_citation"]) == (True, False)


def test_pairs_of_a_form_and_their_links() -> None:
    sample = Sample(
        document=page(("Name:", 0, 0, 40), ("Jane", 50, 0, 90), ("Age:", 0, 20, 40)),
        labels=("question", "answer", "question"),
        links=((0, 1),),
        released_ids=(8, 5, 6),
        values=(GoldValue(path="pairs[0]", label="Name:", text="Jane", segment_ids=(1,)),),
    )
    form = asked("funsd")
    (gold,) = gold_rows(sample, PLACE, load_tasks()["field"], form, spans=False)
    (link,) = gold_rows(sample, PLACE, load_tasks()["link"], form, spans=False)
    given = extraction(
        {
            "pairs[0].question": field(sample, "Name:", 0),
            "pairs[0].answer": field(sample, "Jane", 1, confidence=Confidence(fused=0.25)),
            "pairs[1].question": field(sample, "Age:", 2),
            "pairs[1].answer": FieldResult(),
            "pairs[2].question": field(sample, "Invented", None),
            "pairs[2].answer": field(sample, "Jane", 1),
        }
    )
    tasks = [load_tasks()["field"], load_tasks()["link"]]
    first, second, linked = extraction_rows(given, sample, PLACE, "gcn", tasks, form)
    assert (gold["label"], gold["key"]) == (first["label"], first["key"]) == ("name", "jane")
    assert (first["confidence"], first["on_page"], first["in_citation"]) == (0.25, True, True)
    # An invented question makes the pair an invention, though its answer stands there.
    assert (second["label"], second["on_page"]) == ("invented", False)
    assert link["key"] == linked["key"] == "8->5"


def test_leaves_of_a_receipt(tmp_path: Path) -> None:
    tree = {"menu": [{"nm": "Nasi", "price": "9,000"}, {"nm": "Teh"}], "total": {"cash": None}}
    assert list(leaves_of_tree(tree)) == [
        ("menu[0].nm", "menu.nm", "Nasi"),
        ("menu[0].price", "menu.price", "9,000"),
        ("menu[1].nm", "menu.nm", "Teh"),
    ]
    sample = Sample(document=page(("Nasi 9,000", 0, 0, 90)), tree=tree)
    task, cord = load_tasks()["structure"], asked("cord")
    rows = list(gold_rows(sample, PLACE, task, cord, spans=False))
    assert [(r["path"], r["typed_key"]) for r in rows][1] == ("menu[0].price", "number:9000")
    given = extraction({"menu[0].name": field(sample, "Nasi", 0)})
    both = extraction_rows(given, sample, PLACE, "gcn", [task, load_tasks()["field"]], cord)
    assert {(r["task"], r["path"], r["label"]) for r in both} == {
        ("structure", "menu[0].nm", "menu.nm"),
        ("field", "menu[0].nm", "menu.nm"),
    }


def test_gold_of_cord_has_the_compared_names(tmp_path: Path) -> None:
    word: dict[str, Any] = {
        "quad": {"x1": 0, "y1": 0, "x2": 9, "y2": 0, "x3": 9, "y3": 9, "x4": 0, "y4": 9}
    }
    word |= {"is_key": 0, "row_id": 1, "text": "Rp9,000"}
    line = {"category": "menu.price", "group_id": 3, "sub_group_id": 0, "words": [word]}
    meta = {"image_id": 7, "image_size": {"width": 400, "height": 500}}
    path = tmp_path / "test" / "json" / "receipt_00007.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"meta": meta, "valid_line": [line], "roi": {}}))
    (sample,) = read_dataset("cord", tmp_path, "test")
    (row,) = gold_rows(sample, PLACE, load_tasks()["field"], asked("cord"), spans=False)
    assert (row["path"], row["label"], row["text"]) == ("menu[0].price", "menu.price", "9,000")

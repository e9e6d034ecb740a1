"""Boxes that a user has: our JSON and hOCR."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hybrid import load_document
from hybrid.errors import DocumentError
from hybrid.ingest import Limits

Write = Callable[[str, bytes], Path]


def boxes() -> dict[str, Any]:
    def segment(number: int, page: int, text: str, left: float) -> dict[str, Any]:
        box = [left, 20, left + 100, 40]
        word = {"id": number, "text": text, "box": box}
        return {"id": number, "page": page, "text": text, "box": box, "words": [word]}

    return {
        "id": "mine",
        "pages": [
            {"number": 1, "width": 600, "height": 800, "segments": [segment(0, 1, "TOTAL", 10), segment(1, 1, "12.90", 400)]},
            {"number": 2, "width": 600, "height": 800, "segments": [segment(2, 2, "END", 10)]},
        ],
    }  # fmt: skip


def test_json_round_trip(file: Write, pdf: Callable[..., bytes]) -> None:
    texts = [(72, 700, 12, "Invoice 4711"), (400, 700, 12, "12.90")]
    first = load_document(file("x.pdf", pdf([{"texts": texts}, {"texts": texts[:1]}])))
    second = load_document(file("x.json", first.model_dump_json().encode()))
    assert (
        json.loads(second.model_dump_json())["pages"]
        == json.loads(first.model_dump_json())["pages"]
    )
    assert second.id == "x"
    assert second.sha256 != first.sha256


def test_json_by_hand(file: Write) -> None:
    data = boxes()
    data["pages"][0]["segments"][0]["words"][0]["text"] = "TO\u200bTAL\u0000"
    document = load_document(file("x.json", b"\xef\xbb\xbf" + json.dumps(data).encode()))
    assert [s.text for s in document.segments] == ["TOTAL", "12.90", "END"]
    assert [p.source for p in document] == ["boxes", "boxes"]
    assert document.page(1).image is None


def spoil(path: list[str | int], value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(data: dict[str, Any]) -> None:
        place: Any = data
        for part in path[:-1]:
            place = place[part]
        place[path[-1]] = value

    return apply


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (spoil(["pages"], "none"), "pages: "),
        (spoil(["pages"], []), "there are none"),
        (spoil(["pages", 0, "width"], 0), "pages.0.width"),
        (spoil(["pages", 0, "width"], float("inf")), "its size is inf"),
        (spoil(["pages", 1, "number"], 1), "two have the same number"),
        (spoil(["pages", 0, "segments", 1, "id"], 0), "segment ids are not unique"),
        (spoil(["pages", 0, "segments", 1, "page"], 2), "segment 1: on page 1, but says page 2"),
        (spoil(["pages", 0, "segments", 1, "words"], []), "segment 1: it has no words"),
        (spoil(["pages", 0, "segments", 1, "text"], "999"), "segment 1: its text is not its words"),
        (spoil(["pages", 0, "segments", 1, "box"], [1, 2, 3]), "got 3 numbers"),
        (spoil(["pages", 0, "segments", 1, "box"], [9, 2, 3, 4]), "left <= right"),
    ],
)
def test_wrong_json(change: Callable[[dict[str, Any]], None], reason: str, file: Write) -> None:
    data = boxes()
    change(data)
    with pytest.raises(DocumentError) as caught:
        load_document(file("x.json", json.dumps(data).encode()))
    message = str(caught.value)
    assert message.startswith("x.json: not boxes in our format (")
    assert reason in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ['{"id": "x", "pages": [', '{"a": 1}', "{", '{"id": "\\ud800"}'])
def test_json_of_another_kind(text: str, file: Write) -> None:
    with pytest.raises(DocumentError, match=r"^x\.json: not boxes in our format .*documents\.md$"):
        load_document(file("x.json", text.encode()))


def test_json_limits(file: Write) -> None:
    path = file("x.json", json.dumps(boxes()).encode())
    for limits, reason in (
        (Limits(pages=1), "2 pages, the limit is 1"),
        (Limits(segments=1), "2 segments, the limit is 1"),
        (Limits(segment_characters=3), "over 3 characters"),
    ):
        with pytest.raises(DocumentError, match=reason):
            load_document(path, limits=limits)


HOCR = """<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>
<div class='ocr_page' id='page_1' title='image "a.png"; bbox 0 0 600 400; ppageno 0'>
 <p class='ocr_par' title="bbox 10 10 300 80">
  <span class='ocr_line' title="bbox 10 50 300 80; baseline 0 0">
   <span class='ocrx_word' title='bbox 10 50 90 80; x_wconf 91'><strong>TOTAL</strong><br/></span>
   <span class='ocrx_word' title='bbox 200 50 300 80; x_wconf 45.5'>5 &amp; <em>up</em></span>
   <span class='ocrx_word' title='bbox 290 50 300 80; x_wconf 0'> </span>
  </span>
  <span class='ocr_line' title="bbox 10 10 300 40">
   <span class='ocrx_word' title='bbox 10 10 90 40'>SHOP</span>
  </span></p>
</div>
<div class='ocr_page' title='bbox 0 0 300 200'>
  <span class='ocr_line' title='bbox 10 10 110 30'>no words</span>
  <span class='ocrx_word' title='bbox 10 100 60 120; x_wconf 70'>stray</span>
</div>
</body></html>"""


def test_hocr(file: Write) -> None:
    document = load_document(file("x.hocr", HOCR.encode()))
    assert [(p.width, p.height, p.unit, p.source) for p in document] == [
        (600, 400, "px", "boxes"),
        (300, 200, "px", "boxes"),
    ]
    assert [s.text for s in document.segments] == ["SHOP", "TOTAL 5 & up", "no words", "stray"]
    total, amount = document.segments[1].words
    assert (total.confidence, amount.confidence) == (0.91, 0.455)
    assert total.box.as_tuple() == (10, 50, 90, 80)
    assert document.segments[0].confidence is None
    assert [w.box.as_tuple() for w in document.segments[2].words] == [
        (10, 10, 35, 30),
        (47.5, 10, 110, 30),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html><body>Hello</body></html>", "no element of class ocr_page"),
        ("<div class='ocr_page' title='image x'></div>", "no element of class ocr_page"),
        ("<div class='ocr_page' title='bbox 0 0 0 9'></div>", "the page's bbox is empty"),
        ("<div class='ocr_page' title='bbox 0 0 9 9'></div>" * 3, "3 pages, the limit is 2"),
    ],
)
def test_wrong_hocr(text: str, reason: str, file: Write) -> None:
    with pytest.raises(DocumentError) as caught:
        load_document(file("x.hocr", text.encode()), limits=Limits(pages=2))
    assert str(caught.value).startswith("x.hocr")
    assert reason in str(caught.value)


def test_hocr_fetches_nothing_and_survives_nonsense(file: Write) -> None:
    entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    page = "<div class='ocr_page' title='bbox 0 0 90 90'><span class='ocr_line' title='bbox 0 0 90 20'>"
    word = "<span class='ocrx_word' title='bbox 0 0 %s 20; x_wconf ..'>a&e;b</span>" % ("9" * 5000)
    assert load_document(file("x.hocr", (entity + page + word).encode())).text in ("a&e;b", "&e;")


def test_examples_of_the_documentation(file: Write) -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "documents.md"
    examples = dict(re.findall(r"```(\w+)\n(.*?)```", page.read_text(encoding="utf-8"), re.S))
    document = load_document(file("receipt-17.json", examples["json"].encode()))
    assert document.text == "TOTAL 12.90"

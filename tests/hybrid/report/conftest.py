"""A receipt that we draw ourselves, with a result that has every status, for the report's tests."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from pydantic import BaseModel

from hybrid.document import BoundingBox, Document, Page, PageImage, Segment, Word, segment_of
from hybrid.extraction import (
    Citation,
    Confidence,
    Extraction,
    FieldResult,
    Grounding,
    LlmUsage,
    PageInfo,
    RunInfo,
    Status,
)

LINES = [
    (190, 50, 34, "HARBOUR BOOKS & TEA"),
    (228, 98, 20, "14 Quay Street, Penang"),
    (60, 170, 20, "Receipt 004417"),
    (60, 206, 20, "Date: 25/12/2018 8:13 PM"),
    (60, 280, 22, "Earl Grey 100 g"),
    (540, 280, 22, "18.50"),
    (60, 320, 22, "The Sea, The Sea"),
    (540, 320, 22, "42.00"),
    (60, 400, 22, "Subtotal"),
    (540, 400, 22, "60.50"),
    (60, 436, 22, "Service 5 %"),
    (552, 436, 22, "3.03"),
    (60, 484, 28, "TOTAL"),
    (490, 484, 28, "RM 63.53"),
    (60, 550, 20, "Cash"),
    (540, 550, 20, "70.00"),
    (60, 640, 20, "Thank you. Goods sold are not returnable."),
]


class Item(BaseModel):
    name: str | None = None
    price: Decimal | None = None


class Receipt(BaseModel):
    company: str | None = None
    date: str | None = None
    address: str | None = None
    total: Decimal | None = None
    menu: list[Item] = []


def draw_page(number: int, first_id: int, *, with_image: bool) -> Page:
    """The receipt as a page of 680 x 720 pixels; word ids start at `first_id`."""
    picture = Image.new("RGB", (680, 720), "#fbfaf6")
    draw = ImageDraw.Draw(picture)
    segments: list[Segment] = []
    word_id = first_id
    for index, (left, top, size, text) in enumerate(LINES):
        font = ImageFont.load_default(size)
        draw.text((left, top), text, fill="#26241f", font=font)
        words: list[Word] = []
        for start, token in _tokens(text):
            x = left + font.getlength(text[:start])
            box = BoundingBox(
                left=x, top=top, right=x + font.getlength(token), bottom=top + size * 1.2
            )
            words.append(Word(id=word_id, text=token, box=box, confidence=0.97))
            word_id += 1
        segments.append(segment_of(first_id + index, number, words))
    image = None
    if with_image:
        buffer = io.BytesIO()
        picture.save(buffer, "PNG")
        image = PageImage(data=buffer.getvalue(), media_type="image/png")
    return Page(
        number=number,
        width=680,
        height=720,
        segments=tuple(segments),
        source="ocr:rapidocr",
        image=image,
    )


def _tokens(text: str) -> list[tuple[int, str]]:
    tokens, start = [], 0
    for token in text.split(" "):
        tokens.append((start, token))
        start += len(token) + 1
    return tokens


def leaf(
    value: Any,
    status: Status,
    citations: tuple[Citation, ...] = (),
    fused: float | None = None,
    **other: Any,
) -> FieldResult:
    text = " ".join(c.text for c in citations) or None
    defaults: dict[str, Any] = {
        "text": text,
        "grounding": Grounding.NORMALIZED if citations else Grounding.NONE,
        "confidence": Confidence(gcn=fused, ocr=0.97 if citations else None, fused=fused),
    }
    return FieldResult(value=value, status=status, citations=citations, **{**defaults, **other})


def make_extraction(document: Document, fields: dict[str, FieldResult]) -> Extraction[Receipt]:
    return Extraction[Receipt](
        data=Receipt(),
        fields=fields,
        pages=[
            PageInfo(number=p.number, width=p.width, height=p.height, unit=p.unit) for p in document
        ],
        run=RunInfo(
            hybrid_version="0.1.0",
            system="hybrid",
            mode="strict",
            schema_name="Receipt",
            source="samples/harbour-books.png",
            source_sha256="ab" * 32,
            checkpoint="receipts",
            checkpoint_sha256="cd" * 32,
            llm_profile="smollm2-135m",
            llm_model="SmolLM2-135M-Instruct",
            prompts={"verify": "ef" * 32},
            usage=LlmUsage(requests=5, prompt_tokens=2214, cached_tokens=1760, completion_tokens=9),
            seconds={"ocr": 1.82, "graph": 0.01, "gcn": 0.11, "llm": 0.94},
            warnings=["the LLM server did not answer one question in time"],
            reasoning={"total": "The line TOTAL comes after the service charge."},
        ),
    )


@pytest.fixture
def document() -> Document:
    """One page with a picture."""
    return Document(id="harbour-books", pages=(draw_page(1, 0, with_image=True),))


@pytest.fixture
def extraction(document: Document) -> Extraction[Receipt]:
    """A result for `document` with every status, a shared box and alternatives."""
    lines = document.segments

    def cite(index: int, *words: int) -> tuple[Citation, ...]:
        segment = lines[index]
        chosen = [segment.words[w] for w in words] if words else segment.words
        return (Citation.of_words(segment.page, chosen),)

    wrong = leaf(Decimal("70.00"), Status.CORRECTED, cite(15), 0.31)
    subtotal = leaf(Decimal("60.50"), Status.ABSTAINED, cite(9), 0.12, grounding=Grounding.EXACT)
    return make_extraction(
        document,
        {
            "company": leaf(
                "HARBOUR BOOKS & TEA", Status.ACCEPTED, cite(0), 0.99, grounding=Grounding.EXACT
            ),
            "date": leaf(
                date(2018, 12, 25),
                Status.AGREED,
                cite(3, 1),
                0.93,
                confidence=Confidence(gcn=0.71, llm=0.98, ocr=0.97, fused=0.93),
            ),
            "address": leaf(
                "14 Quay Street, Penang", Status.ADDED, cite(1), 0.64, grounding=Grounding.FUZZY
            ),
            "total": leaf(
                Decimal("63.53"),
                Status.CORRECTED,
                cite(13),
                0.88,
                confidence=Confidence(gcn=0.42, llm=0.91, ocr=0.96, fused=0.88),
                alternatives=(wrong, subtotal),
            ),
            "menu[0].name": leaf("Earl Grey 100 g", Status.ACCEPTED, cite(4), 0.97),
            "menu[0].price": leaf(Decimal("18.50"), Status.UNVERIFIED, cite(5), 0.55),
            "menu[1].name": leaf("The Sea, The Sea", Status.ACCEPTED, cite(6), 0.96),
            "menu[1].price": leaf(
                None,
                Status.REJECTED,
                reason="the LLM struck out the proposal 42.00",
                alternatives=(leaf(Decimal("42.00"), Status.REJECTED, cite(7), 0.38),),
            ),
            "tip": leaf(None, Status.ABSTAINED, reason="no segment was labelled as a tip"),
        },
    )


@pytest.fixture
def make_page() -> Callable[..., Page]:
    return draw_page


@pytest.fixture
def make_leaf() -> Callable[..., FieldResult]:
    return leaf


@pytest.fixture
def make_result() -> Callable[..., Extraction[Receipt]]:
    return make_extraction

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from eval.datasets import GoldValue, Sample
from eval.systems.baselines import EmptyExtractor, MajorityExtractor
from eval.systems.rules import RegexExtractor
from hybrid.document import BoundingBox, Document, Page, Segment, Word, segment_of
from hybrid.extraction import Status
from hybrid.schemas import Form, ItemizedReceipt, Receipt

LABELS = ("other", "company", "date", "address", "total")


def page(*rows: tuple[str, float, float, float]) -> Document:
    """Rows of (text, left, top, right), each 10 high."""
    segments: list[Segment] = []
    number = 0
    for text, left, top, right in rows:
        words = []
        for part in text.split():
            box = BoundingBox(left=left, top=top, right=right, bottom=top + 10)
            words.append(Word(id=number, text=part, box=box))
            number += 1
        segments.append(segment_of(len(segments), 1, words))
    made = Page(number=1, width=200, height=200, segments=tuple(segments))
    return Document(id="a", pages=(made,), sha256="0" * 64)


RECEIPT = page(
    ("ACME SDN BHD", 10, 10, 90),
    ("25/12/2018 8:13 PM", 10, 30, 90),
    ("Nasi Goreng", 10, 50, 60),
    ("4.50", 150, 50, 180),
    ("Subtotal", 10, 70, 60),
    ("8.50", 150, 70, 180),
    ("TOTAL", 10, 90, 60),
    ("9.00", 150, 90, 180),
)
FORM = page(("Name:", 10, 10, 40), ("Jane", 60, 10, 90), ("Age:", 10, 30, 40), ("Note", 10, 99, 40))
EMPTY = page()


def test_empty_gives_nothing() -> None:
    result = EmptyExtractor().extract(RECEIPT, Receipt)
    assert {f.status for f in result.fields.values()} == {Status.ABSTAINED}
    labelling = EmptyExtractor().label(RECEIPT, LABELS)
    assert labelling.labels == ("other",) * 8


def test_regex_on_a_receipt() -> None:
    data = RegexExtractor().extract(RECEIPT, Receipt).data
    assert (data.company, data.total) == ("ACME SDN BHD", Decimal("9.00"))
    assert data.date == dt.date(2018, 12, 25)
    labelling = RegexExtractor().label(RECEIPT, LABELS)
    found = {s.text: x for s, x in zip(RECEIPT.segments, labelling.labels, strict=True)}
    assert found["ACME SDN BHD"] == "company"
    assert found["25/12/2018 8:13 PM"] == "date"
    assert found["9.00"] == "total"
    assert found["8.50"] == found["Nasi Goreng"] == "other"


def test_regex_on_items() -> None:
    data = RegexExtractor().extract(RECEIPT, ItemizedReceipt).data
    assert ("Nasi Goreng", Decimal("4.50")) in [(i.name, i.price) for i in data.menu]
    assert all(i.price != Decimal("9.00") for i in data.menu)


def test_regex_on_a_form() -> None:
    result = RegexExtractor().extract(FORM, Form)
    assert next((p.question, p.answer) for p in result.data.pairs) == ("Name:", "Jane")
    labels = RegexExtractor().label(FORM, ("other", "question", "answer", "header")).labels
    assert labels == ("question", "answer", "question", "other")


def test_documents_without_text() -> None:
    for extractor in (RegexExtractor(), EmptyExtractor(), MajorityExtractor({}, None, {})):
        assert extractor.label(EMPTY, LABELS).labels == ()
        assert extractor.extract(EMPTY, Receipt).data.total is None


def test_majority_gives_what_is_frequent() -> None:
    def sample(total: str, *labels: str) -> Sample:
        document = page(*((name, 10, 20.0 * k, 60) for k, name in enumerate(labels)))
        value = GoldValue(path="total", label="total", text=total)
        return Sample(document=document, labels=labels, values=(value,))

    training = [
        sample("9.00", "total", "other"),
        sample("8.00", "company", "company"),
        sample("9.00", "other", "other"),
    ]
    majority = MajorityExtractor.fitted(training, {"total": "total", "company": "company"})
    data = majority.extract(RECEIPT, Receipt).data
    assert (data.total, data.company) == (Decimal("9.00"), None)
    assert set(majority.label(RECEIPT, LABELS).labels) == {"company"}
    # A class that is not asked for cannot be given.
    assert set(majority.label(RECEIPT, ("other", "total")).labels) == {"other"}
    assert majority.identity() == {"values": {"total": "9.00"}, "label": "company"}


def test_ties_go_to_the_first_in_the_alphabet() -> None:
    values = (
        GoldValue(path="total", label="total", text="b"),
        GoldValue(path="total", label="total", text="a"),
    )
    sample = Sample(document=EMPTY, values=values)
    assert MajorityExtractor.fitted([sample], {}).values == {"total": "a"}

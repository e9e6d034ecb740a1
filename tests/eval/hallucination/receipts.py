"""Receipts made by hand, and a check that all in a sample refers to something in it."""

from collections.abc import Sequence

from eval.datasets.base import Entity, GoldValue, Sample
from hybrid.document import BoundingBox, Document, Page, Word, segment_of

LINES = (
    ("ACME TRADING SDN BHD", "company"),
    ("12 JALAN BESAR", "address"),
    ("50000 KUALA LUMPUR", "address"),
    ("DATE: 25/12/2018 20:13", "date"),
    ("2 X NASI LEMAK", "other"),
    ("SUBTOTAL 11.50", "other"),
    ("TOTAL", "other"),
    ("RM 12.20", "total"),
    ("CASH 12.20", "other"),
)
VALUES = {
    "company": "ACME TRADING SDN BHD",
    "date": "25/12/2018",
    "address": "12 JALAN BESAR, 50000 KUALA LUMPUR",
    "total": "12.20",
}


def make(
    document_id: str = "one",
    lines: Sequence[tuple[str, str]] = LINES,
    values: dict[str, str] | None = None,
    right: Sequence[int] = (7,),
) -> Sample:
    """A receipt of one page; lines in `right` stand on the row of the line before."""
    segments = []
    word_id = 0
    y = 10.0
    for number, (text, _) in enumerate(lines):
        if number in right:
            y -= 20
        x = 200.0 if number in right else 10.0
        words = []
        for part in text.split():
            end = x + 8 * len(part)
            box = BoundingBox(left=x, top=y, right=end, bottom=y + 12)
            words.append(Word(id=word_id, text=part, box=box))
            word_id += 1
            x = end + 8
        segments.append(segment_of(number, 1, words))
        y += 20
    given = VALUES if values is None else values
    labels = tuple(label for _, label in lines)
    page = Page(number=1, width=400, height=y + 20, segments=tuple(segments))
    return Sample(
        document=Document(id=document_id, pages=(page,)),
        labels=labels,
        values=tuple(
            GoldValue(
                path=name,
                label=name,
                text=text,
                segment_ids=tuple(k for k, label in enumerate(labels) if label == name),
            )
            for name, text in given.items()
        ),
        links=((6, 7),) if len(lines) > 7 else (),
        entities=tuple(
            Entity(
                label=label,
                text=segments[k].text,
                word_ids=tuple(w.id for w in segments[k].words),
                character_ids=(2 * k, 2 * k + 1),
            )
            for k, label in enumerate(labels)
            if label != "other"
        ),
        released_ids=tuple(range(len(lines) - 1, -1, -1)),
    )


def check(sample: Sample) -> None:
    """Everything in a sample refers to something in it."""
    document = sample.document
    count = len(document.segments)
    assert [s.id for s in document.segments] == list(range(count))
    assert [s.page for s in document.segments] == sorted(s.page for s in document.segments)
    assert [page.number for page in document.pages] == list(range(1, len(document.pages) + 1))
    assert sample.labels is None or len(sample.labels) == count
    assert len(set(sample.released_ids)) == len(sample.released_ids) in (0, count)
    words = {w.id for s in document.segments for w in s.words}
    assert len(words) == sum(len(s.words) for s in document.segments)
    for segment in document.segments:
        assert segment.text == " ".join(w.text for w in segment.words)
        assert all(w.text and not any(c.isspace() for c in w.text) for w in segment.words)
        page = document.page(segment.page)
        assert -1 <= segment.box.left <= segment.box.right <= page.width + 1
        assert -1 <= segment.box.top <= segment.box.bottom <= page.height + 1
    ids = set(range(count))
    assert all({a, b} <= ids for a, b in sample.links)
    assert all(set(v.segment_ids) <= ids for v in sample.values or ())
    assert all(e.word_ids and set(e.word_ids) <= words for e in sample.entities)

"""Lists that no checkpoint knows, read below the headings of a table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from hybrid.document import BoundingBox, Document, Page, Segment, Word, segment_of
from hybrid.ingest import load_document
from hybrid.schema import FieldSchema, Keys
from hybrid.verify.resolve import Proposal
from hybrid.verify.tables.headings import find_headings, heading_likeness
from hybrid.verify.tables.items import read_tables

Make = Callable[..., Any]
Line = Sequence[tuple[float, str]]
INVOICE = Path(__file__).parents[4] / "eval" / "samples" / "documents" / "invoice-furniture.pdf"


class Item(BaseModel):
    description: str | None = None
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None


class Invoice(BaseModel):
    total: Decimal | None = None
    items: list[Item] = []


class Booking(BaseModel):
    date: dt.date | None = None
    details: Annotated[str | None, Keys("text")] = None
    debit: Decimal | None = None
    credit: Decimal | None = None
    balance: Decimal | None = None


class Statement(BaseModel):
    bookings: list[Booking] = []


HEADINGS: Line = [
    (10, "Pos."),
    (60, "Description"),
    (250, "Qty"),
    (300, "Unit price"),
    (400, "Amount"),
]
FIRST: Line = [(10, "1"), (60, "Blue widget, 20 mm"), (256, "2"), (330, "3.50"), (412, "7.00")]
SECOND: Line = [(10, "2"), (60, "Red one"), (250, "10"), (330, "1.50"), (406, "15.00")]


def printed(*pages: Sequence[tuple[float, Line]]) -> Document:
    """Pages of lines (top, cells); each character is 6 wide and 10 high."""
    numbers = iter(range(10_000))
    made: list[Page] = []
    for page, lines in enumerate(pages, start=1):
        segments: list[Segment] = []
        for top, cells in lines:
            for left, text in cells:
                words: list[Word] = []
                for word in text.split():
                    start = left + 6 * sum(len(w.text) + 1 for w in words)
                    box = BoundingBox(
                        left=start, top=top, right=start + 6 * len(word), bottom=top + 10
                    )
                    words.append(Word(id=next(numbers), text=word, box=box))
                segments.append(segment_of(next(numbers), page, words))
        made.append(Page(number=page, width=600, height=800, segments=tuple(segments)))
    return Document(id="printed", pages=tuple(made))


def items(document: Document, model: type[BaseModel] = Invoice) -> list[dict[str, Any]]:
    """The items of the only list, as it would be filled."""
    schema = FieldSchema(model)
    (path,) = {leaf.list_path for leaf in schema.leaves if leaf.list_path}
    found = read_tables(document, schema, [path]).items
    filled, warnings = schema.fill({p: c.value for p, c in found.items()})
    assert not warnings
    return [item.model_dump(exclude_none=True) for item in getattr(filled, path)]


def widget(description: str, quantity: str, unit_price: str, amount: str) -> dict[str, Any]:
    return {
        "description": description,
        "quantity": Decimal(quantity),
        "unit_price": Decimal(unit_price),
        "amount": Decimal(amount),
    }


BLUE = widget("Blue widget, 20 mm", "2", "3.50", "7.00")
RED = widget("Red one", "10", "1.50", "15.00")


def test_rows_below_headings_are_items_with_their_places() -> None:
    page = printed(
        [(30, HEADINGS), (50, FIRST), (65, SECOND), (85, [(300, "Total"), (406, "22.00")])]
    )
    assert items(page) == [BLUE, RED]
    tables = read_tables(page, FieldSchema(Invoice), ["items"])
    amount = tables.items["items[1].amount"]
    (segment,) = (s for s in page.segments if s.text == "15.00")
    assert amount.segments == (segment.id,)
    assert amount.citations[0].box == segment.box
    assert amount.gcn == pytest.approx(0.9)
    assert tables.headings == {s.id for s in page.segments if s.box.top == 30}


@pytest.mark.parametrize(
    "sums",
    [
        [(300, "Total"), (406, "22.00")],
        [(60, "Subtotal"), (406, "22.00")],
        [(60, "BALANCEDUE"), (406, "22.00")],
        [(250, "VAT 20 %"), (406, "4.40")],
        [(60, "Zwischensumme"), (406, "22.00")],
    ],
)
def test_sums_are_no_items_and_more_items_may_follow_them(sums: Line) -> None:
    paid: Line = [(60, "Paid in cash"), (406, "30.00")]
    below: Line = [(60, "Delivery"), (256, "1"), (330, "9.00"), (412, "9.00")]
    page = printed([(30, HEADINGS), (50, FIRST), (65, SECOND), (80, sums), (95, paid)])
    assert items(page) == [BLUE, RED]
    page = printed([(30, HEADINGS), (50, FIRST), (65, sums), (80, below), (95, sums)])
    assert items(page) == [BLUE, widget("Delivery", "1", "9.00", "9.00")]


def test_a_section_is_no_part_of_an_item() -> None:
    class Part(Item):
        position: str | None = None

    class Parts(BaseModel):
        items: list[Part] = []

    page = printed(
        [(30, HEADINGS), (50, [(10, "Tools")]), (65, FIRST), (80, [(10, "Toys")]), (95, SECOND)]
    )
    assert [(x["position"], x["description"]) for x in items(page, Parts)] == [
        ("1", "Blue widget, 20 mm"),
        ("2", "Red one"),
    ]


def test_another_field_of_the_document_is_no_item() -> None:
    class Bill(Invoice):
        deposit: Annotated[Decimal | None, Keys("Returnable crates")] = None

    below: Line = [(60, "Returnable crates"), (406, "12.00")]
    page = printed([(30, HEADINGS), (50, FIRST), (65, SECOND), (80, below)])
    assert items(page, Bill) == [BLUE, RED]


def test_a_text_goes_on_in_the_next_line() -> None:
    page = printed(
        [
            (30, HEADINGS),
            (50, FIRST),
            (62, [(60, "with screws")]),
            (80, SECOND),
            (95, [(60, "Hans")]),
        ]
    )
    assert [item["description"] for item in items(page)] == [
        "Blue widget, 20 mm with screws",
        "Red one Hans",
    ]


def test_a_line_is_of_the_item_that_it_stands_nearer_to() -> None:
    page = printed([(30, HEADINGS), (50, FIRST), (78, [(60, "Special:")]), (89, SECOND)])
    assert [item["description"] for item in items(page)] == [
        "Blue widget, 20 mm",
        "Special: Red one",
    ]


def test_a_table_goes_on_on_the_next_page_with_its_headings_or_without() -> None:
    first = [(30, HEADINGS), (50, FIRST), (770, [(10, "Page 1 of 2")])]
    letterhead: Line = [(10, "Invoice 12"), (400, "3 May 2024")]
    again = [(10, letterhead), (40, HEADINGS), (60, SECOND)]
    without = [(10, letterhead), (60, SECOND), (80, [(300, "Total"), (406, "22.00")])]
    assert items(printed(first, again)) == [BLUE, RED]
    assert items(printed(first, without)) == [BLUE, RED]
    over = [(30, HEADINGS), (50, FIRST), (70, [(300, "Total"), (412, "7.00")])]
    assert items(printed(over, without)) == [BLUE]
    carried = [(30, HEADINGS), (50, FIRST), (70, [(300, "Carried forward"), (412, "7.00")])]
    assert items(printed(carried, without)) == [BLUE, RED]


def test_bookings_have_a_debit_or_a_credit() -> None:
    head: Line = [(10, "Date"), (90, "Text"), (280, "Debit"), (360, "Credit"), (440, "Balance")]
    rows = [
        (30, head),
        (50, [(10, "01.03.2024"), (90, "Opening balance"), (440, "1,000.00")]),
        (65, [(10, "04.03.2024"), (90, "Tax payment"), (274, "200.00"), (446, "800.00")]),
        (80, [(10, "07.03.2024"), (90, "Salary"), (348, "2,500.00"), (440, "3,300.00")]),
        (95, [(90, "Balance carried forward"), (440, "3,300.00")]),
    ]
    found = items(printed(rows), Statement)
    assert [(b["details"], b.get("debit"), b.get("credit"), b["balance"]) for b in found] == [
        ("Tax payment", Decimal("200.00"), None, Decimal("800.00")),
        ("Salary", None, Decimal("2500.00"), Decimal("3300.00")),
    ]
    assert found[0]["date"] == dt.date(2024, 3, 4)


def test_what_is_not_asked_for_is_a_column_too() -> None:
    class Short(BaseModel):
        description: str | None = None
        amount: Decimal | None = None

    class Two(BaseModel):
        items: list[Short] = []

    assert items(printed([(30, HEADINGS), (50, FIRST), (65, SECOND)]), Two) == [
        {"description": "Blue widget, 20 mm", "amount": Decimal("7.00")},
        {"description": "Red one", "amount": Decimal("15.00")},
    ]


def test_headings_of_two_lines_are_read_together() -> None:
    upper: Line = [(300, "Unit"), (400, "Amount")]
    lower: Line = [(60, "Description"), (250, "Qty"), (300, "price"), (400, "EUR")]
    assert items(printed([(30, upper), (42, lower), (62, FIRST), (77, SECOND)])) == [BLUE, RED]


def test_numbers_and_units_of_columns_are_no_item() -> None:
    notes: Line = [(10, "(1)"), (60, "(2)"), (250, "(3)"), (300, "EUR"), (400, "(EUR)")]
    assert items(printed([(30, HEADINGS), (41, notes), (60, FIRST), (75, SECOND)])) == [BLUE, RED]


def test_a_line_above_the_headings_is_none_of_them() -> None:
    above: Line = [(10, "Reason: damaged in transit")]
    page = printed([(18, above), (30, HEADINGS), (45, FIRST), (60, SECOND)])
    assert items(page) == [BLUE, RED]
    # A line that adds a heading is one of them.
    upper: Line = [(300, "Unit")]
    lower: Line = [*HEADINGS[:3], (300, "price"), HEADINGS[4]]
    assert items(printed([(18, upper), (30, lower), (45, FIRST), (60, SECOND)])) == [BLUE, RED]


def test_headings_and_rows_that_ocr_ran_into_one_line_are_cut_at_the_words() -> None:
    head: Line = [(10, "Description      Qty Unit price Amount".replace("      ", " "))]
    page = printed([(30, head), (50, [(10, "Bluewidget_ 2 x_3.50 7.00")])])
    (headings,) = find_headings([page.segments], FieldSchema(Invoice).leaves[1:])
    assert [c.leaf.name if c.leaf else None for c in headings.columns] == [
        "description",
        "quantity",
        "unit_price",
        "amount",
    ]


def test_running_text_below_headings_is_no_row() -> None:
    text: Line = [(10, "All goods stay ours until 30 days after they were paid in full, see 7.00")]
    page = printed([(30, HEADINGS), (50, FIRST), (65, SECOND), (80, text)])
    assert items(page) == [BLUE, RED]
    assert items(printed([(30, HEADINGS), (50, text)])) == []


def test_keys_beside_their_values_are_no_headings() -> None:
    line: Line = [(10, "Description:"), (90, "Blue"), (200, "Amount:"), (260, "7.00")]
    page = printed([(30, line), (45, [(10, "Quantity:"), (90, "2")])])
    assert read_tables(page, FieldSchema(Invoice), ["items"]).items == {}


def test_of_two_lists_the_one_whose_keys_are_printed_has_the_table() -> None:
    class Payment(BaseModel):
        description: str | None = None
        amount: Decimal | None = None
        method: str | None = None

    class Both(BaseModel):
        items: list[Item] = []
        payments: list[Payment] = []

    paid: Line = [(60, "Description"), (250, "Method"), (400, "Amount")]
    page = printed(
        [
            (30, HEADINGS),
            (50, FIRST),
            (65, SECOND),
            (100, paid),
            (120, [(60, "First part"), (250, "Card"), (412, "9.00")]),
        ]
    )
    found = read_tables(page, FieldSchema(Both), ["items", "payments"]).items
    assert {p.partition(".")[0] for p in found} == {"items[0]", "items[1]", "payments[0]"}
    assert found["payments[0].method"].text == "Card"


def test_a_table_of_texts_ends_where_another_begins() -> None:
    class Contact(BaseModel):
        name: str | None = None
        role: str | None = None

    class Contacts(BaseModel):
        contacts: list[Contact] = []

    page = printed(
        [
            (30, [(10, "Name"), (200, "Role")]),
            (50, [(10, "Ann Lee"), (200, "Sales")]),
            (65, [(10, "Bo Tan"), (200, "Support")]),
            (120, [(10, "Thank you"), (200, "very much")]),
        ]
    )
    assert items(page, Contacts) == [
        {"name": "Ann Lee", "role": "Sales"},
        {"name": "Bo Tan", "role": "Support"},
    ]


@pytest.mark.parametrize(
    ("text", "key", "least"),
    [
        ("Qty.", "quantity", 1.0),
        ("Descripton", "description", 0.86),
        ("Net amount", "amount", 0.8),
        ("Price", "unit price", 0.75),
        ("UoM", "unit", 1.0),
        ("N.W. (kg)", "net weight", 0.8),
        ("U/P", "unit price", 1.0),
    ],
)
def test_headings_are_like_keys(text: str, key: str, least: float) -> None:
    assert heading_likeness(text, key) >= least


@pytest.mark.parametrize(
    ("text", "key"),
    [("Amount:", "amount"), ("Weight", "amount"), ("", "amount"), ("—", "amount"), ("Amount", "-")],
)
def test_others_are_not(text: str, key: str) -> None:
    assert heading_likeness(text, key) == 0.0


def test_a_heading_is_no_key_of_the_value_below(predictions: Make) -> None:
    class Bill(BaseModel):
        amount: Annotated[Decimal | None, Keys("total")] = None
        items: list[Item] = []

    page = printed(
        [(30, HEADINGS), (50, FIRST), (65, SECOND), (85, [(300, "Total"), (406, "22.00")])]
    )
    proposal = Proposal.of(page, FieldSchema(Bill), predictions(page, {}))
    assert [c.text for c in proposal.flat["amount"]] == ["22.00"]
    assert len({path.partition(".")[0] for path in proposal.lists}) == 2


def test_a_list_that_the_checkpoint_knows_is_its_own(predictions: Make) -> None:
    page = printed([(30, HEADINGS), (50, FIRST), (65, SECOND)])
    names = ("description", "quantity", "unit_price", "amount")
    known = predictions(page, {0: {f"items.{name}": 0.1 for name in names}})
    assert Proposal.of(page, FieldSchema(Invoice), known).lists == {}


def test_of_a_list_that_is_known_in_part_the_table_has_the_rest(predictions: Make) -> None:
    page = printed([(30, HEADINGS), (50, FIRST), (65, SECOND)])
    (place,) = (n for n, s in enumerate(page.segments) if s.text == "7.00")
    known = predictions(page, {place: {"items.amount": 0.9}})
    proposal = Proposal.of(page, FieldSchema(Invoice), known)
    assert len(proposal.lists) == 8
    assert proposal.lists["items[1].description"].text == "Red one"
    without = printed([(50, FIRST), (65, SECOND)])
    (place,) = (n for n, s in enumerate(without.segments) if s.text == "7.00")
    known = predictions(without, {place: {"items.amount": 0.9}})
    assert set(Proposal.of(without, FieldSchema(Invoice), known).lists) == {"items[0].amount"}


def test_the_table_of_an_invoice_of_two_pages() -> None:
    class Line(BaseModel):
        item: str | None = None
        description: str | None = None
        quantity: int | None = None
        unit_price: Decimal | None = None
        amount: Decimal | None = None

    class Order(BaseModel):
        lines: list[Line] = []

    found = items(load_document(INVOICE), Order)
    assert len(found) == 28
    assert all(len(item) == 5 for item in found)
    assert sum(item["amount"] for item in found) == Decimal("5499.10")
    assert all(item["quantity"] * item["unit_price"] == item["amount"] for item in found)


def test_a_page_of_thousands_of_segments_takes_a_moment() -> None:
    rows = [(30 + 12 * n, [(10 + 70 * k, f"{n}.{k:02}") for k in range(8)]) for n in range(600)]
    page = printed([(10, HEADINGS), *rows])
    assert len(page.segments) > 4000
    read_tables(page, FieldSchema(Invoice), ["items"])

"""Where cells stand that an LLM read without the right citation."""

from __future__ import annotations

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt
from hybrid.verify.extract import Reading
from hybrid.verify.read_cells import cells_of
from hybrid.verify.replies import Claim
from tests.hybrid.conftest import make_document

SCHEMA = FieldSchema(ItemizedReceipt)
PAGE = make_document(
    [
        ("Nasi Goreng", 10, 10, 100, 22),
        ("2", 150, 10, 160, 22),
        ("9.00", 200, 10, 240, 22),
        ("18.00", 300, 10, 340, 22),
        ("Es Teh", 10, 30, 80, 42),
        ("2", 150, 30, 160, 42),
        ("3.00", 200, 30, 240, 42),
        ("6.00", 300, 30, 340, 42),
        ("Es Jeruk", 10, 50, 80, 62),
        ("1", 150, 50, 160, 62),
        ("6.00", 200, 50, 240, 62),
        ("6.00", 300, 50, 340, 62),
    ]
)


def found(document: Document, **cells: tuple[str, int | None]) -> dict[str, tuple[int, ...]]:
    """Segments by the name of a cell, of one item that was read so."""
    claims = [
        Claim(
            f"menu[0].{name}",
            SCHEMA.leaf_of(f"menu[0].{name}"),
            () if line is None else (line,),
            value,
        )
        for name, (value, line) in cells.items()
    ]
    read = cells_of(Reading(tuple(claims), None, LlmUsage()), document)
    return {path.partition(".")[2]: place.segments for path, place in read.items()}


def test_another_cell_of_the_row_was_cited() -> None:
    cells = found(PAGE, name=("Es Teh", 7), count=("2", 4))
    assert cells == {"name": (4,), "count": (5,)}


def test_uncited_cells_stand_on_the_row_of_those_that_are_cited() -> None:
    cells = found(PAGE, name=("Es Teh", 4), unit_price=("3.00", None), price=("6.00", None))
    assert cells == {"name": (4,), "unit_price": (6,), "price": (7,)}


def test_without_a_citation_only_what_stands_there_once_is_found() -> None:
    assert found(PAGE, name=("Nasi Goreng", None), count=("2", None)) == {"name": (0,)}
    assert found(PAGE, price=("18.00", None)) == {"price": (3,)}


def test_what_stands_on_the_row_twice_may_be_either() -> None:
    cells = found(PAGE, name=("Es Jeruk", 8), price=("6.00", None))
    assert cells == {"name": (8,)}


def test_what_the_page_does_not_have_is_found_nowhere() -> None:
    assert found(PAGE, name=("Kopi", 0), price=("7.00", 3)) == {}

"""What a small LLM takes for more rows of a table is told by its name and its place."""

from __future__ import annotations

import pytest

from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.no_items import no_items
from tests.hybrid.conftest import make_document

SCHEMA = FieldSchema(ItemizedReceipt)
NAME = next(leaf for leaf in SCHEMA.leaves if leaf.path == "menu[].name")
PAGE = ["Table 14", "Oysters", "Lamb", "Dessert", "Subtotal", "Group surcharge", "Total EUR", "Tip"]


def items(*texts: str) -> list[dict[str, Candidate]]:
    """Each text one item, on a line of its own of a page that has all texts of `PAGE`."""
    document = make_document([(t, 100, 40 * n, 300, 40 * n + 20) for n, t in enumerate(PAGE)])
    by_text = {segment.text: segment for segment in document.segments}
    return [{".name": read_candidates([by_text[text]], NAME, None)[0]} for text in texts]


@pytest.mark.parametrize(
    ("rows", "read", "none"),
    [
        # What follows a sum is none, sums or not, and neither is what stands above the first row.
        (PAGE[1:4], PAGE, {0, 4, 5, 6, 7}),
        # An item that the headings missed, between rows or behind the last one, stays.
        (["Oysters", "Dessert"], PAGE[1:4], set()),
        (["Oysters", "Lamb"], PAGE[1:5], {3}),
        # Without rows it is only what follows the last sum.
        ([], PAGE, {4, 6, 7}),
        ([], PAGE[1:4], set()),
        # A list that begins with a sum, such as taxes, is one of sums.
        ([], ["Subtotal", "Total EUR", "Tip"], set()),
        ([], [], set()),
    ],
)
def test_sums_and_what_is_around_the_rows(rows: list[str], read: list[str], none: set[int]) -> None:
    pairs = {place: read.index(text) for place, text in enumerate(rows)}
    assert no_items(items(*rows), items(*read), pairs) == none


def test_a_sum_that_is_a_row_stays() -> None:
    assert no_items(items("Lamb", "Subtotal"), items("Lamb", "Subtotal"), {0: 0, 1: 1}) == set()

"""Items that are read twice, with all their places, are one."""

from __future__ import annotations

from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt
from hybrid.verify.repeated_items import numbered_on, without_repeated
from hybrid.verify.replies import Claim

SCHEMA = FieldSchema(ItemizedReceipt)


def claim(path: str, value: str, *lines: int) -> Claim:
    return Claim(path, SCHEMA.leaf_of(path), lines, value)


def item(number: int, value: str, *lines: int) -> list[Claim]:
    head = f"menu[{number}]"
    return [claim(f"{head}.name", value, *lines), claim(f"{head}.price", "2.00", *lines)]


def test_the_same_item_at_the_same_place_is_one() -> None:
    total = claim("total.total", "2.00", 3)
    read = [*item(0, "Tea", 1), *item(1, "Tea", 2), *item(2, "Tea", 2), total, *item(3, "Cake", 4)]
    assert without_repeated(read) == [
        *item(0, "Tea", 1),
        *item(1, "Tea", 2),
        total,
        *item(2, "Cake", 4),
    ]


def test_without_places_only_what_is_the_same_in_all_is_one() -> None:
    read = [*item(0, "Tea"), *item(1, "Tea"), *item(2, "Tea")[:1]]
    assert without_repeated(read) == [*item(0, "Tea"), *item(1, "Tea")[:1]]


def test_of_an_item_that_a_block_cuts_the_half_is_left_out() -> None:
    tea, half, cake = item(0, "Tea", 1), item(1, "Cake", 2)[:1], item(2, "Cake", 2)
    assert without_repeated([*tea, *half, *cake]) == [*tea, *item(1, "Cake", 2)]
    again = [claim("menu[2].name", "Tea", 1)]
    assert without_repeated([*tea, *item(1, "Cake", 2), *again]) == [*tea, *item(1, "Cake", 2)]


def test_items_that_share_a_cited_cell_stay_whole() -> None:
    """A price that stands once for two items is the price of both."""
    tea = [claim("menu[0].name", "Tea", 1), claim("menu[0].price", "2.00", 1)]
    milk = [claim("menu[1].name", "Milk", 2), claim("menu[1].price", "2.00", 1)]
    assert without_repeated([*tea, *milk]) == [*tea, *milk]


def test_items_of_a_further_block_are_numbered_on() -> None:
    total = claim("total.total", "2.00", 3)
    known = [c.path for c in [*item(0, "Tea", 1), *item(1, "Milk", 2), total]]
    further = numbered_on([total, *item(0, "Cake", 4)], known)
    assert further == [total, *item(2, "Cake", 4)]

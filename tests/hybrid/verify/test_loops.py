"""Items that a reply repeats with all their places are one."""

from __future__ import annotations

from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt
from hybrid.verify.loops import without_repeated
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


def test_items_without_places_are_not_compared() -> None:
    read = [*item(0, "Tea"), *item(1, "Tea")]
    assert without_repeated(read) == read

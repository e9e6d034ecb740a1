from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt
from hybrid.verify.group import group_lists

Make = Callable[..., Any]


def test_a_lone_name_among_items_with_prices_is_no_item(document: Make, predictions: Make) -> None:
    page = document(
        [
            ("Tea", 50, 10, 200, 30),
            ("8,000", 400, 10, 480, 30),
            ("Thank you", 50, 300, 200, 320),
        ]
    )
    marks = {0: {"menu.nm": 0.9}, 1: {"menu.price": 0.9}, 2: {"menu.nm": 0.9}}
    found = group_lists(page, FieldSchema(ItemizedReceipt), predictions(page, marks))
    assert set(found) == {"menu[0].name", "menu[0].price"}
    only = group_lists(page, FieldSchema(ItemizedReceipt), predictions(page, {2: marks[2]}))
    assert set(only) == {"menu[0].name"}

"""The gold of the tasks `field` and `structure` on CORD's receipts, in all its releases.

Only what the built-in schema `ItemizedReceipt` asks for counts (`SCORED`); values of other labels
are left out. The rules:

- *Amounts* (all but `menu.nm`): the text is the last amount of the entity, without its currency, as
  printed: "45,500" for "TOTAL45,500" and for "Total Rp 45,500", "1" for "1 x"; a sign before the
  currency keeps both ("-Rp 5,000"). An entity without an amount keeps its text where that has a
  digit ("10%"); else ("FREE", or a key whose amount was not annotated) it is no gold value.
- *The menu*: `menu[i].nm`, `menu[i].price` and so on, where `i` counts the release's groups in the
  order of the parts. Two names in a group are one, joined by a blank.
- *The rest* has a plain path (`total.total_price`). Of several entities on one path the first is
  gold, and those that hold the same amount are alternatives to it; others are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hybrid.verify.values import find_numbers

from .base import GoldValue

SCORED = (
    "menu.nm",
    "menu.cnt",
    "menu.unitprice",
    "menu.price",
    "sub_total.subtotal_price",
    "sub_total.discount_price",
    "sub_total.service_price",
    "sub_total.tax_price",
    "total.total_price",
    "total.cashprice",
    "total.changeprice",
    "total.creditcardprice",
)
"""The labels of `ItemizedReceipt` by CORD's names."""

_TEXTS = frozenset({"menu.nm"})
_GLUED = re.compile(r"(?<=[^\W\d_])(?=\d)")
_AMOUNT = re.compile(r"(?:[-−(]\s?)?\d.*")


@dataclass(frozen=True)
class Part:
    """An entity of a receipt.

    Attributes:
        label: Of the release.
        group: Of the release: parts of one bought thing share it.
        text: Without the printed key where the release tells it apart.
        segment_ids: Where it stands.
    """

    label: str
    group: int
    text: str
    segment_ids: tuple[int, ...] = ()


def receipt_values(parts: Sequence[Part]) -> tuple[GoldValue, ...]:
    """The document-level values of a receipt.

    Args:
        parts: In the order of the release, or of reading where that has none.

    Returns:
        Values in the order of their first part; alternatives follow each other.
    """
    found: dict[str, list[GoldValue]] = {}
    for path, part in _paths(parts):
        text = part.text if part.label in _TEXTS else amount_text(part.text)
        if not text:
            continue
        value = GoldValue(path=path, label=part.label, text=text, segment_ids=part.segment_ids)
        earlier = found.setdefault(path, [])
        if earlier and part.label in _TEXTS:
            earlier[0] = _joined(earlier[0], value)
        elif not earlier or _amount(earlier[0].text) == _amount(text) is not None:
            earlier.append(value)
    return tuple(value for values in found.values() for value in values)


def _paths(parts: Iterable[Part]) -> Iterable[tuple[str, Part]]:
    """The parts that count, each with its path."""
    index_of: dict[int, int] = {}
    for part in parts:
        if part.label not in SCORED:
            continue
        table, name = part.label.split(".")
        if table == "menu":
            index = index_of.setdefault(part.group, len(index_of))
            yield f"menu[{index}].{name}", part
        else:
            yield part.label, part


def _joined(first: GoldValue, second: GoldValue) -> GoldValue:
    return GoldValue(
        path=first.path,
        label=first.label,
        text=f"{first.text} {second.text}",
        segment_ids=tuple(dict.fromkeys((*first.segment_ids, *second.segment_ids))),
    )


def amount_text(text: str) -> str | None:
    """The last amount of an entity as printed, without its currency.

    Where there is none, the text if it has a digit, or else None.
    """
    spaced = _GLUED.sub(" ", text)  # "TOTAL45,500": no number starts right behind a letter
    spans = list(find_numbers(spaced))
    if not spans:
        return text if any(c.isdigit() for c in text) else None
    start, end, value = spans[-1]
    printed = spaced[start:end]
    match = _AMOUNT.search(printed)
    bare = match[0] if match else printed
    return bare if _amount(bare) == value else printed


def _amount(text: str) -> Decimal | None:
    values = [value for _, _, value in find_numbers(text)]
    return values[-1] if values else None


def parts_tree(parts: Sequence[Part]) -> dict[str, Any]:
    """What `gt_parse` would say of a receipt, in the form of `restricted_tree`.

    Args:
        parts: In the order of the release.
    """
    menu: dict[int, dict[str, Any]] = {}
    tree: dict[str, Any] = {"menu": [], "sub_total": {}, "total": {}}
    for part in parts:
        if part.label not in SCORED:
            continue
        table, name = part.label.split(".")
        node = menu.setdefault(part.group, {}) if table == "menu" else tree[table]
        node.setdefault(name, []).append(part.text)
    tree["menu"] = list(menu.values())
    return restricted_tree(tree)


def restricted_tree(parse: Mapping[str, Any]) -> dict[str, Any]:
    """The part of CORD's `gt_parse` that `ItemizedReceipt` asks for, with CORD's names and texts.

    Args:
        parse: As released: a table is a dictionary or, in some files, a list of them; a value is a
            text or, in some files, a list of texts.

    Returns:
        `{"menu": [{"nm": ..., "cnt": ..., "unitprice": ..., "price": ...}], "sub_total": {...},
        "total": {...}}`: the menu always a list, a name of several texts joined by blanks, of
        several amounts the first. What the receipt does not have is left out, and so are things
        bought that have none of the four.
    """
    items = [_restricted("menu", item) for item in _dictionaries(parse.get("menu"))]
    tree: dict[str, Any] = {"menu": [item for item in items if item]}
    for table in ("sub_total", "total"):
        tree[table] = {}
        for node in _dictionaries(parse.get(table)):
            tree[table] = _restricted(table, node) | tree[table]
    return tree


def _dictionaries(node: Any) -> list[Mapping[str, Any]]:
    nodes = node if isinstance(node, list) else [node]
    return [n for n in nodes if isinstance(n, Mapping)]


def _restricted(table: str, node: Mapping[str, Any]) -> dict[str, str]:
    kept = {}
    for name, value in node.items():
        label = f"{table}.{name}"
        texts = [str(v).strip() for v in (value if isinstance(value, list) else [value])]
        texts = [text for text in texts if text]
        if label in SCORED and texts:
            kept[name] = " ".join(texts) if label in _TEXTS else texts[0]
    return kept

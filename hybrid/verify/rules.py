"""Rules: dates are plausible, amounts add up. They move the confidence; they never make a value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hybrid.schema import FieldSchema, Leaf

_CENT = Decimal("0.05")  # cash rounding, as in Malaysia, Switzerland and Sweden

_ROLES = {
    "total": ("total", "total.total_price"),
    "subtotal": ("sub_total.subtotal_price",),
    "discount": ("sub_total.discount_price",),
    "service": ("sub_total.service_price",),
    "tax": ("sub_total.tax_price",),
    "cash": ("total.cashprice",),
    "change": ("total.changeprice",),
    "price": ("menu.price",),
}


def check(schema: FieldSchema, values: Mapping[str, Any]) -> dict[str, float]:
    """Which values a rule speaks for or against.

    Roles follow from the labels that a leaf names, so a schema of one's own takes part when it
    names CORD's labels.

    Args:
        schema: Of the values.
        values: Concrete path to typed value; None counts as absent.

    Returns:
        Concrete path to 1 (a rule holds) or -1 (a rule is broken); paths without a rule are
        missing. A sum that does not come out proves nothing about any one of its terms, so only
        sums that hold count; dates outside 1970 to next year are broken.
    """
    verdicts = {path: _of_date(v) for path, v in values.items() if isinstance(v, date)}
    roles = _amounts_by_role(schema, values)
    total, subtotal = _single(roles, "total"), _single(roles, "subtotal")
    cash, change = _single(roles, "cash"), _single(roles, "change")
    if total and cash and change and _close(cash[1] - change[1], total[1]):
        verdicts |= dict.fromkeys((total[0], cash[0], change[0]), 1.0)
    extras = {name: _single(roles, name) for name in ("service", "tax", "discount")}
    if total and subtotal:
        amounts = {name: found[1] if found else Decimal(0) for name, found in extras.items()}
        for signed in (abs(amounts["discount"]), Decimal(0)):
            if _close(subtotal[1] + amounts["service"] + amounts["tax"] - signed, total[1]):
                paths = [total[0], subtotal[0], *(f[0] for f in extras.values() if f)]
                verdicts |= dict.fromkeys(paths, 1.0)
    prices = roles.get("price", [])
    for target in (subtotal, total):
        if target and prices and _close(sum((v for _, v in prices), Decimal(0)), target[1]):
            verdicts |= dict.fromkeys([target[0], *(path for path, _ in prices)], 1.0)
    return verdicts


def possible_verdicts(schema: FieldSchema, leaf: Leaf, value: Any) -> tuple[float, ...]:
    """What `check` may say of a value, whatever the other values of the document are.

    Args:
        schema: Of the document.
        leaf: Of the value.
        value: Typed.

    Returns:
        Verdicts, 0 where no rule applies.
    """
    if isinstance(value, date):
        return (_of_date(value),)
    return (0.0, 1.0) if takes_part_in_sums(schema, leaf) else (0.0,)


def takes_part_in_sums(schema: FieldSchema, leaf: Leaf) -> bool:
    """Whether a leaf's value can have a say in the verdict on another leaf's.

    So it is where the schema has all that a sum needs: a cash payment and its change, or a total
    or subtotal with parts.
    """
    has = {role for other in schema.leaves for role in _roles_of(other)}
    sums = [({"total", "cash", "change"}, set[str]())]
    sums.append(({"total", "subtotal"}, {"service", "tax", "discount"}))
    sums += [({"price", target}, set[str]()) for target in ("subtotal", "total")]
    roles = _roles_of(leaf)
    return any(needed <= has and roles & (needed | more) for needed, more in sums)


def _of_date(value: date) -> float:
    day = value.date() if isinstance(value, datetime) else value
    latest = date.today() + timedelta(days=366)
    return 1.0 if date(1970, 1, 1) <= day <= latest else -1.0


def _roles_of(leaf: Leaf) -> set[str]:
    return {role for role, names in _ROLES.items() if any(name in leaf.labels for name in names)}


def _amounts_by_role(
    schema: FieldSchema, values: Mapping[str, Any]
) -> dict[str, list[tuple[str, Decimal]]]:
    roles: dict[str, list[tuple[str, Decimal]]] = {}
    for path, value in values.items():
        if not isinstance(value, (Decimal, int, float)) or isinstance(value, bool):
            continue
        for role in _roles_of(schema.leaf_of(path)):
            roles.setdefault(role, []).append((path, Decimal(str(value))))
    return roles


def _single(
    roles: Mapping[str, list[tuple[str, Decimal]]], role: str
) -> tuple[str, Decimal] | None:
    found = roles.get(role, [])
    return found[0] if len(found) == 1 else None


def _close(a: Decimal, b: Decimal) -> bool:
    return abs(a - b) <= _CENT

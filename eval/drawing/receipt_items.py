"""The goods on a receipt, in the layouts that tills have for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from . import goods
from .roll import Cell
from .sheet import Style
from .till import Till
from .values import pattern


@dataclass(frozen=True)
class Line:
    """One kind of goods that was bought.

    Attributes:
        name: As printed.
        count: How many.
        price: Of one.
        code: Its number in the shop.
    """

    name: str
    count: int
    price: float
    code: str

    @property
    def amount(self) -> float:
        """Of all of them."""
        return round(self.count * self.price, 2)


@dataclass(frozen=True)
class _Habits:
    """How one receipt prints its items.

    Attributes:
        times: Between a count and a price.
        count: `#` stands for the count.
        mark: A letter for the tax rate that follows prices, or nothing.
        mark_apart: The letter is a segment of its own.
        split: Count, times sign and price below a name are segments of their own.
        always: One is printed as a count too.
    """

    times: str
    count: str
    mark: str
    mark_apart: bool
    split: bool
    always: bool


def draw_items(till: Till) -> tuple[float, int]:
    """Draws all items, at times with headings of columns and of groups.

    Returns:
        The sum of their amounts, less what was taken off single items, and how many they are.
    """
    rng = till.rng
    # Columns of counts and prices need some thirty-four characters.
    narrow = till.roll.right - till.roll.margin < 34 * 0.57 * till.body.size
    fitting = [pair for pair in _LAYOUTS if not narrow or len(pair[1]) < 4]
    layout, headings = rng.choice(fitting)
    habits = _random_habits(rng)
    if till.chance(0.45):
        _headings(till, headings)
    total, number = 0.0, 0
    for index in range(rng.choice((1, 2, 2, 3, 3, 4, 5, 6, 8, rng.randint(6, 16)))):
        if till.chance(0.04 if index else 0.1):
            till.roll.cells([Cell(0, till.word("group"))], till.body)
        line = _random_line(till)
        layout(till, line, habits)
        total += line.amount + _below(till, line)
        number += line.count
    return round(total, 2), number


def _random_habits(rng: Random) -> _Habits:
    return _Habits(
        times=rng.choice(("x", "x", "X", "@", "*")),
        count=rng.choice(("#", "#", "#x", "# x", "#X", "x#")),
        mark=rng.choice(("", "", "", " A", " B", " T", " SR", "*", " F", " 1")),
        mark_apart=rng.random() < 0.2,
        split=rng.random() < 0.6,
        always=rng.random() < 0.6,
    )


def _random_line(till: Till) -> Line:
    rng = till.rng
    count = rng.choices((1, 2, 3, 4, rng.randint(5, 24)), (60, 22, 8, 5, 3))[0]
    price = rng.choice((rng.uniform(0.3, 9), rng.uniform(2, 30), rng.uniform(10, 160)))
    if till.restaurant:
        price = rng.choice((0.0, 0.5, 0.95, 0.9)) + rng.randint(1, 34)
    name = goods.item(rng, till.language, till.restaurant)
    code = pattern(rng, rng.choice(("####", "#####", "######", "#############", "@##", "##")))
    return Line(
        name=till.cased(name),
        count=count,
        price=till.rounded(price * till.country.scale) or till.country.scale,
        code=code,
    )


def _headings(till: Till, columns: dict[float, str]) -> None:
    texts = [Cell(position, till.word(name)) for position, name in columns.items()]
    style = till.loud if till.loud.size < till.body.size * 1.15 and till.chance(0.4) else till.body
    till.roll.cells(texts, style, cut=True)
    if till.chance(0.6):
        till.roll.rule(dashed=till.dashed)


def _price(till: Till, habits: _Habits, value: float, label: str = "menu.price") -> list[Cell]:
    """The amount at the right, with the letter of its tax rate."""
    text = till.money(value)
    if habits.mark_apart and habits.mark:
        return [Cell(-0.93, text, label), Cell(-1, habits.mark.strip())]
    return [Cell(-1, text + habits.mark, label)]


def _count(habits: _Habits, count: int) -> str:
    return habits.count.replace("#", str(count))


def _plain(till: Till, line: Line, habits: _Habits) -> None:
    """Name and price; of several, the count and the price of one on a row below or above."""
    if line.count > 1 or till.chance(0.06):
        row = _times(till, line, habits)
        if habits.times == "*":
            till.roll.cells(row, till.body)
            till.roll.cells([Cell(0, line.name, "menu.nm"), *_price(till, habits, line.amount)],
                            till.body, cut=True)  # fmt: skip
        else:
            till.roll.cells([Cell(0, line.name, "menu.nm")], till.body)
            till.roll.cells([*row, *_price(till, habits, line.amount)], till.body)
        return
    row = [Cell(0, line.name, "menu.nm"), *_price(till, habits, line.amount)]
    till.roll.cells(row, till.body, cut=True)


def _times(till: Till, line: Line, habits: _Habits) -> list[Cell]:
    """The count and the price of one, as one segment or as two."""
    price = till.money(line.price)
    if habits.split:
        left = Cell(0.06, f"{line.count} {habits.times}", "menu.cnt")
        return [left, Cell(0.26, price, "menu.unitprice")]
    return [Cell(0.06, f"{line.count} {habits.times} {price}", "menu.unitprice")]


def _count_first(till: Till, line: Line, habits: _Habits) -> None:
    """A narrow column of counts, then names."""
    cells = [Cell(0.11, line.name, "menu.nm"), *_price(till, habits, line.amount)]
    if line.count > 1 or habits.always:
        cells.insert(0, Cell(0, _count(habits, line.count), "menu.cnt"))
    till.roll.cells(cells, till.body, cut=True)


def _count_in_name(till: Till, line: Line, habits: _Habits) -> None:
    """Count and name as one segment, as OCR reads them where they stand close."""
    name = f"{_count(habits, line.count)} {line.name}" if habits.count != "x#" else line.name
    cells = [Cell(0, name, "menu.nm"), *_price(till, habits, line.amount)]
    till.roll.cells(cells, till.body, cut=True)


def _columns(till: Till, line: Line, habits: _Habits) -> None:
    """Name, count, price of one, amount."""
    cells = [
        Cell(0, line.name, "menu.nm"),
        Cell(-0.56, str(line.count), "menu.cnt"),
        Cell(-0.78, till.country.number(line.price), "menu.unitprice"),
        *_price(till, habits, line.amount),
    ]
    till.roll.cells(cells, till.body, cut=True)


def _count_columns(till: Till, line: Line, habits: _Habits) -> None:
    """Count, name, price of one, amount."""
    cells = [
        Cell(0, _count(habits, line.count), "menu.cnt"),
        Cell(0.11, line.name, "menu.nm"),
        Cell(-0.77, till.country.number(line.price), "menu.unitprice"),
        *_price(till, habits, line.amount),
    ]
    till.roll.cells(cells, till.body, cut=True)


def _two_rows(till: Till, line: Line, habits: _Habits) -> None:
    """The name on a row of its own, numbers in columns below."""
    till.roll.lines([line.name], "left", "menu.nm", till.body)
    cells = [
        Cell(-0.5, str(line.count), "menu.cnt"),
        Cell(-0.74, till.country.number(line.price), "menu.unitprice"),
        *_price(till, habits, line.amount),
    ]
    if len(line.code) > 3:
        cells.insert(0, Cell(0, line.code, "menu.num"))
    till.roll.cells(cells, till.body, cut=True)


def _coded(till: Till, line: Line, habits: _Habits) -> None:
    """The number of the goods first."""
    cells = [
        Cell(0, line.code[:6], "menu.num"),
        Cell(0.22, line.name, "menu.nm"),
        *_price(till, habits, line.amount),
    ]
    if line.count > 1 or habits.always:
        cells.insert(2, Cell(-0.7, str(line.count), "menu.cnt"))
    till.roll.cells(cells, till.body, cut=True)


def _count_after(till: Till, line: Line, habits: _Habits) -> None:
    """Name, then the count in the middle, then the amount."""
    cells = [Cell(0, line.name, "menu.nm"), *_price(till, habits, line.amount)]
    if line.count > 1 or habits.always:
        cells.insert(1, Cell(-0.68, _count(habits, line.count), "menu.cnt"))
    till.roll.cells(cells, till.body, cut=True)


def _below(till: Till, line: Line) -> float:
    """What stands below an item: changes to a dish, money off; returns what it adds to the sum."""
    rng = till.rng
    small = Style(till.body.font, till.body.size * 0.95, till.body.ink)
    if till.restaurant and till.chance(0.13):
        extra = 0.0
        for _ in range(rng.randint(1, 2)):
            indent = rng.choice((0.06, 0.12, 0.16))
            text = rng.choice(("", "", "+ ", "- ", "* ", ">")) + till.word("modifier")
            cells = [Cell(indent, text, "menu.sub.nm")]
            if till.chance(0.3):
                price = till.rounded(rng.choice((0.5, 1.0, 1.5, 2.0)) * till.country.scale)
                extra += price
                cells.append(Cell(-1, till.money(price), "menu.sub.price"))
            till.roll.cells(cells, small, cut=True)
        return extra
    if till.chance(0.06):
        off = -max(till.rounded(line.amount * rng.choice((0.05, 0.1, 0.2, 0.25))), 0.01)
        key, text = till.word("discount"), till.money(off)
        if till.chance(0.15):
            text = f"{text[1:]}-"
        row = [Cell(0.08, key, "menu.discountprice"), Cell(-1, text, "menu.discountprice")]
        till.roll.cells(row, till.body, cut=True)
        return off
    return 0.0


_Layout = Callable[[Till, Line, _Habits], None]
_WIDE: Final = {0.0: "name", -0.56: "quantity", -0.78: "price", -1.0: "amount"}
_LAYOUTS: Final[tuple[tuple[_Layout, dict[float, str]], ...]] = (
    (_plain, {0.0: "name", -1.0: "amount"}),
    (_plain, {0.0: "name", -1.0: "price"}),
    (_count_first, {0.0: "quantity", 0.2: "name", -1.0: "amount"}),
    (_count_first, {0.0: "quantity", 0.2: "name", -1.0: "price"}),
    (_count_in_name, {0.0: "name", -1.0: "amount"}),
    (_columns, _WIDE),
    (_count_columns, {0.0: "quantity", 0.2: "name", -0.77: "price", -1.0: "amount"}),
    (_two_rows, {0.0: "name", -0.5: "quantity", -0.74: "price", -1.0: "amount"}),
    (_coded, {0.22: "name", -0.7: "quantity", -1.0: "amount"}),
    (_count_after, {0.0: "name", -0.68: "quantity", -1.0: "amount"}),
)
"""The layouts, with the columns that headings stand over."""

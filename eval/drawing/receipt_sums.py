"""Below the goods: subtotal, taxes, the total, and how it was paid."""

from __future__ import annotations

from .roll import Cell
from .sheet import Style
from .till import Till
from .till_words import filled
from .values import pattern


def draw_sums(till: Till, goods: float, count: int) -> str:
    """Draws the sums and the payment; they add up.

    Args:
        till: What it is drawn on.
        goods: The sum of the items.
        count: How many they are.

    Returns:
        The total, without its key.
    """
    if till.chance(0.2):
        _count(till, count)
    tax_name, rates = till.country.tax(till.rng)
    due = _before_total(till, goods, tax_name, rates)
    total = _total(till, due)
    if till.country.included and till.chance(0.6):
        if till.chance(0.4):
            till.separate()
        _included_tax(till, due, tax_name, rates)
    if till.chance(0.12):
        _count(till, count)
    if till.chance(0.85):
        _payment(till, due)
    if till.country.included and till.chance(0.15):
        _tax_table(till, due, rates)
    return total


def _count(till: Till, count: int) -> None:
    till.pair(till.word("count"), str(count), "total.menuqty_cnt", till.body)


def _before_total(till: Till, goods: float, tax_name: str, rates: tuple[float, ...]) -> float:
    """Subtotal, discount, service, tax and rounding, as they come; returns what is to be paid."""
    due = goods
    added = not till.country.included
    if till.chance(0.8 if added else 0.45):
        text = till.money(due)
        till.pair(till.word("subtotal"), text, "sub_total.subtotal_price", till.body)
    if till.chance(0.15):
        off = max(till.rounded(goods * till.rng.choice((0.05, 0.1, 0.15, 0.2))), 0.01)
        if off < due:
            due -= off
            text = till.money(-off) if till.chance(0.8) else f"({till.money(off)})"
            till.pair(till.word("discount"), text, "sub_total.discount_price", till.body)
    if till.chance(0.3 if till.restaurant else 0.03):
        service = till.rounded(goods * till.rng.choice((0.05, 0.1, 0.125, 0.18)))
        due += service
        key, text = till.word("service"), till.money(service)
        till.pair(key, text, "sub_total.service_price", till.body)
    if added and till.chance(0.85):
        for rate in rates[: 2 if till.chance(0.12) else 1]:
            tax = round(goods * rate / 100, till.country.decimals)
            due += tax
            key = _tax_key(till, tax_name, rate)
            till.pair(key, till.money(tax), "sub_total.tax_price", till.body)
    elif till.country.included and till.chance(0.2):
        _included_tax(till, due, tax_name, rates)
    step = till.country.step
    rounded = round(round(due / step) * step, 2)
    if step > 0.01 and till.chance(0.45):
        text = till.country.number(abs(rounded - due))
        text = f"-{text}" if rounded < due else text
        till.pair(till.word("rounding"), text, "sub_total.etc", till.body)
        return rounded
    return round(due, till.country.decimals)


def _tax_key(till: Till, name: str, rate: float) -> str:
    number = f"{rate:g}".replace(".", till.country.marks[0])
    forms = (
        name,
        f"{name} {number}%",
        f"{name} {number}%",
        f"{name} ({number}%)",
        f"{number}% {name}",
    )
    return till.cased(till.rng.choice(forms))


def _included_tax(till: Till, due: float, name: str, rates: tuple[float, ...]) -> None:
    for rate in rates[: till.rng.choice((1, 1, 2, 3))]:
        tax = due * rate / (100 + rate) * till.rng.choice((1.0, 0.6, 0.3))
        key, text = _tax_key(till, name, rate), till.money(tax)
        till.pair(key, text, "sub_total.tax_price", till.body)


def _tax_table(till: Till, due: float, rates: tuple[float, ...]) -> None:
    """A row for each rate: its net, its tax and its gross; only the tax is an entity."""
    till.separate()
    heads = till.rng.choice((("%", "Net", "Tax", "Gross"), ("Code", "Netto", "Steuer", "Brutto")))
    cells = [Cell(0, heads[0]), Cell(-0.42, heads[1]), Cell(-0.7, heads[2]), Cell(-1, heads[3])]
    till.roll.cells(cells, till.body, cut=True)
    for index, rate in enumerate(rates[:2]):
        tax = due * rate / (100 + rate)
        rate_text = f"{rate:g}%" if till.chance(0.6) else f"{'AB'[index]} {rate:g}%"
        cells = [
            Cell(0, rate_text, "sub_total.tax_price"),
            Cell(-0.42, till.country.number(due - tax)),
            Cell(-0.7, till.country.number(tax), "sub_total.tax_price"),
            Cell(-1, till.country.number(due)),
        ]
        till.roll.cells(cells, till.body)


def _total(till: Till, due: float) -> str:
    """The total: key left and amount right, or on rows of their own, at times with the currency."""
    rng = till.rng
    if till.chance(0.45):
        till.separate()
    key, text = till.word("total"), till.money(due, till.total_sign)
    name = rng.choice(till.country.names)
    style = till.loud if till.chance(0.8) else till.body
    kind = rng.random()
    if kind < 0.22 and name not in key:
        text = till.money(due, "#")
        till.pair(f"{key} {name}", text, "total", style)
    elif kind < 0.3:
        text = till.money(due, "#")
        middle = rng.uniform(0.4, 0.6)
        cells = [Cell(0, key, "total"), Cell(middle, name, "total"), Cell(-1, text, "total")]
        till.roll.cells(cells, style)
    elif kind < 0.42:
        # A key and below it a large amount at the right or in the middle.
        large = Style(till.loud.font, till.loud.size * rng.uniform(1.1, 1.6), till.loud.ink)
        till.roll.lines([key + till.suffix], till.align, "total", style)
        if till.align == "center":
            till.roll.lines([text], "center", "total", large)
        else:
            till.roll.cells([Cell(-1, text, "total")], large)
    else:
        till.pair(key, text, "total", style)
    if till.chance(0.12):
        second = till.money(due, rng.choice(till.country.signs))
        till.pair(till.word("total"), second, "total", till.body)
    return text


def _payment(till: Till, due: float) -> None:
    """Cash and change, a wallet, or a card with its slip."""
    rng = till.rng
    if till.chance(0.35):
        till.separate()
    kind = rng.random()
    if kind < 0.42:
        step = 10000 if till.country.scale > 100 else rng.choice((1, 5, 10, 20, 50))
        given = (due // step + 1) * step if till.chance(0.85) else due
        till.pair(till.word("cash"), till.money(given), "total.cashprice", till.body)
        if till.chance(0.9):
            text = till.money(given - due)
            till.pair(till.word("change"), text, "total.changeprice", till.body)
    elif kind < 0.5:
        till.pair(till.word("wallet"), till.money(due), "total.emoneyprice", till.body)
    else:
        key = till.word("card")
        mask = rng.choice(
            ("**** {}", "************{}", "XXXX XXXX XXXX {}", "xx{}", "#### #### #### {}")
        )
        number = mask.format(pattern(rng, "####"))
        if mask != "#### #### #### {}" and till.chance(0.25):
            key = f"{key} {number}"
        till.pair(key, till.money(due), "total.creditcardprice", till.body)
        if till.chance(0.6):
            _slip(till, number)


def _slip(till: Till, number: str) -> None:
    """What the terminal prints: a masked number, codes, the amount again."""
    rng = till.rng
    if till.chance(0.3):
        till.separate()
    rows = [number, *(filled(rng, till.language, "approval") for _ in range(rng.randint(1, 5)))]
    if till.chance(0.3):
        rng.shuffle(rows)
    aligned = till.chance(0.7)
    for text in rows:
        key, colon, value = text.partition(": ")
        if colon and till.chance(0.3):
            till.roll.cells([Cell(0, f"{key}:"), Cell(-1, value)], till.body)
        else:
            align = "left" if aligned else till.align
            till.roll.lines([till.cased(text)], align, style=till.body)

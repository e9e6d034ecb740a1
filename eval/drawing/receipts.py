"""Receipts of many countries and tills, drawn from a seed.

Labels are those of SROIE and of CORD-r together, with one name for what both call the total. As in
CORD-r, the printed key of a sum belongs to it ("Total" is labelled like "12.20"); the key of a date
does not, as in SROIE.
"""

from __future__ import annotations

from typing import Final

from . import goods
from .forms import seeded
from .receipt_items import draw_items
from .receipt_sums import draw_sums
from .roll import Cell
from .sheet import Drawing, Style
from .till import Till, random_till
from .till_words import filled
from .values import pattern

LABELS: Final = (
    "other", "company", "date", "address", "menu.nm", "menu.num", "menu.unitprice", "menu.cnt", "menu.discountprice",
    "menu.price", "menu.sub.nm", "menu.sub.price", "sub_total.subtotal_price", "sub_total.discount_price",
    "sub_total.service_price", "sub_total.tax_price", "sub_total.etc", "total", "total.cashprice", "total.changeprice",
    "total.creditcardprice", "total.emoneyprice", "total.menuqty_cnt",
)  # fmt: skip
"""All labels that are drawn, the background first."""

Fields = dict[str, str]


def draw_receipt(seed: int | str, document_id: str | None = None) -> tuple[Drawing, Fields]:
    """Lays out one receipt; its sums add up.

    Args:
        seed: Equal seeds give equal receipts.
        document_id: Its name; `receipt-<seed>` where None.

    Returns:
        One page in pixels, at 100 to 290 dots an inch, with the labels `LABELS`; and the printed
        company, date, address and total, which every receipt has.
    """
    rng = seeded(f"receipt/{seed}")
    till = random_till(rng)
    fields: Fields = {}
    date_last = till.chance(0.25)
    _head(till, fields)
    _facts(till, fields, dated=not date_last)
    till.separate()
    amount, count = draw_items(till)
    if till.chance(0.7):
        till.separate()
    fields["total"] = draw_sums(till, amount, count)
    if till.chance(0.6):
        till.separate()
    if date_last:
        _facts(till, fields, dated=True)
    _foot(till)
    drawing = till.roll.finish(document_id or f"receipt-{seed}", scale=rng.uniform(100, 290) / 72)
    return drawing, {name: fields[name] for name in ("company", "date", "address", "total")}


def _head(till: Till, fields: Fields) -> None:
    """Logo, company, address, telephone and numbers of registers."""
    rng, roll = till.rng, till.roll
    if till.chance(0.15):
        middle, size = roll.sheet.width / 2, rng.uniform(10, 22)
        roll.sheet.ellipse(middle - 2 * size, roll.top, middle + 2 * size, roll.top + size, ink=60)
        roll.gap(size + 5)
    if till.chance(0.12):
        till.other([till.word("receipt")])
    name = goods.shop(rng, till.language)
    ending = rng.choice(till.country.companies)
    firm = f"PT {name}" if ending == "PT" else f"{name} {ending}".strip()
    firm = firm.upper() if till.shouting or till.chance(0.35) else firm
    face = till.loud.font if till.chance(0.8) else till.body.font
    style = Style(face, till.body.size * rng.choice((1.0, 1.15, 1.3, 1.6, 1.9)), till.body.ink)
    texts = [firm]
    if len(firm.split()) > 3 and till.chance(0.2):
        at = len(firm.split()) // 2
        texts = [" ".join(firm.split()[:at]), " ".join(firm.split()[at:])]
    roll.lines(texts, till.align, "company", style)
    fields["company"] = firm
    numbers = [pattern(rng, text) for text in till.country.identities]
    rng.shuffle(numbers)
    if till.chance(0.25):
        till.other(numbers[:1])
        del numbers[:1]
    roll.gap(rng.choice((0, 0, 3)))
    small = Style(till.body.font, till.body.size * rng.choice((1.0, 1.0, 0.9)), till.body.ink)
    address = [till.cased(line) for line in till.country.address(rng)]
    roll.lines(address, till.align, "address", small)
    fields["address"] = " ".join(address)
    phone = pattern(rng, rng.choice(till.country.phones))
    key = rng.choice(("", "", "Tel ", "Tel: ", "Tel. ", "TEL : ", "Phone: ", "T: ", "Ph "))
    others = [phone if phone.startswith("Tel") else f"{key}{phone}"] if till.chance(0.75) else []
    others += numbers[: rng.choice((0, 0, 1, 1, 2))]
    if till.chance(0.2):
        others.append(f"www.{name.split()[-1].lower()}{rng.randint(1, 99)}.com")
    if till.chance(0.15):
        rng.shuffle(others)
    till.other(others, small)
    if till.chance(0.3):
        roll.gap(4)
        till.other([till.word("receipt")], till.loud if till.chance(0.4) else till.body)
    if till.chance(0.7):
        till.separate()


def _facts(till: Till, fields: Fields, *, dated: bool) -> None:
    """Order, table, server, till and the like, one to three on a row, and the date among them."""
    rng = till.rng
    count = rng.choice((0, 1, 2, 2, 3, 4, 4, 5, 6, 7))
    texts = [till.cased(filled(rng, till.language, "facts")) for _ in range(count)]
    cells = [Cell(0, text) for text in dict.fromkeys(texts)]
    if dated:
        day = till.country.date(rng, till.language)
        fields["date"] = day
        at = rng.randint(0, len(cells))
        cells[at:at] = _date(till, day)
    per_row = rng.choice((1, 1, 2, 2, 2, 3))
    column = rng.uniform(0.28, 0.5)
    colon = rng.choice((": ", " : ", ""))
    apart = till.chance(0.15)
    positions = {1: (0.0,), 2: (0.0, -1.0), 3: (0.0, 0.4, -1.0)}[per_row]
    while cells:
        row, cells = cells[:per_row], cells[per_row:]
        if apart and per_row == 1 and ": " in row[0].text and row[0].label == "other":
            key, value = row[0].text.split(": ", 1)
            value = f"{colon}{value}".strip()
            till.roll.cells([Cell(0, key), Cell(column, value)], till.body)
        elif per_row == 1 and till.align == "center" and not apart:
            till.roll.lines([row[0].text], "center", row[0].label, till.body)
        else:
            placed = zip(positions, row, strict=False)
            till.roll.cells([Cell(x, c.text, c.label) for x, c in placed], till.body)


def _date(till: Till, day: str) -> list[Cell]:
    """The date, with its key or alone, with the time in one text or apart."""
    rng = till.rng
    hour = till.country.time(rng)
    joint = rng.choice((" ", " ", " ", "  ", ", ", " - ", " / ", "T" if day[0] == "2" else " "))
    text = f"{day}{joint}{hour}"
    key, hour_key = till.word("date"), till.word("time")
    colon = rng.choice((":", ": ", " : ", " ", ". "))
    kind = rng.random()
    if kind < 0.25:
        return [Cell(0, text, "date")]
    if kind < 0.35:
        return [Cell(0, day, "date"), Cell(0, hour)]
    if kind < 0.5:
        return [Cell(0, f"{key}{colon}{text}", "date")]
    if kind < 0.65:
        return [Cell(0, f"{key}{colon}{day}", "date"), Cell(0, f"{hour_key}{colon}{hour}")]
    if kind < 0.73:
        return [Cell(0, f"{key}{colon}".strip()), Cell(0, text, "date")]
    if kind < 0.8:
        return [Cell(0, day, "date")]
    if kind < 0.85:
        return [Cell(0, f"{key}{colon}{day}", "date")]
    if kind < 0.93:
        before = pattern(rng, rng.choice(("#### ## ###", "######", "#### #", "#" * 10)))
        after = f"{text} {before}" if till.chance(0.4) else f"{before} {text}"
        return [Cell(0, after, "date")]
    return [Cell(0, hour), Cell(0, day, "date")]


def _foot(till: Till) -> None:
    """Thanks, rules, the way into the wireless network, a barcode and its number."""
    rng = till.rng
    texts = [filled(rng, till.language, "closing") for _ in range(rng.choice((0, 1, 2, 3, 4, 6)))]
    for text in dict.fromkeys(texts):
        till.other([text])
        if till.chance(0.15):
            till.roll.gap(rng.uniform(2, 8))
    if till.chance(0.15):
        till.other([pattern(rng, rng.choice(till.country.identities))])
    if till.chance(0.15):
        x = till.roll.margin + 12
        till.roll.gap(4)
        while x < till.roll.right - 12:
            width = rng.choice((0.8, 1.2, 2.0))
            till.roll.sheet.fill(x, till.roll.top, x + width, till.roll.top + 22)
            x += width + rng.choice((0.9, 1.6))
        till.roll.gap(25)
        till.other([pattern(rng, "#" * rng.choice((8, 12, 13, 16)))])

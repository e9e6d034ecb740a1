"""What stands around the table of an invoice: running heads, subjects, carried sums, feet."""

from __future__ import annotations

from random import Random
from typing import Final

from . import values
from .fonts import text_width
from .look import Look
from .sheet import Sheet, Style, wrap

_CARRIED: Final = {
    "en": ("Carried forward", "Brought forward", "Page total", "Subtotal carried over", "Balance c/f"),
    "de": ("Übertrag", "Zwischensumme", "Übertrag auf Seite 2"),
    "fr": ("À reporter", "Report", "Total de la page"),
}  # fmt: skip
_REGISTERED: Final = {
    "en": "{name}. Registered in {place} no. {number}. {more}|{name} - {street}, {city} - Reg. no. {number}|"
    "{name}, a company registered in {place}, no. {number}|{street}, {city} / {more}",
    "de": "{name} · {street} · {city} · HRB {number}|Geschäftsführer: {person} · Amtsgericht {place} HRB {number}|"
    "{name} · {street} · {city}",
    "fr": "{name} - {street}, {city} - RCS {place} {number}|{name} au capital de 10 000 € - SIRET {number}",
}  # fmt: skip
_PAGE: Final = {"en": "Page # of ~", "de": "Seite # von ~", "fr": "Page #/~"}
_PAYMENT: Final = {
    "en": ("Payment", "Payment details", "How to pay", "Bank details", "Terms", "Notes"),
    "de": ("Zahlung", "Bankverbindung", "Hinweise", "Zahlungsbedingungen"),
    "fr": ("Règlement", "Coordonnées bancaires", "Conditions", "Remarques"),
}  # fmt: skip


def running_head(sheet: Sheet, rng: Random, look: Look, top: float, title: str) -> float:
    """The head of a later page: the company and the number of the document, neither a pair."""
    name = values.company(rng, look.language)
    number = values.value(rng, "id", look.language)[0]
    sheet.text(name, look.left, top, look.body)
    right = sheet.text(f"{title} {number}", look.right, top, look.body, align="right")
    if rng.random() < 0.4:
        sheet.rule(look.left, right.bottom + 3, look.right, right.bottom + 3)
    return right.bottom + look.pitch


def subject(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """A sentence above the table that says what it is about; no key asks for it."""
    text = values.sentence(rng, 5, 12, end=rng.choice(("", "", ".", ":")))
    lines = wrap(text, look.right - look.left, look.body)
    return sheet.lines(lines, look.left, top, look.body)[-1].bottom + look.pitch * 0.5


def carried(sheet: Sheet, rng: Random, look: Look, top: float, amount: float) -> float:
    """The sum that goes on to the next page, or comes from the one before."""
    style = look.value if rng.random() < 0.6 else look.key
    key = rng.choice(_CARRIED[look.language])
    text = values.amount(rng, amount, look.language)
    width = text_width(f"{key}  {text}", style.font, style.size)
    left = look.right - max(rng.uniform(120, 210), width)
    question = sheet.text(key, left, top, style, "question")
    sheet.link(question, sheet.text(text, look.right, top, style, "answer", align="right"))
    return top + look.pitch


def payment(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """A heading with a sentence below it on how to pay."""
    heading = rng.choice(_PAYMENT[look.language])
    title = sheet.text(heading, look.left, top, look.section, "header")
    lines = wrap(values.sentence(rng, 8, 20), (look.right - look.left) * 0.8, look.body)
    return sheet.lines(lines, look.left, title.bottom + 3, look.body)[-1].bottom + look.pitch


def foot(sheet: Sheet, rng: Random, look: Look, top: float) -> None:
    """The company once more in small print, and the number of the page."""
    style = Style(look.body.font, look.body.size * 0.8)
    person = values.value(rng, "person", look.language)[0]
    city = values.value(rng, "city", look.language)[0]
    text = rng.choice(_REGISTERED[look.language].split("|")).strip()
    text = text.format(
        name=values.company(rng, look.language),
        street=values.value(rng, "street", look.language)[0],
        city=city,
        place=rng.choice(("England", "Scotland", "Ireland")) if look.language == "en" else city,
        number=values.pattern(rng, "########"),
        person=person,
        more=values.value(rng, rng.choice(("phone", "email", "url")), look.language)[0],
    )
    lines = wrap(text, (look.right - look.left) * 0.8, style)
    if rng.random() < 0.3:
        middle = (look.left + look.right) / 2
        sheet.lines(lines, middle, top, style, align="center")
        return
    sheet.lines(lines, look.left, top, style)
    if rng.random() < 0.6:
        last = rng.randint(1, 5)
        page = _PAGE[look.language].replace("#", str(rng.randint(1, last)))
        sheet.text(page.replace("~", str(last)), look.right, top, style, align="right")

"""Invoices, orders and quotations of many layouts, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from . import invoice_edges, keys, phrases, values
from .forms import PAGE_SIZES, letterhead, seeded
from .look import Look, random_look
from .sheet import Drawing, Piece, Sheet, Style, wrap


@dataclass(frozen=True)
class _Terms:
    """What the parts of an invoice are called in one language."""

    titles: tuple[str, ...]
    parties: tuple[str, ...]
    headings: dict[str, tuple[str, ...]]
    totals: dict[str, tuple[str, ...]]


_TERMS: Final = {
    "en": _Terms(
        ("Invoice", "Tax Invoice", "Purchase Order", "Quotation", "Statement", "Credit Note"),
        ("Bill to", "Ship to", "Sold to", "Invoice to", "Deliver to", "Customer", "Remit to"),
        {
            "code": ("Item", "Item no.", "Code", "SKU", "Part no.", "#", "Ref", "Line"),
            "name": ("Description", "Product", "Item description", "Service", "Details", "Article"),
            "quantity": ("Qty", "Quantity", "Units", "Hours", "Qty shipped", "Pcs"),
            "price": ("Unit price", "Price", "Rate", "Price each", "Unit cost", "Each"),
            "tax": ("Tax", "VAT", "VAT %", "Disc.", "GST"),
            "amount": ("Amount", "Total", "Line total", "Net amount", "Extended", "Value"),
        },
        {
            "subtotal": ("Subtotal", "Sub-total", "Net total", "Total excl. VAT", "Net"),
            "tax": ("VAT 20%", "Tax", "Sales tax", "GST 6%", "VAT", "Tax (8.25%)"),
            "shipping": ("Shipping", "Freight", "Delivery", "Postage", "Handling"),
            "total": (
                "Total",
                "Total due",
                "Amount due",
                "Grand total",
                "Balance due",
                "Invoice total",
            ),
        },
    ),
    "de": _Terms(
        ("Rechnung", "Angebot", "Auftragsbestätigung", "Gutschrift", "Lieferschein"),
        ("Rechnung an", "Lieferanschrift", "Kunde", "Rechnungsempfänger"),
        {
            "code": ("Pos.", "Art.-Nr.", "Artikel"),
            "name": ("Bezeichnung", "Beschreibung", "Leistung"),
            "quantity": ("Menge", "Anzahl", "Stück"),
            "price": ("Einzelpreis", "Preis", "E-Preis"),
            "tax": ("MwSt.", "USt.", "Rabatt"),
            "amount": ("Betrag", "Gesamt", "Gesamtpreis"),
        },
        {
            "subtotal": ("Zwischensumme", "Nettobetrag", "Summe netto"),
            "tax": ("zzgl. 19 % MwSt.", "MwSt. 19 %", "Umsatzsteuer"),
            "shipping": ("Versand", "Versandkosten"),
            "total": ("Gesamtbetrag", "Rechnungsbetrag", "Summe brutto", "Zu zahlen"),
        },
    ),
    "fr": _Terms(
        ("Facture", "Devis", "Bon de commande", "Avoir"),
        ("Facturé à", "Livré à", "Client", "Adresse de facturation"),
        {
            "code": ("Réf.", "Code", "N°"),
            "name": ("Désignation", "Description", "Article"),
            "quantity": ("Qté", "Quantité"),
            "price": ("Prix unitaire", "P.U. HT", "Prix"),
            "tax": ("TVA", "Remise"),
            "amount": ("Montant", "Total HT", "Total"),
        },
        {
            "subtotal": ("Total HT", "Sous-total"),
            "tax": ("TVA 20 %", "TVA"),
            "shipping": ("Frais de port", "Livraison"),
            "total": ("Total TTC", "Net à payer", "Montant dû"),
        },
    ),
}
_FACTS: Final = ("id", "date", "id", "date", "terms", "person", "vat", "id", "phone")


def draw_invoice(seed: int | str, document_id: str | None = None) -> Drawing:
    """Lays out one invoice, order or quotation; its sums add up.

    Args:
        seed: Equal seeds give equal invoices.
        document_id: Its name; `invoice-<seed>` where None.

    Returns:
        One page in pixels, at 75 to 200 dots an inch, with labels, links and pairs.
    """
    rng = seeded(f"invoice/{seed}")
    width, height = rng.choice(PAGE_SIZES[:2])
    sheet = Sheet(width, height)
    look = random_look(rng, width)
    terms = _TERMS[look.language]
    title = rng.choice(terms.titles)
    title = title.upper() if rng.random() < 0.6 else title
    continued = rng.random() < 0.1
    if continued:
        y = invoice_edges.running_head(sheet, rng, look, rng.uniform(24, 50), title)
    else:
        y = _opening(sheet, rng, look, terms, title)
    if rng.random() < 0.2:
        y = invoice_edges.subject(sheet, rng, look, y)
    y, subtotal = _items(sheet, rng, look, terms, y + look.pitch)
    if rng.random() < (0.4 if continued else 0.12):
        y = invoice_edges.carried(sheet, rng, look, y + 6, subtotal)
    if rng.random() < 0.92:
        y = _totals(sheet, rng, look, terms, y + 6, subtotal)
    y += look.pitch
    if rng.random() < 0.6:
        style = Style(look.body.font, look.body.size * 0.9)
        lines = wrap(phrases.fine_print(rng, look.language), look.right - look.left, style)
        y = sheet.lines(lines, look.left, y, style)[-1].bottom + look.pitch
    if rng.random() < 0.25:
        y = invoice_edges.payment(sheet, rng, look, y)
    if rng.random() < 0.5:
        y = _bank(sheet, rng, look, y)
    sheet.height = max(height, y + 60)
    if rng.random() < 0.5:
        invoice_edges.foot(sheet, rng, look, sheet.height - 40)
    return sheet.finish(document_id or f"invoice-{seed}", scale=rng.uniform(75, 200) / 72)


def _opening(sheet: Sheet, rng: Random, look: Look, terms: _Terms, title: str) -> float:
    """The first page's letterhead, title, addresses and facts."""
    y = letterhead(sheet, rng, look, rng.uniform(24, 50), look.left)
    if rng.random() < 0.5:
        y += 12
        y = sheet.text(title, look.left, y, look.title, "header").bottom
    else:
        y = sheet.text(title, look.right, y + 4, look.title, "header", align="right").bottom
    y += look.pitch
    facts_left = (look.left + look.right) / 2 + rng.uniform(-10, 60)
    if rng.random() < 0.75:
        parties_end = _parties(sheet, rng, look, terms, y, facts_left)
        return max(parties_end, _facts(sheet, rng, look, y, facts_left))
    y = _facts(sheet, rng, look, y, look.left)
    return _parties(sheet, rng, look, terms, y + look.pitch, look.right)


def _parties(
    sheet: Sheet, rng: Random, look: Look, terms: _Terms, top: float, right: float
) -> float:
    """One or two addresses under their captions."""
    captions = rng.sample(terms.parties, rng.randint(1, 2))
    width = (right - look.left) / len(captions)
    bottom = top
    for index, caption in enumerate(captions):
        left = look.left + index * width
        printed = wrap(look.printed(caption), width - 8, look.key)
        question = sheet.lines(printed, left, top, look.key, "question")[-1]
        lines = [values.company(rng, look.language)]
        lines += values.value(rng, "address", look.language)
        wrapped = [part for line in lines for part in wrap(line, width - 8, look.value)]
        y = question.bottom + 3
        pieces = sheet.lines(wrapped, left, y, look.value, "answer")
        sheet.link(question, pieces[0])
        bottom = max(bottom, pieces[-1].bottom)
    return bottom


def _facts(sheet: Sheet, rng: Random, look: Look, top: float, left: float) -> float:
    """Number, dates and terms: one below the other, or in a row with the keys above."""
    facts = [_fact(rng, look, kind) for kind in _FACTS[: rng.randint(3, len(_FACTS))]]
    if left == look.left:
        facts = facts[:5]
        width = (look.right - left) / len(facts)
        for index, (key, text) in enumerate(facts):
            x = left + index * width
            keys_drawn = sheet.lines(wrap(key, width - 6, look.key), x, top, look.key, "question")
            y = top + look.key.size * 2.7
            lines = wrap(text, width - 6, look.value)
            sheet.link(keys_drawn[0], sheet.lines(lines, x, y, look.value, "answer")[0])
        return top + look.key.size * 2.7 + look.value.size * 2.5
    align: Literal["left", "right"] = rng.choice(("left", "right"))
    drawn = [
        sheet.text(look.printed(key), left, top + i * look.pitch, look.key, "question")
        for i, (key, _) in enumerate(facts)
    ]
    column = look.right if align == "right" else max(p.right for p in drawn) + 10
    for question, (_, text) in zip(drawn, facts, strict=True):
        answer = sheet.text(text, column, question.top, look.value, "answer", align=align)
        sheet.link(question, answer)
    return top + len(facts) * look.pitch


def _fact(rng: Random, look: Look, kind: str) -> tuple[str, str]:
    key = keys.key(rng, look.language, kind)[0]
    return key, values.value(rng, kind, look.language)[0]


def _items(sheet: Sheet, rng: Random, look: Look, terms: _Terms, top: float) -> tuple[float, float]:
    """The table of items; returns where it ends and the sum of its amounts."""
    optional = [c for c in ("code", "tax") if rng.random() < 0.55]
    columns = [c for c in terms.headings if c in (*optional, "name", "quantity", "price", "amount")]
    if rng.random() < 0.25:
        columns.remove("name")
        columns.insert(rng.choice((0, 1)), "name")
    shares = {"code": 1.2, "name": 3.4, "quantity": 0.9, "price": 1.2, "tax": 0.8, "amount": 1.3}
    unit = (look.right - look.left) / sum(shares[c] for c in columns)
    style = Style(look.value.font, min(look.value.size, 10.0))
    head = Style(look.key.font, min(look.key.size, 9.5))
    if rng.random() < 0.4:
        sheet.fill(look.left, top - 3, look.right, top + head.size * 1.4, ink=220)
    edges: dict[str, tuple[float, float]] = {}
    headings: dict[str, Piece] = {}
    x = look.left
    for column in columns:
        edges[column] = (x + 3, x + shares[column] * unit - 3)
        x += shares[column] * unit
        text = rng.choice(terms.headings[column])
        text = text.upper() if look.shouting else text
        headings[column] = _cell(sheet, text, edges[column], top, head, "question", column)
    y = top + head.size * 1.8
    sheet.rule(look.left, y - 3, look.right, y - 3)
    subtotal = 0.0
    for number in range(1, rng.randint(1, 14) + 1):
        quantity = rng.choice((1, 1, 2, rng.randint(1, 40)))
        price = round(10 ** rng.uniform(0.2, 3.2), 2)
        subtotal += quantity * price
        name = wrap(values.product(rng), edges["name"][1] - edges["name"][0], style)
        cells = {
            "code": rng.choice((str(number), values.value(rng, "id")[0])),
            "quantity": str(quantity),
            "price": values.amount(rng, price, look.language),
            "tax": rng.choice(("0%", "6%", "19%", "20%", "5.5%")),
            "amount": values.amount(rng, quantity * price, look.language),
        }
        for column in columns:
            if column == "name":
                pieces = sheet.lines(name, edges["name"][0], y, style, "answer")
                sheet.link(headings["name"], pieces[0])
            else:
                text = cells[column]
                cell = _cell(sheet, text, edges[column], y, style, "answer", column)
                sheet.link(headings[column], cell)
        y += style.size * (0.35 + 1.25 * len(name))
    sheet.rule(look.left, y, look.right, y)
    return y, subtotal


def _cell(
    sheet: Sheet,
    text: str,
    edges: tuple[float, float],
    top: float,
    style: Style,
    label: Literal["question", "answer"],
    column: str,
) -> Piece:
    if column in ("code", "name"):
        return sheet.text(text, edges[0], top, style, label)
    return sheet.text(text, edges[1], top, style, label, align="right")


def _totals(
    sheet: Sheet, rng: Random, look: Look, terms: _Terms, top: float, subtotal: float
) -> float:
    """Subtotal, tax, shipping and total; the total alone at times."""
    tax, shipping = round(subtotal * 0.2, 2), float(rng.randint(5, 80))
    amounts = {"subtotal": subtotal, "tax": tax, "shipping": shipping}
    shown = [name for name in amounts if rng.random() < 0.75]
    amounts["total"] = subtotal + sum(amounts[name] for name in shown if name != "subtotal")
    sign = rng.choice(("", "", "$", "€ ", "£", "USD ") if look.language == "en" else ("", "€ "))
    key_left = look.right - rng.uniform(140, 220)
    y = top
    for name in (*shown, "total"):
        style = look.key
        if name == "total" and rng.random() < 0.6:
            style = Style(look.title.font, look.key.size * 1.15)
        key = look.printed(rng.choice(terms.totals[name]))
        text = sign + values.amount(rng, amounts[name], look.language)
        question = sheet.text(key, key_left, y, style, "question")
        sheet.link(question, sheet.text(text, look.right, y, style, "answer", align="right"))
        y += look.pitch
    return y


def _bank(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """Where to pay to, as rows of key and value."""
    y = top
    for kind in ("company", "iban", "bic")[: rng.randint(1, 3)]:
        key, text = _fact(rng, look, kind)
        question = sheet.text(look.printed(key), look.left, y, look.body, "question")
        x = max(question.right + 6, look.left + 80)
        sheet.link(question, sheet.text(text, x, y, look.body, "answer"))
        y += look.body.size * 1.5
    return y

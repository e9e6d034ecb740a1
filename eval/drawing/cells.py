"""Boxed cells: a small key without a colon at the top of a cell, its answer below it."""

# ruff: noqa: SIM905 (a list of many short strings is easier to read as one text)

from __future__ import annotations

from random import Random
from typing import Final

from . import keys, values
from .fonts import text_width
from .look import Look
from .sheet import Sheet, Style, wrap

_COMMON: Final = {
    "en": {
        "date": "Start|End|From|To|Begin|Until|Out|In|Opened|Closed|Due|Issued|Received|Returned|Expires|Start date|"
        "End date|Valid from|Valid to|Required by|Last seen|Check-out|Check-in|Arrival|Departure|Date|Handover",
        "time": "Start|End|From|To|In|Out|Time|Hours|Opens|Closes",
        "quantity": "Quantity|Qty|Units|Count|Copies|Pieces|Boxes|Number|In stock|On order",
        "measure": "Weight|Size|Length|Range|Output|Capacity|Load|Volume|Rating",
        "id": "Model|Serial no.|Type|Code|Number|Ref|Lot|Tag|Unit no.|Order|Asset|Room|Version|Key no.",
        "product": "Item|Object|Article|Device|Tool|Extras|Contents|Spare parts|Supplied with|Parts|Kit",
        "short_text": "Use|Reason|Condition|Place|Notes|Subject|State|Type of work|Purpose|Defects|Included",
        "person": "Borrower|Holder|User|Keeper|From|To|Issued by|Taken by|Returned to|Contact|Driver",
        "money": "Value|Price|Deposit|Fee|Cost|Paid|Balance|Charge|Rate",
    },
    "de": {
        "date": "Beginn|Ende|Von|Bis|Ab|Ausgabe|Rückgabe|Datum|Fällig|Anreise|Abreise",
        "time": "Von|Bis|Beginn|Ende|Uhrzeit",
        "quantity": "Menge|Anzahl|Stück|Bestand",
        "id": "Modell|Typ|Nummer|Seriennr.|Raum|Code",
        "product": "Gerät|Gegenstand|Zubehör|Artikel",
        "person": "Ausgeber|Nutzer|Von|An|Fahrer",
        "money": "Wert|Preis|Kaution|Gebühr",
    },
    "fr": {
        "date": "Début|Fin|Du|Au|Départ|Retour|Date|Échéance",
        "quantity": "Quantité|Nombre|Unités",
        "id": "Modèle|Type|Numéro|Série|Salle|Code",
        "product": "Matériel|Objet|Accessoires|Article",
        "person": "De|À|Utilisateur|Conducteur",
        "money": "Valeur|Prix|Caution",
    },
}  # fmt: skip
_SUBJECTS: Final = (
    "Rental|Hire|Lease|Trial|Visit|Shift|Project|Course|Repair|Test|Cover|Stay|Contract|Warranty|Job|Tour|Season|"
    "Work|Service|Storage|Permit|Booking|Campaign|Transport|Term|Leave|Event"
).split("|")  # fmt: skip
_ENDS: Final = ("start", "end", "from", "to", "begins", "ends", "until", "out", "in")


def cells(sheet: Sheet, rng: Random, look: Look, top: float) -> float:
    """One to five rows of two to four cells, mostly framed; returns where they end.

    Rows do not share their keys, so that a key often stands below another cell's answer; dates are
    the most frequent answers, and cells stay blank at times.
    """
    count = rng.randint(1, 5)
    columns = rng.randint(2, 4)
    ragged = rng.random() < 0.4
    framed = rng.random() < 0.8
    small = Style(look.key.font, max(look.key.size * rng.uniform(0.65, 0.95), 5.5))
    suffix = look.suffix if rng.random() < 0.25 else ""
    titled = rng.random() < 0.5
    blank = rng.choice((0.0, 0.0, 0.1, 0.3, look.empty))
    gap = rng.uniform(1, 6)
    pad = rng.uniform(2, 7)
    for _ in range(count):
        if ragged:
            columns = rng.randint(2, 4)
        edges = _edges(rng, look.left, look.right, columns, even=not ragged)
        bottom = top + pad + small.size * 1.25 + gap + look.value.size * rng.uniform(1.2, 1.5)
        for left, right in edges:
            key, kind = _key(rng, look.language)
            key = key.title() if titled else key
            width = right - left - 8
            lines = wrap((key.upper() if look.shouting else key) + suffix, width, small)
            question = sheet.lines(lines, left + 4, top + pad, small, "question")[-1]
            bottom = max(bottom, question.bottom + gap + 4)
            if rng.random() < blank:
                continue
            text = values.value(rng, kind, look.language)[0]
            if text_width(text, look.value.font, look.value.size) > width:
                text = wrap(text, width, look.value)[0]
            answer = sheet.text(text, left + 4, question.bottom + gap, look.value, "answer")
            sheet.link(question, answer)
            bottom = max(bottom, answer.bottom + 3)
        if framed:
            for left, right in edges:
                sheet.frame(left, top, right, bottom)
        top = bottom
    return top


def _key(rng: Random, language: str) -> tuple[str, str]:
    """A common word as key, one made of two, or any other key with a short answer."""
    table = _COMMON[language]
    kind = rng.choices(list(table), [3.0 if name == "date" else 1.0 for name in table])[0]
    if language == "en" and kind == "date" and rng.random() < 0.35:
        return f"{rng.choice(_SUBJECTS)} {rng.choice(_ENDS)}", kind
    if rng.random() < 0.3:
        text, kind = keys.key(rng, language)
        return text, "id" if kind in ("address", "long_text", "period") else kind
    return rng.choice(table[kind].split("|")), kind


def _edges(
    rng: Random, left: float, right: float, columns: int, *, even: bool
) -> list[tuple[float, float]]:
    """Where the cells of a row start and end."""
    shares = [1.0 if even else rng.uniform(0.7, 1.6) for _ in range(columns)]
    unit = (right - left) / sum(shares)
    edges = []
    for share in shares:
        edges.append((left, left + share * unit))
        left += share * unit
    return edges

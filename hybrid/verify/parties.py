"""Parties: who sends a document and who receives it, whose name and address stand in a block of lines.

"Bill to" is printed above the customer: the first line is the name, the lines after it the address. Who
sends a document is printed at its head, in the largest letters and without a word that says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz, process

from hybrid.schema import FieldSchema, Leaf, LeafKind, words_of
from hybrid.verify.dates import find_dates
from hybrid.verify.values import letters_and_digits

Part = Literal["name", "address"]

_ROLES = (
    "customer|client|buyer|purchaser|payer|to|bill to|billed to|billing address|billing information|sold to|"
    "sold-to party|invoice to|invoiced to|issued to|prepared for|quote for|invoice address|customer details|"
    "recipient|kunde|käufer|besteller|auftraggeber|empfänger|an|rechnung an|rechnungsadresse|"
    "rechnungsanschrift|kundenanschrift|rechnungsempfänger|leistungsempfänger|destinataire|acheteur|"
    "facturé à|facturer à|adressé à|adresse de facturation|cliente|comprador|destinatario|facturar a|"
    "facturado a|datos del cliente|dirección de facturación",
    "ship to|shipped to|shipping address|deliver to|delivered to|delivery to|delivery address|consignee|"
    "lieferadresse|lieferanschrift|lieferung an|warenempfänger|livré à|adresse de livraison|enviar a|"
    "dirección de entrega",
    "seller|vendor|supplier|provider|service provider|from|sold by|issued by|billed by|sender|ship from|"
    "shipper|exporter|issuer|merchant|biller|invoice from|"
    "billing from|store|shop|lieferant|verkäufer|absender|"
    "rechnungssteller|vendeur|fournisseur|expéditeur|émetteur|vendedor|proveedor|emisor|remitente",
)
"""What the same party is called, in names of fields and above its block. The last one is at the head."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_NAME = re.compile(
    r"!$|\b(?:by|to|from|for|von|an|par|à)\s*:?$|^(?:number|nummer|num|nr|no)\b|^#", re.IGNORECASE
)
_KINDS = re.compile(
    r"(?:tax |vat |sales |pro ?forma |commercial |official |cash |final |original |copy |account )*"
    r"(?:invoice|receipt|bill|statement|credit note|delivery note|packing list|purchase order|order|quote|quotation|"
    r"rechnung|quittung|lieferschein|gutschrift|angebot|auftragsbestätigung|kontoauszug|facture|factura|fattura|"
    r"bon de livraison|original|copy|duplicate|paid|received|page)"
    r"(?: ?(?:no|nr|number|#)\.?)?(?: ?[\w/-]*\d[\w/ -]*)?",
    re.IGNORECASE,
)
"""What a document is called, often larger than who sends it."""
_SAME = 92.0
_LONGEST = 40
"""Characters of a title."""
SENDS = len(_ROLES) - 1
"""The role of who sends a document."""
_PART = re.compile(
    r"(?P<party>.+?) (?:(?P<name>(?:(?:company|business|legal|full) )?name|company)"
    r"|(?P<address>(?:(?:postal|street|full|mailing) )?address))"
)
_WHOLE_BLOCK = re.compile(r" (?:to|an|à|a)$|adresse|address|anschrift|dirección")
"""In the name of a field that asks for all lines, which are looked for by its keys."""
_CONTACT = re.compile(
    r"@|\bwww\.|https?:|\b(?:tel|phone|telephone|telefon|mobile|fax|e-?mail|vat|gst|abn|ust|tva|iban|bic)\b"
    r"|\b(?:siret|siren|rcs|cif|nif|nie|uid|p\.? ?iva|steuer(?:-?nr|nummer)|date|datum|fecha|terms)\b"
    r"|^\s*(?:attn|attention|fao|z\.? ?hd|for the attention)\b"
    r"|\b(?:reg(?:istration)?|company|co|tax|customer)\.? ?(?:no|number|nr|id)\b",
    re.IGNORECASE,
)
"""In a line that is no part of an address."""


@dataclass(frozen=True)
class Party:
    """What a leaf asks of whom.

    Attributes:
        path: Of the party's object, or the first words of a flat field's name.
        part: The leaf is its name, or its address.
        titles: What may be printed above its block, in small letters.
        sends: It sends the document, so that it may stand at the head without a title.
    """

    path: str
    part: Part
    titles: tuple[str, ...]
    sends: bool


def party_of(leaf: Leaf, schema: FieldSchema) -> Party | None:
    """The party that a leaf is the name or address of; None for any other leaf.

    "customer.name", "customer_name" and "customer" ask for the same.

    Args:
        leaf: Outside lists.
        schema: Whose other objects keep their names for themselves.
    """
    if leaf.kind is not LeafKind.TEXT or leaf.list_path is not None:
        return None
    parent = leaf.path.rpartition(".")[0]
    called = _spaced(f"{parent.rpartition('.')[2]} {leaf.name}" if parent else leaf.name)
    match = _PART.fullmatch(called)
    if match is None:
        known = not parent and role_of(called) is not None and not _WHOLE_BLOCK.search(called)
        return _party(leaf.path, called, "name", schema) if known else None
    party = match["party"]
    if not parent and role_of(party) is None:
        return None
    return _party(parent or party, party, "name" if match["name"] else "address", schema)


def titles_of(name: str, schema: FieldSchema) -> tuple[str, ...]:
    """What may be printed above the block of an object: its name, and what else such a party is called.

    Args:
        name: The last part of the object's path.
        schema: A title that is the name of another of its objects is that one's.
    """
    called = _spaced(name)
    role = role_of(called)
    if role is None:
        return (called,)
    others = _objects(schema) - {called}
    return tuple(dict.fromkeys([called, *(t for t in _titles(role) if t not in others)]))


def role_of(name: str) -> int | None:
    """Which of the roles has that name, in small letters with blanks; None where none has."""
    return next((n for n in range(len(_ROLES)) if name in _titles(n)), None)


def is_contact(text: str) -> bool:
    """Whether a line holds what is no part of a postal address: a telephone, an e-mail, a tax number."""
    digits = sum(map(str.isdigit, text))
    alone = digits >= 7 and not any(map(str.isalpha, text))
    return alone or _CONTACT.search(text) is not None


@lru_cache(maxsize=16_384)
def may_be_a_name(text: str) -> bool:
    """Whether a line may be the name of a party: words, not a number, a document's kind or a sentence."""
    text = text.strip()
    return (
        _WORD.search(text) is not None
        and not (
            text[0].islower() and (text.endswith(".") or (text.islower() and text.count(" ") > 1))
        )
        and not (_KINDS.fullmatch(text) or _NO_NAME.search(text) or is_contact(text))
        and not any(end - start > len(text) / 2 for start, end, _ in find_dates(text))
    )


def is_title(text: str, titles: tuple[str, ...] | None = None) -> bool:
    """Whether a text is one of the titles, or of those of any role, and nothing else.

    Args:
        text: As it is printed, with a colon or without.
        titles: In small letters; None for those of all roles.
    """
    if len(text) > _LONGEST:
        return False
    printed = letters_and_digits(text)
    known = _folded(titles or every_title())
    return process.extractOne(printed, known, scorer=fuzz.ratio, score_cutoff=_SAME) is not None


@lru_cache(maxsize=256)
def _folded(titles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(letters_and_digits(title) for title in titles)


@lru_cache(maxsize=1)
def every_title() -> tuple[str, ...]:
    """The titles of all roles."""
    return tuple(title for role in range(len(_ROLES)) for title in _titles(role))


def _party(path: str, name: str, part: Part, schema: FieldSchema) -> Party:
    return Party(path, part, titles_of(name, schema), role_of(name) == SENDS)


def _spaced(name: str) -> str:
    return " ".join(words_of(name).split()).casefold()


@lru_cache(maxsize=8)
def _titles(role: int) -> tuple[str, ...]:
    return tuple(_ROLES[role].split("|"))


def _objects(schema: FieldSchema) -> set[str]:
    """The names of the schema's objects outside lists, and of its text fields."""
    paths = [leaf.path for leaf in schema.leaves if leaf.list_path is None]
    named = {p.rpartition(".")[0].rpartition(".")[2] or p for p in paths}
    return {_spaced(name) for name in named}

"""Titles: what a party is called in names of fields and above the block of its lines ("Bill to").

Forms number and explain their boxes, and name them twice: "1 Sender (name, address, country)" and
"From / Sender" are titles as "Sender" is.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz, process

from hybrid.schema import FieldSchema, letters_and_digits, plain_words, words_of

_ROLES = (
    "customer|client|buyer|purchaser|payer|to|bill to|billed to|billing address|billing information|sold to|"
    "sold-to party|invoice to|invoiced to|issued to|prepared for|quote for|invoice address|customer details|"
    "recipient|addressee|kunde|käufer|besteller|auftraggeber|empfänger|an|rechnung an|rechnungsadresse|"
    "rechnungsanschrift|kundenanschrift|rechnungsempfänger|leistungsempfänger|destinataire|acheteur|"
    "facturé à|facturer à|adressé à|adresse de facturation|cliente|comprador|destinatario|facturar a|"
    "facturado a|datos del cliente|dirección de facturación|destinatario|spett.le|spettabile|intestatario|"
    "acquirente|klant|afnemer|koper|factuur aan|factuuradres|nabywca|odbiorca|kupujący|zamawiający|köpare|kund|"
    "faktura till|fakturaadress|mottagare|køber|kjøper|faktura til|mottaker|destinatário|faturar a",
    "ship to|shipped to|shipping address|deliver to|delivered to|delivery to|delivery address|consignee|"
    "lieferadresse|lieferanschrift|lieferung an|warenempfänger|livré à|adresse de livraison|enviar a|"
    "dirección de entrega|luogo di consegna|indirizzo di consegna|destinazione|afleveradres|leveradres|"
    "bezorgadres|adres dostawy|leveransadress|leveringsadresse|morada de entrega",
    "seller|vendor|supplier|provider|service provider|from|sold by|issued by|billed by|sender|ship from|"
    "shipper|exporter|issuer|merchant|biller|invoice from|"
    "billing from|store|shop|lieferant|verkäufer|absender|"
    "rechnungssteller|vendeur|fournisseur|expéditeur|émetteur|vendedor|proveedor|emisor|remitente|"
    "datos del emisor|fornitore|mittente|venditore|emittente|cedente|leverancier|verkoper|afzender|sprzedawca|"
    "dostawca|nadawca|wystawca|säljare|leverantör|avsändare|sælger|selger|leverandør|afsender|fornecedor|"
    "emitente|remetente",
)
"""What the same party is called, in names of fields and above its block. The last one is at the head."""
RECEIVES = 0
"""The role of who receives a document."""
SENDS = len(_ROLES) - 1
"""The role of who sends a document."""
_SAME = 92.0
_LONG = 8
"""Letters from which on a title may be misread."""
_LONGEST = 60
"""Characters of a title."""
_BOX = re.compile(
    r"\s*[(\[]?(?:\d{1,2}[a-z]?|[a-z])[)\].:]?\s+(?=[^\W\d_]{2})|\s*name and address of (?:the )?",
    re.IGNORECASE,
)
"""Before a title: the number of its box, or what is asked of the party."""
_ASKED = re.compile(
    r"\s*[(\[][^()\[\]\d]*[)\]]\s*[:：]?\s*$|\s*[-–:]\s*(?:full |company )?name\s*[:：]?\s*$"
    r"|(?:['’]s)?,?\s+(?:full |legal )?name(?:,| and| &|,? und| et| y)+ (?:\w+ )?"
    r"(?:address|anschrift|adresse|dirección)\b.*$",
    re.IGNORECASE,
)
"""Behind a title, what is asked of the party: "(name, address, country)", "'s name and address"."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def spaced(name: str) -> str:
    """A field's name in small letters with blanks between its words."""
    return " ".join(words_of(name).split()).casefold()


def object_titles(schema: FieldSchema) -> tuple[str, ...]:
    """The names of the schema's objects outside lists, above which other blocks end."""
    paths = [leaf.path.rpartition(".")[0] for leaf in schema.leaves if leaf.list_path is None]
    return tuple(dict.fromkeys(spaced(p.rpartition(".")[2]) for p in paths if p))


def role_of(name: str) -> int | None:
    """Which of the roles has that name, in small letters with blanks; None where none has."""
    return next((n for n, titles in enumerate(_ROLES) if name in written_plainly(titles)), None)


@lru_cache(maxsize=64)
def written_plainly(names: str) -> frozenset[str]:
    """Names parted by strokes, also as fields are called that have no accents: "empfaenger", "emetteur"."""
    without = "".join(
        c for c in unicodedata.normalize("NFKD", names) if not unicodedata.combining(c)
    )
    return frozenset("|".join([names, names.translate(_UMLAUTS), without]).split("|"))


@lru_cache(maxsize=1)
def every_title() -> tuple[str, ...]:
    """The titles of all roles."""
    return tuple(title for role in range(len(_ROLES)) for title in titles_in(role))


@lru_cache(maxsize=16_384)
def is_title(text: str, titles: tuple[str, ...] | None = None) -> bool:
    """Whether a text is one of the titles, or of those of any role, and nothing else.

    Args:
        text: As it is printed, with a colon or without, and with what forms add: the number of a box,
            what is asked of the party, the title in other words after a stroke.
        titles: In small letters; None for those of all roles.
    """
    if len(text) > _LONGEST or plain_words(text).lstrip().startswith("no "):  # "N° client"
        return False
    known, every = _folded(titles or every_title()), _folded(every_title())
    bare = _BOX.sub("", text, count=1) if _BOX.match(text) else text
    for reading in dict.fromkeys([text, bare, _ASKED.sub("", bare)]):
        if _is_one_of(reading, known):
            return True
        parts = reading.split("/")
        if len(parts) > 1 and all(_is_one_of(p, every) or _is_one_of(p, known) for p in parts):
            return any(_is_one_of(part, known) for part in parts)
    return False


def _is_one_of(text: str, folded: tuple[str, ...]) -> bool:
    printed = letters_and_digits(text)
    cutoff = _SAME if len(printed) >= _LONG else 100.0  # "sender" is no "spender"
    return process.extractOne(printed, folded, scorer=fuzz.ratio, score_cutoff=cutoff) is not None


@lru_cache(maxsize=256)
def _folded(titles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(letters_and_digits(title) for title in titles)


@lru_cache(maxsize=8)
def titles_in(role: int) -> tuple[str, ...]:
    """The titles of a role."""
    return tuple(_ROLES[role].split("|"))

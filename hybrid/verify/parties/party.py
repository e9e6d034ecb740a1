"""Parties: who sends a document and who receives it, whose name and address stand in a block of lines.

"Bill to" is printed above the customer: the first line is the name, the lines after it the address. Who
sends a document is printed at its head, in the largest letters and without a word that says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.dates import find_dates
from hybrid.verify.parties.document_kinds import is_kind
from hybrid.verify.parties.issuers import may_issue
from hybrid.verify.parties.naming import Part, is_address_alone, part_asked
from hybrid.verify.parties.roles import only_sender, role_in, titles_of
from hybrid.verify.parties.titles import spaced

_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_NAME = re.compile(
    r"!$|\b(?:by|to|from|for|von|an|par|à)\s*:?$|^(?:number|nummer|num|nr|no)\b|^#"
    r"|^(?:your|our|ihre?|unsere?|votre|notre|vos|nos|uw|ons|twoj[ae]?|din|ditt|vår|il tuo|la tua|su) ",
    re.IGNORECASE,
)
_WHOLE_BLOCK = re.compile(r" (?:to|an|à|a)$|adresse|address|anschrift|dirección")
"""In the name of a field that asks for all lines, which are looked for by its keys."""
_CONTACT = re.compile(
    r"@|\bwww\.|https?:|\b(?:t[eé]l|phone|telephone|telefon|mobile(?=.*\d)|fax|e-?mail|vat|gst|abn|ust|tva|iban|bic)\b"
    r"|\b(?:siret|siren|rcs|cif|nif|nie|uid|p\.? ?iva|steuer(?:-?nr|nummer)|date|datum|fecha|terms)\b"
    r"|^\s*(?:attn|attention|fao|z\.? ?hd|for the attention)\b"
    r"|\d[:.]\d\d\s*(?:[-–]|to|bis)\s*\d{1,2}[:.]\d\d"
    r"|\b(?:reg(?:istration|istered)?|company|co|tax|customer|charity|licen[cs]e|member)\.? ?(?:no|number|nr|id)\b"
    r"|(?:\(\d{3}\) ?|\b\d{3}[-. ])\d{3}[-. ]\d{4}$",
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
            None for a field that only the head of a page answers beside its keys ("hotel").
        called: The party itself, in small letters with blanks.
        role: `SENDS` or another index of the roles (`hybrid.verify.parties.titles`); None without one.
    """

    path: str
    part: Part
    titles: tuple[str, ...]
    called: str
    role: int | None


@lru_cache(maxsize=1024)
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
    called = spaced(f"{parent.rpartition('.')[2]} {leaf.name}" if parent else leaf.name)
    if not parent and may_issue(called):
        return Party(leaf.path, "name", (), called, None)
    asked = part_asked(called)
    if asked is None and not parent and is_address_alone(called):
        sender = only_sender(schema)
        return party_in(schema, sender, sender, "address") if sender is not None else None
    if asked is None:
        if parent or role_in(schema, called) is None or _WHOLE_BLOCK.search(called):
            return None
        return party_in(schema, leaf.path, called, "name")
    party, part = asked
    if not parent and role_in(schema, party) is None:
        return Party(party, part, (), party, None) if may_issue(party) else None
    return party_in(schema, parent or party, party, part)


def party_in(schema: FieldSchema, path: str, called: str, part: Part) -> Party:
    """A party of a schema, with the titles and the role that it has there.

    Args:
        schema: With the other parties.
        path: Of the party's object, or the first words of a flat field's name.
        called: The party itself, in small letters with blanks.
        part: What is asked of it.
    """
    return Party(path, part, titles_of(called, schema), called, role_in(schema, called))


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
        and not (is_kind(text) or _NO_NAME.search(text) or is_contact(text))
        and not any(end - start > len(text) / 2 for start, end, _ in find_dates(text))
    )

"""Names of fields that ask for a party's name or address: "customer_name", "delivery_address", "nome_cliente"."""

from __future__ import annotations

import re
from typing import Literal

Part = Literal["name", "address"]

_NAME = (
    r"(?:(?:company|business|legal|full) )?name|company|nom|nombre|nome|naam|nazwa|namn|navn|firma|nimi|jméno"
    r"|raison sociale|raz[oó]n social|ragione sociale|denominazione"
)
_ADDRESS = (
    r"(?:(?:postal|street|full|mailing) )?address|adresse|anschrift|direcci[oó]n|domicilio|indirizzo|adress?|adres"
    r"|morada|endere[cç]o|osoite|adresa"
)
_BEHIND = re.compile(rf"(?P<party>.+?) (?:(?P<name>{_NAME})|(?P<address>{_ADDRESS}))")
_BEFORE = re.compile(
    r"(?:(?P<name>nome?|nombre|raison sociale|raz[oó]n social|ragione sociale|denominazione)"
    r"|(?P<address>adresse|direcci[oó]n|domicilio|indirizzo|morada|endere[cç]o))"
    r" (?:(?:du|de|del|della|dell|do|da|de la|de l) )?(?P<party>.+)"
)
"""The same in languages that begin with what is asked: "direccion_titular"."""
_ALONE = re.compile(_ADDRESS)
_MEANT = {
    "billing": "bill to", "delivery": "deliver to", "invoice": "invoice to", "shipping": "ship to",
}  # fmt: skip


def part_asked(called: str) -> tuple[str, Part] | None:
    """The party that a field asks for the name or the address of; None for any other field.

    Args:
        called: The field, in small letters with blanks.
    """
    match = _BEHIND.fullmatch(called) or _BEFORE.fullmatch(called)
    if match is None:
        return None
    return _MEANT.get(match["party"], match["party"]), "name" if match["name"] else "address"


def party_named(called: str) -> str:
    """The party that a field asks for something of: "customer" of "customer address"; else the whole name."""
    asked = part_asked(called)
    return called if asked is None else asked[0]


def is_address_alone(called: str) -> bool:
    """Whether a field asks for an address and does not say whose: "address", "osoite"."""
    return _ALONE.fullmatch(called) is not None

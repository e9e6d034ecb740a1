"""Issuers: who stands at the head of a page by what the document is, as the hotel does on a folio.

A seller is at the head of its invoice, but on a purchase order that is the buyer, and on a remittance advice
the payer. Hotels, banks or employers send some kinds of documents, and are only spoken of in others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hybrid.verify.parties.titles import RECEIVES, SENDS, role_of, written_plainly

if TYPE_CHECKING:
    from hybrid.verify.parties.letterhead import Letterhead

_TURNED = re.compile(
    r"^(?:standard |blanket )?(?:purchase order|(?:remittance|payment) advice|bestellung|zahlungsavis"
    r"|bon de commande|avis de paiement|orden de compra|aviso de pago)",
    re.IGNORECASE | re.MULTILINE,
)
"""What is sent by who else receives: by the buyer, or the payer; not "Your purchase order"."""
_ANSWER = re.compile(
    r"invoice|confirm|acknowledg|rechnung|bestätigung|facture|factura", re.IGNORECASE
)
"""What is sent in answer to it, and names it as well."""
_ONE_WAY = (
    frozenset(
        [
            "to",
            "an",
            "recipient",
            "addressee",
            "empfänger",
            "destinataire",
            "destinatario",
            "issued to",
        ]
    ),
    frozenset(
        [
            "from",
            "sender",
            "issuer",
            "issued by",
            "absender",
            "expéditeur",
            "émetteur",
            "emisor",
            "remitente",
        ]
    ),
)
"""Titles of who receives any document, and of who sends any."""
_AGREEMENT = re.compile(r"agreement|contract|\blease\b|vertrag|contrat|contract", re.IGNORECASE)
"""What two parties sign, of whom one may have its name at the head."""
_LESSORS = written_plainly(
    "landlord|lessor|vermieter|bailleur|arrendador|locatore|verhuurder|wynajmujący|senhorio|hyresvärd|udlejer|utleier"
)
_ORDERS = written_plainly(
    "customer|client|buyer|purchaser|payer|kunde|käufer|besteller|auftraggeber|acheteur|cliente|comprador"
)
"""Who sends such a document."""


class _Issuer(NamedTuple):
    """Who sends some documents.

    Attributes:
        fields: What fields call it, in small letters.
        kinds: What such a document is called; None where its own name says enough.
        names: What its own name says; None where the kind says enough.
        both: Neither says enough without the other.
    """

    fields: str
    kinds: str | None
    names: str | None
    both: bool = False


_ISSUERS = tuple(
    (written_plainly(issuer.fields), issuer)
    for issuer in (
        _Issuer("hotel|hôtel", r"\bfolio\b", r"\bhotel\b|\bhôtel\b|\bresort\b|\binn\b|gasthof"),
        _Issuer(
            "university|college|school|institution|universität|hochschule|schule|université|école"
            "|universidad|escuela",
            r"transcript|\bdiploma\b|relevé de notes|expediente académico",
            r"\buniversit|\bcollege\b|\bschool\b|hochschule|schule\b|gymnasium|\bécole\b|\blycée\b|\bescuela\b",
        ),
        _Issuer(
            "employer|arbeitgeber|employeur|empleador",
            r"certificate of employment|employment certificate|arbeitszeugnis|arbeitsbescheinigung"
            r"|attestation (?:de travail|employeur)|certificado (?:de trabajo|laboral)",
            None,
        ),
        _Issuer(
            "bank|banque|banco",
            r"\b(?:account|bank|card) statement|statement of account|kontoauszug|relevé|extracto",
            r"bank\b|sparkasse|\bbanque\b|\bbanco\b|\bcredit union\b|\bbuilding society\b",
            both=True,
        ),
        _Issuer(
            "insurer|insurance company|versicherer|versicherung|assureur|aseguradora",
            None,
            r"insurance|assurance|\bmutual\b|versicherung|\bseguros\b|verzekering|assicurazion|försäkring|forsikring",
        ),
        _Issuer("carrier|shipping line", r"bill of lading|connaissement|konnossement", None),
        _Issuer("publisher|verlag", None, r"\bpublish|\bpress\b|verlag\b|\bbooks\b|\béditions\b"),
        _Issuer(
            "clinic|hospital|practice|klinik|praxis|krankenhaus|clinique|hôpital|clínica",
            None,
            r"\bclinic\b|\bhospital\b|\bpractice\b|\bsurgery\b|klinik|praxis\b|krankenhaus|\bclinique\b"
            r"|\bhôpital\b|\bclínica\b|\bmedical cent",
        ),
    )
)


def may_issue(called: str) -> bool:
    """Whether a field of that name, in small letters with blanks, may ask for who sends the document."""
    return _issuer(called) is not None


def is_turned(kinds: str) -> bool:
    """Whether who else receives documents sends this one.

    Args:
        kinds: What the document is called.
    """
    return _TURNED.search(kinds) is not None and not _ANSWER.search(kinds)


def titles_here(titles: tuple[str, ...], kinds: str) -> tuple[str, ...]:
    """A party's titles on a document: "To" is above the supplier's block on a purchase order.

    Args:
        titles: In small letters.
        kinds: What the document is called, "" where it does not say.
    """
    if not is_turned(kinds):
        return titles
    return tuple(title for title in titles if not any(title in way for way in _ONE_WAY))


def is_at_head(called: str, role: int | None, kinds: str, head: Letterhead) -> bool:
    """Whether the name at the head of a document is the party's.

    Args:
        called: The party, in small letters with blanks; no title names it.
        role: The party's.
        kinds: What the document is called, "" where it does not say.
        head: The document's.
    """
    if is_turned(kinds):
        return called in _ORDERS
    if role is not None:
        is_told = head.is_plain or head.has_address
        if called in _LESSORS and _AGREEMENT.search(kinds):
            return False
        return role == SENDS and (is_told or role_of(called) == SENDS)
    issuer = _issuer(called)
    if issuer is None or not head.is_plain:
        return False
    by_kind = _says(issuer.kinds, kinds)
    by_name = _says(issuer.names, head.name)
    return by_kind and by_name if issuer.both else by_kind or by_name


def is_in_window(role: int | None, kinds: str) -> bool:
    """Whether the name in the window of an envelope is the party's.

    Args:
        role: The party's, which no title names.
        kinds: What the document is called, "" where it does not say.
    """
    return role == (SENDS if is_turned(kinds) else RECEIVES)


def _issuer(called: str) -> _Issuer | None:
    return next((issuer for fields, issuer in _ISSUERS if called in fields), None)


def _says(pattern: str | None, text: str) -> bool:
    return pattern is not None and re.search(pattern, text, re.IGNORECASE) is not None

"""Roles of parties in a schema: who sends a document and who receives it, by what a field calls them.

A seller sends and a customer receives, whatever else a schema asks for. A landlord, a garage or a charity sends, and a
tenant, a policyholder or a donor receives, where the schema names nobody else who could: such documents
seldom write "From" and "To" above them.
"""

from __future__ import annotations

from functools import lru_cache

from hybrid.schema import FieldSchema, LeafKind
from hybrid.verify.parties.issuers import may_issue
from hybrid.verify.parties.naming import party_named
from hybrid.verify.parties.titles import (
    RECEIVES,
    SENDS,
    role_of,
    spaced,
    titles_in,
    written_plainly,
)

_SENDERS = written_plainly(
    "landlord|lessor|restaurant|shop|store|salon|photographer|translator|plumber|agent|letting agent|managing agent|estate agent|creditor|operator|utility|utility company|energy supplier|garage|workshop|repair shop|dealership|dealer|"
    "laboratory|lab|charity|organisation|organization|club|association|foundation|authority|agency|council|"
    "municipality|law firm|notary|pharmacy|airline|company|firm|contractor|freelancer|broker|organiser|organizer|"
    "vermieter|gläubiger|anbieter|netzbetreiber|versorger|energieversorger|stromanbieter|werkstatt|autohaus|labor|verein|"
    "verband|stiftung|behörde|finanzamt|gemeinde|kanzlei|notar|apotheke|unternehmen|firma|prüfstelle|aussteller|"
    "veranstalter|bailleur|créancier|acreedor|creditore|opérateur|laboratoire|organisme|mairie|commune|cabinet|notaire|pharmacie|entreprise|"
    "société|organisateur|arrendador|operador|operadora|taller|laboratorio|asociación|organismo|ayuntamiento|"
    "despacho|notaría|farmacia|empresa|entidad|compañía|locatore|operatore|gestore|officina|associazione|ente|"
    "comune|notaio|azienda|società|ditta|verhuurder|aanbieder|werkplaats|laboratorium|vereniging|stichting|"
    "gemeente|notaris|apotheek|bedrijf|wynajmujący|warsztat|stowarzyszenie|fundacja|urząd|gmina|kancelaria|"
    "senhorio|oficina|laboratório|associação|entidade|empresa|hyresvärd|verkstad|förening|stiftelse|kommun|"
    "företag|udlejer|værksted|forening|kommune|virksomhed|utleier|verksted|bedrift|vuokranantaja|yritys|"
    "pronajímatel|společnost"
)
"""Who writes what names them; banks, hotels and others that documents of others name as well are `issuers`."""
_ADDRESSEES = written_plainly(
    "tenant|renter|lessee|policyholder|policy holder|policy owner|insured|insured person|cardholder|card holder|"
    "card member|account holder|account owner|guest|student|pupil|donor|member|subscriber|taxpayer|tax payer|"
    "debtor|homeowner|property owner|owner|resident|occupier|claimant|pensioner|shareholder|investor|borrower|"
    "attendee|delegate|participant|registrant|mieter|versicherungsnehmer|kontoinhaber|karteninhaber|gast|mitglied|"
    "spender|steuerpflichtiger|schuldner|eigentümer|halter|mandant|teilnehmer|locataire|assuré|souscripteur|"
    "titulaire|adhérent|membre|donateur|abonné|contribuable|débiteur|inquilino|arrendatario|asegurado|tomador|"
    "titular|socio|donante|abonado|contribuyente|deudor|propietario|conduttore|locatario|contraente|assicurato|"
    "titolare|donatore|abbonato|contribuente|debitore|proprietario|huurder|verzekerde|verzekeringnemer|"
    "rekeninghouder|lid|abonnee|belastingplichtige|eigenaar|najemca|ubezpieczony|ubezpieczający|abonent|podatnik|"
    "dłużnik|właściciel|segurado|sócio|assinante|devedor|proprietário|arrendatário|hyresgäst|försäkringstagare|"
    "kontohavare|medlem|lejer|forsikringstager|leietaker|forsikringstaker|vuokralainen|vakuutuksenottaja|jäsen|"
    "nájemce|pojištěný|dlužník"
)
"""Who is written to in what names them."""


def role_in(schema: FieldSchema, called: str) -> int | None:
    """The role of a party in a schema; None where its name does not say, or says it of another one as well.

    Args:
        schema: With all that is asked for.
        called: The party, in small letters with blanks.
    """
    role = role_of(called)
    if role is not None:
        return role
    role = _by_nature(called)
    others = _parties(schema) - {called}
    return None if any(_role_or_nature(other) == role for other in others) else role


def titles_of(name: str, schema: FieldSchema) -> tuple[str, ...]:
    """What may be printed above the block of an object: its name, and what else such a party is called.

    Args:
        name: The last part of the object's path.
        schema: A title that is the name of another of its objects is that one's.
    """
    called = spaced(name)
    role = role_in(schema, called)
    if role is None:
        return (called,)
    others = _names(schema) - {called}
    known = (*titles_in(role), *(sorted(_ADDRESSEES) if role == RECEIVES else ()))
    return tuple(dict.fromkeys([called, *(title for title in known if title not in others)]))


def is_addressee(text: str) -> bool:
    """Whether a line is a word for who is written to, above that one's name: "Tenant", "Lejer:"."""
    return text.strip(" .:").casefold() in _ADDRESSEES


def only_sender(schema: FieldSchema) -> str | None:
    """Who sends the document, where the schema names one such party in flat fields and no party besides.

    An "address" without a word for whose it is is that one's, as on a receipt.
    """
    roles = {called: _role_or_nature(called) for called in _parties(schema)}
    known = [called for called, role in roles.items() if role is not None]
    in_object = any("." in leaf.path for leaf in schema.leaves if leaf.list_path is None)
    return known[0] if len(known) == 1 and roles[known[0]] == SENDS and not in_object else None


def _by_nature(called: str) -> int | None:
    if called in _ADDRESSEES:
        return RECEIVES
    return SENDS if called in _SENDERS else None


def _role_or_nature(called: str) -> int | None:
    role = role_of(called)
    if role is None:
        role = _by_nature(called)
    return SENDS if role is None and may_issue(called) else role


@lru_cache(maxsize=64)
def _parties(schema: FieldSchema) -> frozenset[str]:
    """What the schema calls its objects outside lists, and the parties of its text fields."""
    leaves = [leaf for leaf in schema.leaves if leaf.list_path is None]
    return frozenset(
        spaced(parent.rpartition(".")[2]) if parent else party_named(spaced(leaf.name))
        for leaf in leaves
        for parent in [leaf.path.rpartition(".")[0]]
        if parent or leaf.kind is LeafKind.TEXT
    )


@lru_cache(maxsize=64)
def _names(schema: FieldSchema) -> frozenset[str]:
    """The names of the schema's objects outside lists, and of its fields that are in none."""
    paths = [leaf.path for leaf in schema.leaves if leaf.list_path is None]
    return frozenset(spaced(p.rpartition(".")[0].rpartition(".")[2] or p) for p in paths)

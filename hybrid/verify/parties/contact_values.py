"""Values of fields that ask for an e-mail address, a website, a telephone or an IBAN, found without a key.

The only string of that shape on the pages is the field's, where the schema speaks of nobody else who could have
it; what a party's field asks for is the only one in that party's block.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from hybrid.document import Segment
from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.candidates import Candidate, candidate_at
from hybrid.verify.keys.printed_keys import printed_key
from hybrid.verify.parties.blocks import lines_with_contacts
from hybrid.verify.parties.contacts import Contact, Shape, asked_by
from hybrid.verify.parties.party import party_in, party_of
from hybrid.verify.parties.party_values import PartyPages
from hybrid.verify.parties.titles import SENDS, spaced

_ALONE = 0.5
"""Belief in the only string of a shape on the pages."""
_IN_BLOCK = 0.55
"""Belief in the only one in a party's block."""
_NOBODYS = frozenset({"", "contact", "main"})
"""In front of "email" in the name of a field, where it does not say whose it is."""
_PERSON = re.compile(r"(?!(?:full|first|last|middle|given|family|company|business|legal) ).+ name")
"""In the name of a field: somebody among others, "patient name", as nobody on a business card is."""
_ACCOUNT = frozenset(
    {"", "bank", "account", "payment", "beneficiary", "bank account", "bank details"}
)
"""In front of "IBAN", which documents have of who is to be paid."""


def contact_candidates(parties: PartyPages, leaf: Leaf) -> list[Candidate]:
    """What a field asks for by shape, where its keys found nothing.

    Args:
        parties: The document to look through.
        leaf: Outside lists.
    """
    asked = asked_by(leaf)
    if asked is None:
        return []
    shape, whose = asked
    segments = parties.pages.segments
    contacts = parties.contacts
    if not any(_fits(shape, contact.shape) for contact in contacts):
        return []
    parent = spaced(leaf.path.rpartition(".")[0].rpartition(".")[2])
    if shape is Shape.IBAN and {whose, parent} <= _ACCOUNT:
        return _only(contacts, shape, segments, leaf, _ALONE)
    if parent or whose not in _NOBODYS:
        lines = _lines_of_party(parties, leaf, parent, whose)
        inside = [contact for contact in contacts if contact.segment in lines]
        return _only(inside, shape, segments, leaf, _IN_BLOCK)
    if _speaks_of_others(parties.schema) or _is_printed(leaf, segments):
        return []
    return _only(contacts, shape, segments, leaf, _ALONE)


def _lines_of_party(parties: PartyPages, leaf: Leaf, parent: str, whose: str) -> Collection[int]:
    """Indices of the lines of a party's block; none where the field is no party's."""
    schema = parties.schema
    if parent and whose not in _NOBODYS:
        return ()
    path = leaf.path.rpartition(".")[0] or whose
    owner = next((p for x in schema.leaves if (p := party_of(x, schema)) and p.path == path), None)
    if owner is None and not parent:
        owner = party_in(schema, path, whose, "name")
    blocks = parties.blocks_of(leaf, owner) if owner is not None else []
    return {k for block in blocks for k in lines_with_contacts(parties.pages, block.lines)}


def _speaks_of_others(schema: FieldSchema) -> bool:
    """Whether the schema asks for a person, or a party other than the sender, who may have what is on the page."""
    parties = [party_of(leaf, schema) for leaf in schema.leaves]
    named = zip(schema.leaves, parties, strict=True)
    persons = (_PERSON.fullmatch(spaced(leaf.name)) for leaf, party in named if party is None)
    return any(persons) or any(p is not None and p.role not in (None, SENDS) for p in parties)


def _is_printed(leaf: Leaf, segments: Sequence[Segment]) -> bool:
    """Whether the page has one of the field's keys, beside which there is nothing."""
    keys = [printed_key(key) for key in leaf.keys]
    return any(key.match(segment.text) for segment in segments for key in keys)


def _only(
    contacts: Sequence[Contact],
    shape: Shape,
    segments: Sequence[Segment],
    leaf: Leaf,
    belief: float,
) -> list[Candidate]:
    """The only one of a shape; of telephones that do not say what they are the only number at all."""
    fitting = [contact for contact in contacts if contact.shape is shape]
    if not fitting and shape is Shape.PHONE:
        fitting = [contact for contact in contacts if _fits(shape, contact.shape)]
    if len({contact.text.casefold() for contact in fitting}) != 1:
        return []
    found = (
        candidate_at(segments[contact.segment], contact.start, contact.end, leaf, belief)
        for contact in fitting
    )
    return [candidate for candidate in found if candidate is not None][:1]


def _fits(asked: Shape, given: Shape) -> bool:
    return given is asked or (asked is Shape.PHONE and given in (Shape.NUMBER, Shape.MOBILE))

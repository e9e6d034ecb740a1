"""Parts of an address: street, postal code, city, state and country as fields of their own.

They are read from the lines of the party's block by their shapes: a postal code stands beside its city,
the street is the line above, or what is in front of it, and a country stands behind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from hybrid.document import Segment
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.verify.candidates import Candidate, candidate_at
from hybrid.verify.parties.party import Party, party_in
from hybrid.verify.parties.party_values import PartyPages
from hybrid.verify.parties.roles import role_in
from hybrid.verify.parties.titles import spaced

AddressPart = Literal["street", "code", "city", "state", "country"]

_CALLED: dict[AddressPart, str] = {
    "street": r"street(?: address| name)?|address line(?: ?1)?|line ?1|stra(?:ss|ß)e|rue|calle|via",
    "code": r"zip(?: ?code)?|postal ?code|post ?code|postcode|plz|postleitzahl|code postal|codigo postal|cp",
    "city": r"city|town|ort|stadt|ville|ciudad|citt[aà]",
    "state": r"state|province",
    "country": r"country|land|pays|pa[ií]s",
}
"""What fields call each part, in small letters."""
_FIELD = {part: re.compile(rf"(?:(?P<party>.+) )?(?:{called})") for part, called in _CALLED.items()}
_ADDRESS = re.compile(
    r"(?:(?:postal|mailing|street) )?address|adresse|anschrift|direcci[oó]n|indirizzo"
)
"""The name of an object that is no party but a party's address."""
_WORD = r"[^\W\d_][\w'’.-]*"
_PLACES = (
    re.compile(
        rf"(?P<city>{_WORD}(?: {_WORD})*)(?:, ?| )(?P<state>[A-Z]{{2}}),? ?(?P<code>\d{{5}}(?:-\d{{4}})?)(?!\d)"
    ),
    re.compile(
        rf"(?:(?P<city>{_WORD}(?: {_WORD})*),? )?(?P<code>[A-Z]{{1,2}}\d[\dA-Z]? ?\d[A-Z]{{2}})(?!\w)"
    ),
    re.compile(
        r"(?<![\w/.-])(?:[A-Z]{1,3}-)?(?P<code>\d{5}|\d{3} \d{2}|\d{4}(?: [A-Z]{2})?) "
        rf"(?P<city>['’]?{_WORD}(?: {_WORD})*)"
    ),
)
"""A place in the United States, in Britain, and on most of the continent."""
_HOUSE_NUMBER = re.compile(r"\d")
_COUNTRY = re.compile(rf"\s*,?\s*(?P<country>{_WORD}(?: {_WORD}){{0,3}})\s*")
_BELIEF = 0.6
"""In a part of the only block that is a party's."""


class _Found(NamedTuple):
    """Where a part stands: index of the line, and its characters `[start, end)`."""

    line: int
    start: int
    end: int


def part_of_address(leaf: Leaf, schema: FieldSchema) -> tuple[Party, AddressPart] | None:
    """Whose address a leaf asks for a part of, and which; None for any other leaf.

    "customer.city", "customer.address.city" and "customer_city" ask for the same.

    Args:
        leaf: Outside lists.
        schema: Whose other objects keep their names for themselves.
    """
    if leaf.kind is not LeafKind.TEXT or leaf.list_path is not None:
        return None
    owners = leaf.path.split(".")[:-1]
    if owners and _ADDRESS.fullmatch(spaced(owners[-1])):
        owners.pop()
    for part, pattern in _FIELD.items():
        match = pattern.fullmatch(spaced(leaf.name))
        if match is None:
            continue
        flat = _ADDRESS.sub("", match["party"] or "").strip()
        called = flat if not owners else spaced(owners[-1])
        if not called or (flat and owners) or (not owners and role_in(schema, called) is None):
            return None
        path = ".".join(owners) or called
        return party_in(schema, path, called, "address"), part
    return None


def address_part_candidates(parties: PartyPages, leaf: Leaf) -> list[Candidate]:
    """A part of a party's address; none where several blocks may be the party's.

    Args:
        parties: The document to look through.
        leaf: Outside lists.
    """
    asked = part_of_address(leaf, parties.schema)
    if asked is None:
        return []
    party, part = asked
    blocks = {block.lines: block for block in parties.blocks_of(leaf, party)}
    if len(blocks) != 1:
        return []
    (block,) = blocks.values()
    lines = [parties.pages.segments[k] for k in block.lines]
    found = _parts(lines).get(part)
    if found is None:
        return []
    candidate = candidate_at(lines[found.line], found.start, found.end, leaf, _BELIEF)
    return [candidate] if candidate is not None else []


def _parts(lines: Sequence[Segment]) -> dict[AddressPart, _Found]:
    """The parts of a block's address; the first line is the name. Empty without a place."""
    # A street may begin as a place on the continent does, "14470 Blondo Pkwy", but no number follows one.
    numbered = [n for n, line in enumerate(lines) if n and _HOUSE_NUMBER.search(line.text)]
    places = (
        (number, match)
        for pattern in _PLACES
        for number in numbered[-1:]
        if (match := pattern.search(lines[number].text))
    )
    number, place = next(places, (0, None))
    if place is None:
        return {}
    found: dict[AddressPart, _Found] = {}
    for part in ("code", "city", "state"):
        if part in place.re.groupindex and place[part]:
            found[part] = _Found(number, *place.span(part))
    line = lines[number].text
    before = line[: place.start()].rstrip(" ,·|")
    if _HOUSE_NUMBER.search(before):
        found["street"] = _Found(number, 0, len(before))
    elif number > 1 and _HOUSE_NUMBER.search(lines[number - 1].text):
        found["street"] = _Found(number - 1, 0, len(lines[number - 1].text.rstrip(" ,")))
    if behind := _COUNTRY.fullmatch(line, place.end()):
        found["country"] = _Found(number, *behind.span("country"))
    elif number + 1 < len(lines) and (behind := _COUNTRY.fullmatch(lines[number + 1].text)):
        found["country"] = _Found(number + 1, *behind.span("country"))
    return found

"""Numbers in titles: "NOTE D'HONORAIRES N° 2026-058" has the number of the document, whatever a schema calls it."""

from __future__ import annotations

import re

from hybrid.document import Document
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.schema.vocabulary import meanings_of
from hybrid.verify.candidates import Candidate, candidate_at
from hybrid.verify.parties.document_kinds import LARGER, is_kind, kind_asked, usual_height
from hybrid.verify.parties.titles import spaced

_FIELD = re.compile(
    r"(?P<before>.+?) (?:number|no|nr|id|ref|nummer|numero|número|numéro)"
    r"|(?:numer|numero|número|numéro|nummer|nr|no) (?:d[eiou]l? |della |de la )?(?P<behind>.+)"
)
"""What a field is the number of."""
_NUMBER = re.compile(
    r"(?:^|\s)(?:no|nr|n[°º]|nº|num|number|nummer|#)\.?\s*[:.]?\s*(?P<number>[\w][\w./-]*\d[\w./-]*)\s*$",
    re.IGNORECASE,
)
_REFERRED = re.compile(r"(?:.+ )?order|delivery(?: note)?|original .+", re.IGNORECASE)
"""What documents have the number of that are something else themselves."""
_INVOICE = re.compile(
    r"invoice|rechnung|facture|factura|fattura|factuur|faktura|fatura|lasku", re.IGNORECASE
)
_HEIGHT = 0.45
"""Of the first page, in which the title is looked for."""
_NEAR = 2.0
"""Line heights, at most, from the title to its number in a line of its own."""
_BELIEF = 0.55


def own_number_candidates(document: Document, schema: FieldSchema, leaf: Leaf) -> list[Candidate]:
    """The number of the document for a field that asks for it and whose keys found nothing.

    Args:
        document: To be looked through.
        schema: Of the leaf; none of its other fields may ask for the number of a document.
        leaf: Outside lists.

    Returns:
        One candidate, where one number alone stands in the title or right below it.
    """
    asking = [x for x in schema.leaves if x.list_path is None and _asks(x)]
    if asking != [leaf]:
        return []
    page, usual = document.pages[0], usual_height(document)
    head = [s for s in page.segments if s.box.bottom <= _HEIGHT * page.height]
    titles = [s for s in head if s.box.height > LARGER * usual and is_kind(s.text)]
    found = []
    for segment in head:
        match = _NUMBER.search(segment.text)
        if match is None:
            continue
        below = match.start() == 0 and any(
            0 <= segment.box.top - t.box.bottom <= _NEAR * segment.box.height
            and t.box.horizontal_overlap(segment.box) > 0
            for t in titles
        )
        of_invoice = any(_INVOICE.search(s.text) for s in (segment, *titles))
        if of_invoice and "invoice_number" not in meanings_of(leaf):
            return []
        if below or (segment in titles and match.start() > 0):
            found.append((segment, match.start("number"), match.end("number")))
    if len(found) != 1:
        return []
    candidate = candidate_at(*found[0], leaf, _BELIEF)
    return [candidate] if candidate is not None else []


def _asks(leaf: Leaf) -> bool:
    """Whether a field is called like the number of some kind of document."""
    kind = kind_asked(spaced(leaf.name), _FIELD) if leaf.kind is LeafKind.TEXT else None
    return kind is not None and not _REFERRED.fullmatch(kind)

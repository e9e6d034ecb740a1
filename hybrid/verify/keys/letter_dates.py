"""Dates of letters: "Landsberg, den 12. Mai 2026" at the head of a page, without a key, is when it was written."""

from __future__ import annotations

import re

from hybrid.document import Document
from hybrid.schema import FieldSchema, Leaf, LeafKind
from hybrid.schema.vocabulary import meanings_of
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.dates import find_dates
from hybrid.verify.keys.printed_keys import LONE_DATE
from hybrid.verify.parties.document_kinds import kind_asked
from hybrid.verify.parties.titles import spaced

_MEANINGS = frozenset({"document_date", "invoice_date"})
_FIELD = re.compile(
    r"(?P<before>.+?) (?:date|datum|dato)|(?:date|data|fecha) (?:d[eiou]l? |della |de la |of )?(?P<behind>.+)"
)
"""What a field is the date of."""
_HEIGHT = 0.45
"""Of the first page, in which it is looked for."""
_BEFORE = re.compile(
    r"(?:(?:[^\W\d_][^\d,:]{1,30})?(?:,|,? (?:den|le|li|lì|dnia|il|the))\s*|(?:(?:den|le|li|lì|dnia) )?)",
    re.IGNORECASE,
)
"""In front of the date: nothing, or a place."""
_BEHIND = re.compile(r"\s*(?:\.|r\.?)?\s*")
_BELIEF = 0.6


def letter_date_candidates(
    document: Document, schema: FieldSchema, leaf: Leaf, dated: str | None
) -> list[Candidate]:
    """The date of a document for a field that asks for it and whose keys found nothing.

    Args:
        document: To be looked through.
        schema: Of the leaf; none of its other fields may ask for it as well.
        leaf: Outside lists.
        dated: Path of the field that a lone "Date" would be of; None for none.

    Returns:
        One candidate, where the head of the first page has one such date only.
    """
    asking = [x.path for x in schema.leaves if x.path == dated or _asks(x)]
    if asking != [leaf.path]:
        return []
    page = document.pages[0]
    found = [
        (segment, start, end, value)
        for segment in page.segments
        if segment.box.bottom <= _HEIGHT * page.height
        for start, end, value in find_dates(segment.text, compact=False)
        if _BEFORE.fullmatch(segment.text[:start]) and _BEHIND.fullmatch(segment.text[end:])
    ]
    with_place = [one for one in found if one[0].text[: one[1]].strip()]
    found = with_place or found  # a table may have dates alone
    if len({value for *_, value in found}) != 1:
        return []
    segment, start, *_ = found[0]
    return read_candidates([segment], leaf, _BELIEF, start)[:1]


def _asks(leaf: Leaf) -> bool:
    """Whether a field is called like the date of some kind of document: "notice_date", "data_lettera"."""
    if leaf.kind is not LeafKind.DATE or leaf.list_path is not None:
        return False
    if LONE_DATE.fullmatch(leaf.name):
        return True
    is_kinds = kind_asked(spaced(leaf.name), _FIELD) is not None
    return is_kinds or not _MEANINGS.isdisjoint(meanings_of(leaf))

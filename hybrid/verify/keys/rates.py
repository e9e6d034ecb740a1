"""Rates and currencies that stand beside others' values: the 19 of "plus 19 % VAT", the EUR of "Total EUR".

Documents seldom have "Tax rate" or "Currency" as keys; where the pages know one only, it is the field's.
"""

from __future__ import annotations

import re

from hybrid.document import Document
from hybrid.schema import Leaf, LeafKind
from hybrid.schema.vocabulary import meanings_of
from hybrid.verify.candidates import Candidate, candidate_at, read_candidates

_TAX = (
    r"(?:vat|v\.a\.t\.?|gst|sales tax|mwst|ust|mehrwertsteuer|umsatzsteuer|tva|t\.v\.a\.?|iva|btw|moms|mva|alv|dph"
    r"|podatek|tax)"
)
_BETWEEN = r"\.?[\s:.(@]*(?:at|of|de|a|zu|mit|rate|sats|satz)?\s*"
_TAX_RATE = re.compile(
    rf"(?<!\w){_TAX}{_BETWEEN}(?P<behind>\d{{1,2}}(?:[.,]\d{{1,3}})?)\s?%"
    rf"|(?<![\d.,])(?P<before>\d{{1,2}}(?:[.,]\d{{1,3}})?)\s?%\s*(?:de |di |d')?{_TAX}(?!\w)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<!\w)(?:EUR|USD|GBP|CHF|NZD|AUD|CAD|JPY|CNY|INR|SGD|MYR|IDR|HKD|ZAR|BRL|MXN|TRY|AED|SEK|NOK|DKK|ISK|PLN|CZK|HUF"
    r"|RON|BGN)(?!\w)"
)
"""Codes of ISO 4217 that documents have."""
_BELIEF = 0.6


def rate_candidates(document: Document, leaf: Leaf) -> list[Candidate]:
    """The rate of tax, or the currency, for a field that asks for it and whose keys found nothing.

    Args:
        document: To be looked through.
        leaf: Outside lists.

    Returns:
        One candidate, where the pages have one rate of tax, or one code of a currency, however often.
    """
    meanings = meanings_of(leaf)
    if "tax_rate" in meanings and leaf.kind is LeafKind.NUMBER:
        pattern = _TAX_RATE
    elif "currency" in meanings and leaf.kind in (LeafKind.TEXT, LeafKind.CHOICE):
        pattern = _CODE
    else:
        return []
    found = [
        (segment, *match.span(match.lastgroup or 0))
        for segment in document.segments
        for match in pattern.finditer(segment.text)
    ]
    values = {segment.text[start:end].replace(",", ".") for segment, start, end in found}
    if len({value.rstrip("0").rstrip(".") for value in values}) != 1:
        return []
    segment, start, end = found[0]
    if leaf.kind is LeafKind.TEXT:
        candidate = candidate_at(segment, start, end, leaf, _BELIEF)
        return [candidate] if candidate is not None else []
    read = read_candidates([segment], leaf, _BELIEF, start)
    return [c for c in read if c.text.startswith(segment.text[start:end])][:1]

"""Which of the numbers on a key's row is its value: "Revenue | 3 | 48,210 | 44,975".

The first may be the number of a note, and columns may be of this year and of the last. The headings above
tell, as far as the field's own words are in them; where nothing tells, the numbers share the belief.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from hybrid.document import Segment
from hybrid.schema import Leaf, LeafKind, letters_and_digits, words_of
from hybrid.verify.keys.places import is_punctuation
from hybrid.verify.values import CURRENCY, find_spans

_BESIDE_AMOUNTS = re.compile(rf"(?:{CURRENCY}|%)\.?", re.IGNORECASE)
"""What may stand between a key and its number in a cell of its own."""
_PERCENTAGE = re.compile(r"[(@]?\s?\d+(?:[.,]\d+)?\s?%\)?")
_UNIT = re.compile(r"(?:[^\W\d_]{1,6}[²³]?\.?)?(?:\s?/\s?[^\W\d_]{1,6}[²³]?)?")
_OF_MONEY = re.compile(rf"(?:{CURRENCY}|ct|cts|cent)?\s?/", re.IGNORECASE)
"""A unit of prices: "EUR/month"."""
_MONEY = re.compile(
    r"price|preis|amount|betrag|cost|kosten|charge|fee|gebühr|total|sum|pay|zahl|prix|montant|precio|importe|prezzo|prijs|bedrag"
)
"""In the name of a field that asks for money."""
_WANTED = re.compile(
    r"\b(?:current|actual|amount|total|net|now|(?:this|current) \w+|betrag|aktuell\w*|summe|montant|importe)\b",
    re.IGNORECASE,
)
"""Headings of the columns that a field is about, unless it says otherwise."""
_UNWANTED = re.compile(
    r"\b(?:last|previous|prior|before|ytd|year to date|budget|plan|target|forecast|rate|hours|notes?|qty"
    r"|quantity|units?|discount|change|diff\w*|variance|vorjahr|vormonat|kumuliert|menge|satz)\b|%",
    re.IGNORECASE,
)
"""Headings of others."""
_YEAR = re.compile(r"\D{0,4}((?:19|20)\d\d)\D{0,3}")
_SAID = {"ytd": ("year", "date")}
"""Words that an abbreviation stands for."""
_LAST_OF_TOTALS = 0.6
"""Share of the last number beside "Total", where the columns' headings do not tell."""
_UNTOLD = 0.7
"""Share of all numbers together, of which nothing tells which it is."""
_TOTAL = re.compile(r"total|summe|gesamt|\bsum\b", re.IGNORECASE)


def numbers_on_row(
    segments: Sequence[Segment], index: int, leaf: Leaf, is_key: Callable[[str], bool]
) -> dict[int, float]:
    """The numbers to the right of a key, where there are several.

    Args:
        segments: Of a document, straight.
        index: Of the key among them.
        leaf: A number, with its words.
        is_key: Whether a text is the key of another field.

    Returns:
        Index to the share of the belief that a single number would have, for each that may be the
        value; empty where there are fewer than two.
    """
    if leaf.kind not in (LeafKind.NUMBER, LeafKind.INTEGER):
        return {}
    run = numbers_right_of(segments, index, leaf, is_key)
    run = _in_own_unit(segments, run, leaf)
    percentages = [n for n in run if _PERCENTAGE.fullmatch(segments[n].text.strip())]
    found = percentages or _without_note(segments, run)
    values = {number: find_spans(segments[number].text, leaf)[0].value for number in found}
    if len(found) < 2:
        return dict.fromkeys(found, 1.0)
    if len(set(values.values())) == 1:
        return {found[0]: 1.0}
    headings = {number: heading_above(segments, number, leaf) for number in found}
    own = set(_words(f"{leaf.name} {' '.join(leaf.keys)} {leaf.description}"))
    own -= set(_words(segments[index].text))
    scores = {number: _score(text, own) for number, text in headings.items()}
    best = [number for number, score in scores.items() if score == max(scores.values())]
    if len(best) == 1:
        return {best[0]: 1.0}
    years = {n: int(m[1]) for n in best if (m := _YEAR.fullmatch(headings[n]))}
    if len(years) == len(best):
        return {max(years, key=years.__getitem__): 1.0}
    if _TOTAL.search(segments[index].text):
        return {best[-1]: _LAST_OF_TOTALS}
    return dict.fromkeys(best, _UNTOLD / len(best))


def numbers_right_of(
    segments: Sequence[Segment], index: int, leaf: Leaf, is_key: Callable[[str], bool]
) -> list[int]:
    """Indices of the numbers right of a key, from left to right, up to other words on the row."""
    key = segments[index]
    row = sorted(
        (segment.box.left, number)
        for number, segment in enumerate(segments)
        if number != index
        and segment.page == key.page
        and segment.box.left >= key.box.center[0]
        and segment.box.shares_row(key.box)
    )
    run: list[int] = []
    for _, number in row:
        text = segments[number].text
        if is_punctuation(text) or _BESIDE_AMOUNTS.fullmatch(text.strip()):
            continue
        if _PERCENTAGE.fullmatch(text.strip()) and not find_spans(text, leaf):
            continue  # "VAT | 20 % | 60.00", of which a rate has the first
        if is_key(text) or not _is_number(text, leaf):
            break
        run.append(number)
    return run


def _is_number(text: str, leaf: Leaf) -> bool:
    """Whether a text is nothing but one number, with its unit or without."""
    rest = _unit(text, leaf)
    return rest is not None and (not letters_and_digits(rest) or _UNIT.fullmatch(rest) is not None)


def _unit(text: str, leaf: Leaf) -> str | None:
    """What stands beside the only number of a text, without its currency; None where there is not just one."""
    spans = find_spans(text, leaf)
    if len(spans) != 1:
        return None
    rest = text[: spans[0].start] + text[spans[0].end :]
    return _BESIDE_AMOUNTS.sub("", rest).strip()


def _in_own_unit(segments: Sequence[Segment], run: Sequence[int], leaf: Leaf) -> list[int]:
    """Of "2,847 kWh | 31.42 ct/kWh | 894.53" the numbers in the unit that a field names, or else of the kind.

    What is called a price or an amount is none of the numbers of days or kilograms.
    """
    if len(run) < 2:
        return list(run)
    said = f"{words_of(leaf.name)} {leaf.description}".casefold()
    units = {number: (_unit(segments[number].text, leaf) or "").casefold() for number in run}
    named = [n for n in run if len(units[n]) > 1 and units[n] in said.replace("(", " ").split()]
    if named:
        return named
    money = [n for n in run if not units[n] or _OF_MONEY.match(units[n])]
    return money if money and _MONEY.search(said) else list(run)


def _without_note(segments: Sequence[Segment], run: Sequence[int]) -> list[int]:
    """Numbers without a count or a note's number in front of amounts: "3" of "3 | 48,210"."""
    texts = [segments[number].text.strip() for number in run]
    longer = any(len(re.sub(r"\D", "", text)) > 2 for text in texts[1:])
    return list(run[1:]) if longer and re.fullmatch(r"\d{1,2}[a-z]?", texts[0]) else list(run)


def heading_above(segments: Sequence[Segment], number: int, leaf: Leaf) -> str:
    """The text above a number in its column, the nearest one that is none; "" without one."""
    cell = segments[number]
    above = sorted(
        (
            segment
            for segment in segments
            if segment.page == cell.page
            and segment.box.center[1] < cell.box.top
            and segment.box.horizontal_overlap(cell.box) > 0.5
        ),
        key=lambda s: -s.box.center[1],
    )
    for segment in above:
        if _YEAR.fullmatch(segment.text.strip()):
            return segment.text.strip()
        if not _is_number(segment.text, leaf) and _words(segment.text):
            return segment.text
    return ""


def _score(heading: str, own: set[str]) -> int:
    said = sum(word in own for word in _words(heading))
    # What the field says counts more than what such columns are usually called.
    usual = bool(_WANTED.search(heading)) - bool(_UNWANTED.search(heading))
    return 2 * said + (usual if not said else 0)


def _words(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", text.casefold())
    return [part for word in words for part in _SAID.get(word, (word,)) if len(part) > 1]

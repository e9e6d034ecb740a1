"""Lines of names and addresses: what tells them from other lines, and which of them belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from hybrid.document import Segment, mean_confidence, segment_of
from hybrid.verify.dates import find_dates
from hybrid.verify.parties.party import is_contact

_OTHER_LETTERS = 1.2
"""Times as high as another line are the letters of another block, at least."""
_OTHER_BOX = 1.4
"""The same for boxes of OCR, which are as high as the letters that happen to be in a line."""
_SENTENCE = (6, 3)
"""Words of a line that ends in a full stop, and such in small letters, at least, that make it a sentence."""
_RUNNING = 6
"""Words in small letters that make a line running text wherever it ends."""
_SEPARATORS = frozenset("·•|")
"""Words that part a name from an address in one line: "Weber GmbH · Lindenstr. 7 · 10969 Berlin"."""
_DASHES = frozenset("-–—")
"""The same in a line with a postal code."""
_HOUSE_NUMBER = re.compile(r"^\s*\d|\d\s?[a-z]?\s*$", re.IGNORECASE)
"""At the beginning of a street, or at its end."""
_POSTAL_CODE = re.compile(r"\b\d{4,6}\b|\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b")
_BRITISH = r"\b(?:[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]\d[\dW] ?[A-Z]{1,2}\d{1,2}[A-Z\d]?)\b"
"""British, Canadian and Irish postal codes."""
_CODE = r"(?:\d{5}(?:-\d{3})?|\d{4}(?: [A-Z]{2}|-\d{3})?|\d{3} \d{2}|\d{2}-\d{3})"
"""Postal codes in front of cities: German, Dutch, Portuguese, Swedish, Polish, Brazilian."""
_AUSTRALIAN = r"\b(?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT),? \d{4}\b"
_PLACE = re.compile(
    rf"{_BRITISH}|{_AUSTRALIAN}|\b[A-Z]{{2}} \d{{5}}(?:-\d{{4}})?\b"
    rf"|(?<![\w/.-])(?:[A-Z]{{1,3}}-)?{_CODE} ['’]?[A-ZÄÁÖÓÜÉÅØŁŚŻČŠŽ][^\W\d_]{{2,}}"
)
"""A postal code and its city, wherever a line has them."""
_CITY = re.compile(
    rf"(?:[^\W\d_][\w'’.-]*,? )*{_BRITISH}|[^\d]{{2,}}{_AUSTRALIAN}|[^\d]{{2,}} [A-Z]{{2}},? \d{{5}}(?:-\d{{4}})?"
    rf"|(?:[A-Z]{{1,3}}-)?{_CODE} ['’]?[^\W\d_]{{3}}[^\d:]*"
)
"""A line that is a postal code and a city, and perhaps a country."""


def is_sentence(text: str) -> bool:
    """Whether a line is a sentence or a part of one, not a line of a name or an address."""
    words = text.split()
    small = sum(word[0].islower() for word in words)
    ends = text.rstrip().endswith((".", "!", "?"))
    return small >= _RUNNING or (ends and len(words) >= _SENTENCE[0] and small >= _SENTENCE[1])


def is_city(text: str) -> bool:
    """Whether a line is a postal code and a city: "50674 Köln", "Spokane WA 99201"."""
    return _CITY.fullmatch(text.strip()) is not None


def place_in(text: str) -> str | None:
    """A postal code and what stands beside it, wherever a line has them."""
    match = _PLACE.search(text)
    return match[0] if match else None


def parted(line: Segment) -> tuple[Segment, Segment | None]:
    """A line with separators as its name and the rest; without, the line and None."""
    places = [n for n, word in enumerate(line.words) if word.text in _SEPARATORS]
    dashes = [n for n, word in enumerate(line.words) if word.text in _DASHES]
    words_behind = [w for w in line.words[dashes[0] :] if w.text.isalpha()] if dashes else []
    if not places and len(words_behind) > 1 and _POSTAL_CODE.search(line.text):
        places = dashes
    if not places or places[0] == 0 or places[0] == len(line.words) - 1:
        return line, None
    name, rest = line.words[: places[0]], line.words[places[0] + 1 :]
    return segment_of(line.id, line.page, name), segment_of(line.id, line.page, rest)


def address_in(lines: Sequence[Segment]) -> list[Segment]:
    """The lines below a name without what is no address: slogans, telephones behind strokes, dates.

    Args:
        lines: From top to bottom.

    Returns:
        Whole lines, or what of them is of the address; none where a line has a date.
    """
    if any(True for line in lines for _ in find_dates(line.text)):
        return []
    if len(lines) > 1 and lines[0].text.isupper() and not any(x.text.isupper() for x in lines[1:]):
        lines = lines[1:]  # "STATIONERS" below the name
    kept: list[Segment] = []
    for line in lines:
        parts = _parts(line)
        own = [part for part in parts if not is_contact(part.text)]
        places = [k for k, part in enumerate(own) if place_in(part.text)]
        if len(parts) > 1 and place_in(line.text):
            # Behind the city stands what else there is to say.
            own = own[: 1 + max(places, default=-1)]
        elif len(parts) > 1:  # no slogan
            own = [part for part in own if any(map(str.isdigit, part.text))]
        if own:
            first, last = (line.words.index(w) for w in (own[0].words[0], own[-1].words[-1]))
            kept.append(segment_of(line.id, line.page, line.words[first : last + 1]))
    return kept


def _parts(line: Segment) -> list[Segment]:
    """A line cut at dots, bullets and strokes."""
    cuts = [n for n, word in enumerate(line.words) if word.text in _SEPARATORS]
    edges = [-1, *cuts, len(line.words)]
    words = [line.words[a + 1 : b] for a, b in pairwise(edges)]
    return [segment_of(line.id, line.page, own) for own in words if own] if cuts else [line]


def is_whole_address(line: Segment) -> bool:
    """Whether a line is a name and an address, not "Lindenallee 44 · 50968 Köln", an address alone."""
    name, rest = parted(line)
    if rest is None or _HOUSE_NUMBER.search(name.text):
        return False
    return _POSTAL_CODE.search(rest.text) is not None or place_in(rest.text) is not None


def change_of_letters(above: Segment, below: Segment) -> int:
    """1 where the lower line's letters are larger by far, -1 where they are smaller, else 0."""
    read = mean_confidence((*above.words, *below.words)) is not None
    most = _OTHER_BOX if read else _OTHER_LETTERS
    upper, lower = above.box.height, below.box.height
    return (lower > most * upper) - (upper > most * lower)

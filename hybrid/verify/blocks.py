"""Blocks of lines: those under "Bill to", and the letterhead, from which parties are read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from hybrid.document import BoundingBox, Document, Segment, mean_confidence, segment_of
from hybrid.schema import FieldSchema, Leaf
from hybrid.verify.candidates import Candidate, read_candidates
from hybrid.verify.document_kinds import is_kind
from hybrid.verify.parties import Party, is_contact, may_be_a_name, party_of
from hybrid.verify.places import line_below
from hybrid.verify.printed_keys import KeyedPages, is_a_key, printed_key
from hybrid.verify.titles import every_title, is_title, object_titles

IsKey = Callable[[str], bool]

_UNDER_TITLE = 0.65
"""Belief in a party below its title, as in any text beside its key (`hybrid.verify.keys`)."""
_AT_HEAD = 0.5
"""At the head of a page: the name is right on 267 of SROIE's 532 `fit` receipts."""
_MOST_LINES = 6
_CLOSE = 1.2
"""Line heights between two lines of a block, at most."""
_FIRST = 2.0
"""Line heights between a title and the first line of its block, at most."""
_ALIGNED = 1.0
"""Line heights between the left edges of a block's lines, at most."""
_HEAD = 0.3
"""Of a page's height, in which the letterhead is looked for."""
_LARGER = 1.15
"""Times as high as the first line is a line that is the name in its place."""
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
_HOUSE_NUMBER = re.compile(r"^\s*\d|\d\s?[a-z]?\s*$", re.IGNORECASE)
"""At the beginning of a street, or at its end."""
_POSTAL_CODE = re.compile(r"\b\d{4,6}\b|\b[A-Z]{1,2}\d[\dA-Z]? ?\d[A-Z]{2}\b")


@dataclass(frozen=True)
class Block:
    """Lines of one party.

    Attributes:
        lines: Indices of segments, from top to bottom; the first one is the name.
        start: Characters of the first one that are its title.
    """

    lines: tuple[int, ...]
    start: int = 0


def party_candidates(
    document: Document, pages: KeyedPages, leaf: Leaf, party: Party, schema: FieldSchema
) -> list[Candidate]:
    """A party's name, or its address, from the blocks that may be its own.

    Args:
        document: For the heights of its pages.
        pages: The same, to be looked through.
        leaf: The name or the address.
        party: Whose.
        schema: Of the leaf. No line of a block begins with one of its keys, and where it asks for the
            name as well, the address is what follows it.
    """
    keys = [printed_key(key) for x in schema.leaves for key in x.keys]
    objects = object_titles(schema)

    def is_key(text: str) -> bool:
        return is_a_key(text, keys) or is_title(text) or (objects != () and is_title(text, objects))

    with_name = any(
        (other := party_of(x, schema)) and (other.path, other.part) == (party.path, "name")
        for x in schema.leaves
    )
    blocks, belief = list(_titled(pages, party.titles, is_key)), _UNDER_TITLE
    if not blocks and party.sends:
        blocks, belief = list(_letterhead(document, pages, is_key)), _AT_HEAD
    found: list[Candidate] = []
    for block in blocks:
        lines, start = [pages.segments[k] for k in block.lines], block.start
        name, rest = _parted(lines[0])
        if party.part == "name":
            lines = [name]
        elif with_name:
            lines, start = ([rest] if rest is not None else lines[1:]), 0
        if lines:
            found += read_candidates(lines, leaf, belief, start)
    return found


def _parted(line: Segment) -> tuple[Segment, Segment | None]:
    """A line with separators as its name and the rest; without, the line and None."""
    places = [n for n, word in enumerate(line.words) if word.text in _SEPARATORS]
    if not places or places[0] == 0 or places[0] == len(line.words) - 1:
        return line, None
    name, rest = line.words[: places[0]], line.words[places[0] + 1 :]
    return segment_of(line.id, line.page, name), segment_of(line.id, line.page, rest)


def _titled(pages: KeyedPages, titles: tuple[str, ...], is_key: IsKey) -> Iterator[Block]:
    for index, segment in enumerate(pages.segments):
        if segment.id in pages.headings:
            continue
        if is_title(segment.text, titles):
            first = line_below(pages.straight, index, (), _FIRST, _is_aligned)
            if first is not None and is_contact(pages.segments[first].text):  # "Attn: Jane Smith"
                first = line_below(pages.straight, first, (index,), _CLOSE, _is_aligned)
            if first is not None and _may_be_a_name(pages.segments[first].text, is_key):
                yield Block(_block(pages, first, is_key))
            continue
        start = _title_in_line(segment.text, titles)
        if start and may_be_a_name(segment.text[start:]):
            yield Block(_block(pages, index, is_key), start)


def _letterhead(document: Document, pages: KeyedPages, is_key: IsKey) -> Iterator[Block]:
    """The block at the head of the first page: its name is the largest of the lines, or the first."""
    page = document.pages[0]
    of_others = {line for block in _titled(pages, every_title(), is_key) for line in block.lines}
    head = [
        k
        for k, s in enumerate(pages.straight)
        if s.page == page.number
        and s.box.bottom <= _HEAD * page.height
        and k not in of_others
        and _may_be_a_name(s.text, is_key)
    ]
    if not head:
        return
    first = min(head, key=lambda k: pages.straight[k].box.center[1])
    largest = max(head, key=lambda k: pages.straight[k].box.height)
    if pages.straight[largest].box.height > _LARGER * pages.straight[first].box.height:
        first = largest
    # The line of who sends it in the window of an envelope, above the larger one of who receives it.
    in_one = [k for k in head if _is_whole_address(pages.segments[k])]
    first = in_one[0] if in_one else first
    yield Block(_block(pages, first, is_key))


def _is_whole_address(line: Segment) -> bool:
    """Whether a line is a name and an address, not "Lindenallee 44 · 50968 Köln", an address alone."""
    name, rest = _parted(line)
    if rest is None or _HOUSE_NUMBER.search(name.text):
        return False
    return _POSTAL_CODE.search(rest.text) is not None


def _may_be_a_name(text: str, is_key: IsKey) -> bool:
    return may_be_a_name(text) and not is_key(text)


def _block(pages: KeyedPages, first: int, is_key: IsKey) -> tuple[int, ...]:
    """The lines that follow a first one closely and begin, end or are centred where it is.

    They end at a key, a sentence, what the document is, or where the letters change: the name may be larger than the rest, but
    small letters between it and others of its size are the title of the next block.
    """
    texts, straight = pages.segments, pages.straight
    lines, seen = [first], [first]
    while len(lines) < _MOST_LINES:
        following = line_below(straight, seen[-1], seen, _CLOSE, _is_aligned)
        if following is None or is_key(texts[following].text):
            break
        text = texts[following].text
        if _title_in_line(text, every_title()) or is_sentence(text) or is_kind(text):
            break
        change = _change_of_letters(texts[seen[-1]], texts[following])
        if change and not (change < 0 and len(seen) == 1):
            back = _change_of_letters(texts[first], texts[following]) == 0
            lines = lines[:1] if change > 0 and back else lines
            break
        seen.append(following)
        if not is_contact(texts[following].text):
            lines.append(following)
        elif len(lines) > 1:  # a number between name and address is no end of the block
            break
    return tuple(lines)


def _change_of_letters(above: Segment, below: Segment) -> int:
    """1 where the lower line's letters are larger by far, -1 where they are smaller, else 0."""
    read = mean_confidence((*above.words, *below.words)) is not None
    most = _OTHER_BOX if read else _OTHER_LETTERS
    upper, lower = above.box.height, below.box.height
    return (lower > most * upper) - (upper > most * lower)


def is_sentence(text: str) -> bool:
    """Whether a line is a sentence or a part of one, not a line of a name or an address."""
    words = text.split()
    small = sum(word[0].islower() for word in words)
    ends = text.rstrip().endswith((".", "!", "?"))
    return small >= _RUNNING or (ends and len(words) >= _SENTENCE[0] and small >= _SENTENCE[1])


def _is_aligned(above: BoundingBox, below: BoundingBox, height: float) -> bool:
    apart = (
        above.left - below.left,
        above.center[0] - below.center[0],
        above.right - below.right,
    )
    return min(map(abs, apart)) <= _ALIGNED * height


def _title_in_line(text: str, titles: tuple[str, ...]) -> int:
    """Characters of a text up to what follows a title and a colon; 0 where it does not begin so."""
    match = _any_title(titles).match(text)
    return match.end() if match else 0


@lru_cache(maxsize=256)
def _any_title(titles: tuple[str, ...]) -> re.Pattern[str]:
    longest = sorted(titles, key=len, reverse=True)
    either = "|".join(f"(?:{printed_key(title).pattern})" for title in longest)
    return re.compile(rf"\s*(?:{either})\s*[:：]\s*(?=\S)", re.IGNORECASE)

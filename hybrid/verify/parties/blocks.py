"""Blocks of lines: which lines follow each other as a name and its address do, under "Bill to" and elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from hybrid.document import BoundingBox
from hybrid.schema.vocabulary import folded
from hybrid.verify.keys.likeness import without_brackets
from hybrid.verify.keys.places import line_below
from hybrid.verify.keys.printed_keys import KeyedPages
from hybrid.verify.parties.address_lines import change_of_letters, is_sentence, place_in
from hybrid.verify.parties.document_kinds import is_kind
from hybrid.verify.parties.party import is_contact, may_be_a_name
from hybrid.verify.parties.titles import every_title, is_title

IsKey = Callable[[str], bool]

_MOST_LINES = 6
_CLOSE = 1.2
"""Line heights between two lines of a block, at most."""
_FIRST = 2.0
"""Line heights between a title and the first line of its block, at most."""
_BEHIND_COLON = re.compile(r"(?P<title>[^:：]{1,60}?)\s*[:：]\s*(?=\S)")
_ALIGNED = 1.0
"""Line heights between the left edges of a block's lines, at most."""


@dataclass(frozen=True)
class Block:
    """Lines of one party.

    Attributes:
        lines: Indices of segments, from top to bottom; the first one is the name.
        start: Characters of the first one that are its title.
        names: How many of them are the name.
    """

    lines: tuple[int, ...]
    start: int = 0
    names: int = 1


def titled_blocks(pages: KeyedPages, titles: tuple[str, ...], is_key: IsKey) -> Iterator[Block]:
    """The blocks below titles, or behind them in their line.

    Args:
        pages: To be looked through.
        titles: In small letters.
        is_key: Whether a line begins with a key or is a title, and so is in no block.
    """
    for index, segment in enumerate(pages.segments):
        if segment.id in pages.headings:
            continue
        if is_title(segment.text, titles):
            first = line_below(pages.straight, index, (), _FIRST, _is_aligned)
            if first is not None and is_contact(pages.segments[first].text):  # "Attn: Jane Smith"
                first = line_below(pages.straight, first, (index,), _CLOSE, _is_aligned)
            if first is not None and is_name(pages.segments[first].text, is_key):
                yield Block(block_from(pages, first, is_key))
            continue
        start = _title_in_line(segment.text, titles)
        if start and may_be_a_name(segment.text[start:]):
            yield Block(block_from(pages, index, is_key), start)


def is_name(text: str, is_key: IsKey) -> bool:
    """Whether a line may be a name and is no key."""
    return may_be_a_name(text) and not is_key(text)


def block_from(
    pages: KeyedPages, first: int, is_key: IsKey, taken: Collection[int] = ()
) -> tuple[int, ...]:
    """The lines that follow a first one closely and begin, end or are centred where it is.

    They end at a key, a sentence, what the document is, or where the letters change: the name may be larger than the rest, but
    small letters between it and others of its size are the title of the next block.

    Args:
        pages: Of the block.
        first: Index of the first line.
        is_key: Whether a line begins with a key or is a title.
        taken: Indices of lines that are of other blocks.
    """
    texts, straight = pages.segments, pages.straight
    lines, seen = [first], [first]
    while len(lines) < _MOST_LINES:
        following = line_below(straight, seen[-1], seen, _CLOSE, _is_aligned)
        if following is None or following in taken:
            break
        text = texts[following].text
        if (
            is_key(text)
            or _title_in_line(text, every_title())
            or is_sentence(text)
            or is_kind(text)
        ):
            break
        change = change_of_letters(texts[seen[-1]], texts[following])
        in_two = len(seen) == 2 and not any(map(str.isdigit, texts[seen[1]].text))
        if change and not (change < 0 and (len(seen) == 1 or in_two)):
            back = change_of_letters(texts[first], texts[following]) == 0
            lines = lines[:1] if change > 0 and back else lines
            break
        seen.append(following)
        if not is_contact(text) or place_in(text):
            lines.append(following)
        elif len(lines) > 1:  # a number between name and address is no end of the block
            break
    return tuple(lines)


def lines_with_contacts(pages: KeyedPages, block: Sequence[int]) -> list[int]:
    """The lines of a block, those of telephones and the like that it passes over, and such right below it.

    Args:
        pages: Of the block.
        block: Indices of its lines.
    """
    lines = [block[0]]
    while True:
        following = line_below(pages.straight, lines[-1], lines, _CLOSE, _is_aligned)
        if following is None:
            return lines
        if following not in block and not is_contact(pages.segments[following].text):
            return lines
        lines.append(following)


def _is_aligned(above: BoundingBox, below: BoundingBox, height: float) -> bool:
    apart = (
        above.left - below.left,
        above.center[0] - below.center[0],
        above.right - below.right,
    )
    return min(map(abs, apart)) <= _ALIGNED * height


def _title_in_line(text: str, titles: tuple[str, ...]) -> int:
    """Characters of a text up to what follows a title and a colon; 0 where it does not begin so."""
    match = _BEHIND_COLON.match(text)
    if match is None:
        return 0
    return match.end() if folded(without_brackets(match["title"])) in _all_folded(titles) else 0


@lru_cache(maxsize=256)
def _all_folded(titles: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(folded, titles))

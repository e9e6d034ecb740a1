"""Entities of CORD-r out of labelled words, and the keys by which they are compared.

An entity is equal to a gold one when its label and its set of characters are, blanks ignored.
The release numbers the characters of a file through; a word's number is that of its first
character, and its characters have no gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hybrid.document import BoundingBox, Document, Segment

from ..datasets.base import BACKGROUND, Entity


@dataclass(frozen=True)
class WordSpan:
    """Words of one label that follow each other on one row.

    Attributes:
        label: Never the background.
        text: The words, joined by blanks.
        page: From 1.
        box: Around the words.
        places: Of the words among the document's segments, from 0.
        released_ids: The words' numbers in the release.
        key: Of its characters, as `characters_key` writes them.
    """

    label: str
    text: str
    page: int
    box: BoundingBox
    places: tuple[int, ...]
    released_ids: tuple[int, ...]
    key: str

    @property
    def path(self) -> str:
        """The words' numbers in the release, joined by blanks."""
        return " ".join(map(str, self.released_ids))


def spans_of_words(
    document: Document,
    labels: Sequence[str],
    released_ids: Sequence[int],
    background: str = BACKGROUND,
) -> tuple[WordSpan, ...]:
    """Merges labelled words into entities along their rows.

    A word joins the entity of the word before it, in reading order, where both have the same label,
    are on the same page, and overlap vertically; the background ends an entity.

    Args:
        document: Each segment is one word.
        labels: One a segment.
        released_ids: For each segment the release's number of its first character.
        background: The label of words that belong to no entity.

    Returns:
        The entities in reading order; none where all words are background.
    """
    runs: list[list[int]] = []
    previous: Segment | None = None
    for place, (segment, label) in enumerate(zip(document.segments, labels, strict=True)):
        if label == background:
            previous = None
            continue
        goes_on = (
            previous is not None
            and labels[place - 1] == label
            and previous.page == segment.page
            and previous.box.shares_row(segment.box)
        )
        if goes_on:
            runs[-1].append(place)
        else:
            runs.append([place])
        previous = segment
    return tuple(_span(document, labels, released_ids, run) for run in runs)


def _span(
    document: Document, labels: Sequence[str], released_ids: Sequence[int], run: list[int]
) -> WordSpan:
    words = [document.segments[k] for k in run]
    return WordSpan(
        label=labels[run[0]],
        text=" ".join(word.text for word in words),
        page=words[0].page,
        box=BoundingBox.union_of(word.box for word in words),
        places=tuple(run),
        released_ids=tuple(released_ids[k] for k in run),
        key=characters_key(
            c for k in run for c in word_characters(document.segments[k], released_ids[k])
        ),
    )


def word_characters(word: Segment, released_id: int) -> range:
    """The release's numbers of a word's characters.

    Args:
        word: A segment of one word without blanks.
        released_id: The number of its first character.
    """
    return range(released_id, released_id + len(word.text))


def entity_key(entity: Entity, document: Document, released_ids: Sequence[int]) -> str:
    """The key of a gold entity: its characters without the blanks among them.

    Args:
        entity: With the release's `character_ids`.
        document: The document that it is of; each segment is one word.
        released_ids: For each segment the release's number of its first character.

    Returns:
        As `characters_key` writes it; "" for an entity of blanks only.
    """
    printed = {
        c
        for segment, first in zip(document.segments, released_ids, strict=True)
        for c in word_characters(segment, first)
    }
    return characters_key(c for c in entity.character_ids if c in printed)


def characters_key(characters: Iterable[int]) -> str:
    """A set of character numbers as one string, the same for every order: "120-125,130".

    Args:
        characters: In any order; what is repeated counts once.

    Returns:
        Ranges of consecutive numbers in ascending order, joined by commas; "" for none.
    """
    ranges: list[list[int]] = []
    for number in sorted(set(characters)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(f"{low}-{high}" if high > low else f"{low}" for low, high in ranges)

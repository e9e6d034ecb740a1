"""Texts by their letters and digits, with the way back to the place of each character.

Written apart from the grounding code of the extractor on purpose: the harness would be no check of
that code if it shared it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

_SHORT = 3
"""Up to so many letters and digits a text has to stand there as whole words."""


@lru_cache(maxsize=65_536)
def fold_character(character: str) -> str:
    """The letters and digits of one character: case folded, without accents, often empty."""
    plain = unicodedata.normalize("NFKD", character.casefold())
    return "".join(c for c in plain.casefold() if c.isalnum())


def fold(text: str) -> str:
    """Letters and digits only, case folded, without accents ("CAFÉ No. 1" is "cafeno1")."""
    return "".join(map(fold_character, text))


@dataclass(frozen=True)
class Place:
    """Where a character of the folded text comes from: `texts[text][offset]`."""

    text: int
    offset: int


class FoldedTexts:
    """Several texts, folded and joined without blanks, in their order.

    Args:
        texts: In reading order.
        folded: What is left of a character.

    Attributes:
        joined: All the letters and digits.
        parts: The letters and digits of each text.
    """

    def __init__(self, texts: Sequence[str], folded: Callable[[str], str] = fold_character) -> None:
        characters: list[str] = []
        self._places: list[tuple[int, int]] = []
        self._starts: list[bool] = []
        self.parts: list[str] = []
        self._begins: list[int] = []
        for number, text in enumerate(texts):
            begin = len(characters)
            self._begins.append(begin)
            fresh = True
            for offset, character in enumerate(text):
                left = folded(character)
                for letter in left:
                    characters.append(letter)
                    self._places.append((number, offset))
                    self._starts.append(fresh)
                    fresh = False
                if not left and not _inside_number(text, offset):
                    fresh = True
            self.parts.append("".join(characters[begin:]))
        self._starts.append(True)
        self.joined = "".join(characters)

    def place(self, index: int) -> Place:
        """The origin of the character at `joined[index]`."""
        return Place(*self._places[index])

    def bounded(self, start: int, end: int) -> bool:
        """Whether `joined[start:end]` tears no number apart, nor a word where it is short itself.

        "9" is not in "29" nor in "9.00"; "acme" is in "acmestore", but "no" is not in "north".
        """
        if end - start <= _SHORT:
            return self._starts[start] and self._starts[end]
        joined = self.joined
        for edge in (start, end):
            torn = 0 < edge < len(joined) and joined[edge - 1].isdigit() and joined[edge].isdigit()
            if torn and not self._starts[edge]:
                return False
        return True

    def has_words(self, number: int, wanted: str) -> bool:
        """Whether a folded text stands in the text of that number as whole words."""
        begin, part = self._begins[number], self.parts[number]
        start = part.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            if self._starts[begin + start] and (end == len(part) or self._starts[begin + end]):
                return True
            start = part.find(wanted, start + 1)
        return False

    def find(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Every `(start, end)` in `joined` at which the folded text stands unmutilated."""
        start = self.joined.find(wanted) if wanted else -1
        while start >= 0:
            end = start + len(wanted)
            if self.bounded(start, end):
                yield start, end
            start = self.joined.find(wanted, start + 1)


def _inside_number(text: str, offset: int) -> bool:
    """Whether the character is a separator between two digits, as in "12.20"."""
    return (
        text[offset] in ".,"
        and 0 < offset < len(text) - 1
        and text[offset - 1].isdigit()
        and text[offset + 1].isdigit()
    )

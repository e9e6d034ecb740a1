"""The vocabulary of business documents: what one meaning is called in field names and on pages.

`due_date` is printed as "Payment due", "Zahlbar bis" or "Échéance". The words are in `vocabulary.toml`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from hybrid.schema.nodes import Leaf
from hybrid.schema.words import bare, letters_and_digits, plain_words, without_unit, words_of

_FILE = Path(__file__).with_name("vocabulary.toml")
_SMALL_WORD = re.compile(
    r"of|the|a|de|du|des|la|les?|el|dell?|di|d[ao]|dell[ao]|[dl]|van|der|f(?:ue)?r|for|in"
)
"""Without which a name is the same."""


@dataclass(frozen=True)
class Term:
    """A name of a meaning.

    Attributes:
        text: As it may be printed.
        folded: Its letters and digits, in small letters without accents.
        meaning: An entry of the vocabulary, the same in all languages.
        in_list: Whether it is for fields of lists, which are columns of tables.
    """

    text: str
    folded: str
    meaning: str
    in_list: bool


@cache
def vocabulary() -> tuple[Term, ...]:
    """All terms, in the order of the file."""
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(
        Term(text, folded(text), meaning, in_list)
        for scope, in_list in (("document", False), ("item", True))
        for meaning, lines in content[scope].items()
        for text in dict.fromkeys(t.strip() for t in re.split(r"[,\n]", lines) if t.strip())
    )


@lru_cache(maxsize=1024)
def meanings_of(leaf: Leaf) -> frozenset[str]:
    """What the name of a leaf means; empty where the vocabulary does not have it."""
    return meanings_named(leaf.name, in_list=leaf.list_path is not None)


def meanings_named(name: str, *, in_list: bool) -> frozenset[str]:
    """The same for a name such as "due_date", of a field outside lists or in one."""
    return _meanings(in_list).get(bag_of(words_of(without_unit(name))), frozenset())


@lru_cache(maxsize=16_384)
def folded(text: str) -> str:
    """Letters and digits in small letters, without accents; a word for "number" is "no"."""
    return letters_and_digits(plain_words(text))


@lru_cache(maxsize=16_384)
def bag_of(name: str) -> tuple[str, ...]:
    """The words of a name in the order of the alphabet, without small ones: "total net" is "net_total"."""
    words = re.findall(r"[^\W_]+", plain_words(name))
    return tuple(sorted(word for word in words if not _SMALL_WORD.fullmatch(word)))


@cache
def _meanings(in_list: bool) -> dict[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for term in vocabulary():
        if term.in_list is in_list:
            for bag in {bag_of(term.text), bag_of(bare(term.text))}:  # "määrä" is "maara" in names
                found.setdefault(bag, set()).add(term.meaning)
    return {bag: frozenset(meanings) for bag, meanings in found.items()}

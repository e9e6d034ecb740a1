"""Without its name: what an LLM copied together with the words that only name it."""

from __future__ import annotations

import re

from hybrid.schema import Leaf, LeafKind, plain_words

_FEWEST_DIGITS = 3
_NUMBER = "no"
"""As `plain_words` writes all words for it."""


def without_name(value: str, leaf: Leaf) -> str:
    """A code without the name of its field: "61 884 207 315" of "ABN 61 884 207 315" for `abn`.

    Small models copy the whole line, whatever they are told. Only what is left without small letters and has
    digits is told from its name for sure: an address may begin with "Unit".

    Args:
        value: As the LLM wrote it.
        leaf: Its field, with its keys.
    """
    if leaf.kind is not LeafKind.TEXT:
        return value
    known = {word for key in leaf.keys for word in _words(key)} | {_NUMBER}
    words = value.split()
    named = 0
    while named < len(words) and (own := _words(words[named])) and known.issuperset(own):
        named += 1
    rest = " ".join(words[named:])
    is_code = sum(c.isdigit() for c in rest) >= _FEWEST_DIGITS and not any(
        c.islower() for c in rest
    )
    return rest if named and is_code else value


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", plain_words(text))
